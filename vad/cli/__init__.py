"""The `vad` command, one file per command: read settings, call one use case or adapter, say what came of it."""
