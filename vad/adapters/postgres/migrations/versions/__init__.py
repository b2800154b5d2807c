"""One file per step. Each also says what the role of the service may do with what it makes."""
