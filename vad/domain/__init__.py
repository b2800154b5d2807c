"""The rules of VAD: pure Python, no I/O, no framework, no clock of its own.

Time comes in as `at`, an aware UTC datetime. Use cases live in `vad.services`.
"""
