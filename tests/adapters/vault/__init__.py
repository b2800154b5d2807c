"""What the tests of `adapters/vault` prove, and what they share."""
