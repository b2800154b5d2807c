"""What the tests of `adapters/http` prove, and what they share."""
