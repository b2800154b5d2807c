"""What the tests of `adapters/prs` prove, and what they share."""
