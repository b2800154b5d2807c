"""The identity provider of staff. `oidc` speaks OpenID Connect, by what `vad.adapters.oidc` has in common."""
