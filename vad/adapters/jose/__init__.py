"""JSON Web Tokens: every token, client assertion and sealed identifier is made and read here, behind ports.

PyJWT signs and verifies, joserfc encrypts. Keys come from `vad.adapters.vault`; what a token says is decided in
`vad.domain.claims`; HTTP and OAuth error codes live in `vad.web`.
"""
