"""RSA keys for tests, made once in a process: no other key takes as long to make."""

import functools

from cryptography.hazmat.primitives.asymmetric import rsa

STRONG, WEAK = 2048, 1024


@functools.cache
def rsa_key(bits: int = STRONG) -> rsa.RSAPrivateKey:
    """A private key that any test may use. Where two of them must differ, a test makes the other itself."""
    return rsa.generate_private_key(65537, bits)
