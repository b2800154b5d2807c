"""What a client or a data source signed: checked with the keys of its registration, or of where that says."""

from collections.abc import Mapping, Sequence

from vad.adapters.jose.errors import Refusal, TokenRefusedError
from vad.adapters.jose.jws import algorithm_of, kid_of, verified
from vad.adapters.jose.public_keys import PublicKeys
from vad.adapters.jose.published_keys import PublishedKeys
from vad.domain.client import Client, Jwk, ResourceServer


class ClientSignatures:
    """Key objects that were loaded once, by whose they are."""

    def __init__(self, published: PublishedKeys) -> None:
        self._published = published
        self._keys = PublicKeys()

    def claims(
        self, caller: Client | ResourceServer, token: str, header: Mapping[str, object], algorithms: Sequence[str]
    ) -> Mapping[str, object]:
        """What it says, its signature checked; with newer keys where none of those known made it.

        Raises `TokenRefusedError`, and `RegisterUnavailableError` where the client publishes its keys itself and they
        can't be had.
        """
        algorithm, kid = algorithm_of(header, algorithms), kid_of(header)

        def opened(jwks: Sequence[Jwk]) -> Mapping[str, object]:
            return verified(token, self._keys.verifying(jwks, algorithm=algorithm, kid=kid), algorithm)

        if not isinstance(caller, Client) or not caller.jwks_uri:
            return opened(caller.jwks)
        known = self._published.get(caller)
        try:
            return opened(known)
        except TokenRefusedError as error:
            # Without a name for its key, a signature by a new one looks like any wrong one.
            maybe_newer = error.reason is Refusal.UNKNOWN_KEY or (error.reason is Refusal.SIGNATURE and kid is None)
            newer = self._published.newer_than(caller, known) if maybe_newer else None
            if newer is None:
                raise
        return opened(newer)
