"""What the tests of `adapters/postgres` prove, and what they share."""
