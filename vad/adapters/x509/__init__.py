"""Certificates of clients (X.509, RFC 5280): reading them, and finding out who vouches for them."""
