"""What the tests of `web/oidc` prove, and what they share."""
