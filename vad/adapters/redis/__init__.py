"""What may be lost: sessions, requests on their way, codes, replay guards and short-lived caches, in Redis.

Everything durable lives in `vad.adapters.postgres`. Every key carries a hash tag and no command names two keys, so a
Redis Cluster works; single use is one command or one script. Redis sees no cookie, code or `state` in clear.
"""
