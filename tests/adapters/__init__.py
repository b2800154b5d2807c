"""What the tests of `adapters` prove, and what they share."""
