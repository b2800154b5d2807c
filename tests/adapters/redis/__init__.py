"""What the tests of `adapters/redis` prove, and what they share."""
