"""What the tests of `architecture` prove, and what they share."""
