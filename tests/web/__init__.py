"""What the tests of `web` prove, and what they share."""
