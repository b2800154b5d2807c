"""What the tests of `domain` prove, and what they share."""
