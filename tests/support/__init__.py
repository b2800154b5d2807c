"""What the tests of `support` prove, and what they share."""
