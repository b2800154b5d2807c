"""DigiD as identity provider. `oidc` speaks OpenID Connect; signatures and encryption are `vad.adapters.jose`'s."""
