"""What the tests of `adapters/brp` prove, and what they share."""
