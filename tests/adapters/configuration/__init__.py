"""Tests of `vad.adapters.configuration`."""
