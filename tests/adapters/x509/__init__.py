"""What the tests of `adapters/x509` prove."""
