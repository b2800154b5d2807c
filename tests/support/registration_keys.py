"""A public key to register in tests: it is sound, and nobody here has its private half."""

POINT = (
    'crv = "P-256", x = "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", '
    'y = "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM"'
)
"""The public key of RFC 7517 appendix A.1."""
