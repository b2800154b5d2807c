"""VAD's own JSON API over HTTP."""
