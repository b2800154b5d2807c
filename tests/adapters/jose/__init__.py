"""What the tests of `adapters/jose` prove, and what they share."""
