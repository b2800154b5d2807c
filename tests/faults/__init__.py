"""What the tests of `faults` prove, and what they share."""
