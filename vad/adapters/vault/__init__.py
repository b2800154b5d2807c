"""The key vault: the master key, the keys it wraps, and what only keys can do (sealing, keyed look-up).

Keys are stored in PostgreSQL (`vad.adapters.postgres`) and only opened here; tokens are made in `vad.adapters.jose`.
"""
