"""What the tests of `docs` prove, and what they share."""
