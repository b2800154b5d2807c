"""What the tests of `adapters/digid` prove, and what they share."""
