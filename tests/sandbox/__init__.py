"""What the tests of `sandbox` prove, and what they share."""
