"""TLS around the demo: a certificate authority of its own, made on the spot, and what ends TLS before each program."""
