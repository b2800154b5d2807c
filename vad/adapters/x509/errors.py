"""What can be wrong with certificates that an operator gives. The texts are for that operator."""

from vad.domain.errors import VadError


class CertificateError(VadError):
    """A certificate, a chain of them or the name in one is not what it has to be. Nothing was changed."""
