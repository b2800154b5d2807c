"""What may be lost: sessions, requests on their way, codes, replay guards and short-lived caches, in Redis.

Everything durable lives in `vad.adapters.postgres`. Every key carries a hash tag and no command names two keys, so a
Redis Cluster works as well as one server or Sentinel; single use is one command or one script.

What finds a value (a cookie, code, flow or DigiD's `state`) stands there as a keyed hash. Sealed are names, what the
register said of minors, what was filled in on a consent page, and requests to log out. The other values are in clear:

- of an authorization request, pushed ones too, all that the app asked (which app, redirect URI, scope, sources,
  `state`, `nonce`, `code_challenge`, and the pairwise subject of its hint), and what the person answered: whose data
  (by id), ids of consents, or a refusal;
- of a code the same of its request, and the grant: ids of the persons, the consents and the grant, sources, kinds of
  data, `sid`, level and time of the login, and the hash of the code;
- of a visit to DigiD its `nonce` and `code_verifier`, when it began, its flow, language and page;
- of a session the `sid`, the person's id, level, times, and which apps; and of a person, by keyed hash, where their
  sessions are.

Whoever reads Redis opens no session with them and redeems no code, but reads who (by id) uses which app. Redis belongs
in VAD's own network, behind a password and TLS.
"""
