"""OpenID Connect over HTTP: one file per endpoint, `grants/` one file per grant type.

Authlib's classes live here and only translate; the rules are in `vad.services`, the tokens in `vad.adapters.jose`.
"""
