"""Certificates (X.509, RFC 5280) of clients and of VAD's own keys: reading them, and finding out who vouches."""
