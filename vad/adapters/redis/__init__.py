"""What may be lost: sessions, requests on their way, codes, replay guards and short-lived caches, in Redis.

Everything durable lives in `vad.adapters.postgres`. Every key carries a hash tag and no command names two keys, so a
Redis Cluster works as well as one server or Sentinel; single use is one command or one script.

What finds a value (a cookie, code, flow or DigiD's `state`) stands there as a keyed hash, and names are sealed. The
other values are in clear: of an authorization request the app's `state` and `nonce`, of a visit to DigiD its `nonce`
and `code_verifier`, of a session the person's id. Whoever reads Redis opens no session with them, but Redis belongs in
VAD's own network, behind a password and TLS.
"""
