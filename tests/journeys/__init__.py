"""What the tests of `journeys` prove, and what they share."""
