"""What the use cases need from outside, as small Protocols; `vad.adapters` makes them real.

`records` may raise `StoreUnavailableError`, `volatile` likewise; `outside` may raise `RegisterUnavailableError`.
"""
