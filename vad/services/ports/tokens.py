"""Keys, tokens, and the unguessable values in them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from vad.domain.certificate import ClientCertificate
from vad.domain.claims import AccessTokenClaims, IdTokenClaims, Sector, UserInfoClaims
from vad.domain.client import Client, Jwk, ResourceServer
from vad.domain.identifiers import Bsn, ClientId, GrantId, MandateId, PersonId, Sid
from vad.domain.logout import IdTokenHint


class TokenSigner(Protocol):
    """Signs; takes only claims that carry a Permit."""

    def access_token(self, claims: AccessTokenClaims) -> str: ...

    def id_token(self, claims: IdTokenClaims, access_token: str) -> str:
        """Adds `at_hash` of the access token that leaves with it (OIDC Core 3.1.3.6)."""

    def userinfo(self, claims: UserInfoClaims) -> str: ...


class LegacySubjects(Protocol):
    """What an app called people by before it came to VAD, where an operator named that app."""

    def subject(self, client: Client, bsn: Bsn) -> str | None:
        """None for every other app."""


class AnswerSealer(Protocol):
    """Encrypts what VAD answers an app, for a key of that app, as it is registered.

    Raises `RegisterUnavailableError` where its key can't be had: nothing leaves in clear instead.
    """

    def userinfo(self, client: Client, content: str, *, nested: bool) -> str:
        """`nested`: the content is a JWT itself. As it came, where the app wants it in clear."""

    def id_token(self, client: Client, token: str) -> str:
        """As it came, where the app wants it in clear."""


@dataclass(frozen=True, slots=True)
class VerifiedAccessToken:
    """An access token that VAD signed and whose time is now. Whether what it rests on still holds is not looked at."""

    jti: str
    client_id: ClientId
    audience: str
    """The issuer itself, or one data source."""
    scope: frozenset[str]
    """Its scope values: nothing that it is exchanged for may be wider."""
    claims: Mapping[str, object] = field(default_factory=dict, repr=False, compare=False)
    """Everything that it says."""

    @property
    def jkt(self) -> str:
        """The key that it is bound to (RFC 9449 section 6.1); empty: to none."""
        return self._confirmed("jkt")

    @property
    def certificate(self) -> str:
        """The certificate that it is bound to (RFC 8705 section 3.1); empty: to none."""
        return self._confirmed("x5t#S256")

    def _confirmed(self, name: str) -> str:
        confirmed = self.claims.get("cnf")
        return str(confirmed.get(name, "")) if isinstance(confirmed, Mapping) else ""


class TokenVerifier(Protocol):
    """Reads VAD's own tokens back."""

    def access_token(self, token: str, at: datetime) -> VerifiedAccessToken | None:
        """None unless it is a live access token that VAD issued, for itself or for a data source."""

    def own_access_token(self, token: str, at: datetime) -> VerifiedAccessToken | None:
        """None unless it is a live token that VAD issued for itself: a source's token or an ID token is refused."""


class IdTokenHints(Protocol):
    """Reads VAD's own ID tokens back."""

    def read(self, token: str) -> IdTokenHint | None:
        """None unless VAD signed it as an ID token. Its end does not matter."""


class SubjectSealer(Protocol):
    """Encrypts the subject identifier to one source (JWE, RFC 7516)."""

    def seal(self, plaintext: Mapping[str, object], key: Jwk) -> str: ...


class Pairwise(Protocol):
    """Pairwise subjects (rule 32)."""

    def subject(self, sector: Sector, person_id: PersonId) -> str: ...

    def session(self, sid: Sid, client_id: ClientId) -> str:
        """The `sid` that one client sees of this session."""


class PersonReferences(Protocol):
    """How staff name a person (rule 40)."""

    def of(self, person_id: PersonId) -> str:
        """The keyed reference: always the same, and it tells nothing without the key."""

    def person(self, reference: str) -> PersonId | None:
        """Whose it would be; None for what is no reference. Nobody need be known by the id that comes out."""


class Handles(Protocol):
    """Unforgeable, unlinkable names for a grant: the `jti` of its tokens, and its refresh tokens."""

    def new_jti(self, grant_id: GrantId) -> str: ...

    def grant_of(self, jti: str) -> GrantId | None: ...

    def refresh_token(self, grant_id: GrantId, generation: int) -> str: ...

    def read_refresh_token(self, token: str) -> tuple[GrantId, int] | None: ...

    def code_hash(self, code: str) -> bytes:
        """Keyed hash of an authorization code, for the grant row."""

    def mandate_code_hashes(self, code: str) -> tuple[bytes, ...]:
        """Keyed hashes of a mandate's code; the first is the one to keep, the others are of keys before it."""

    def letter_octets(self, letter: str, mandate_id: MandateId) -> tuple[bytes, ...]:
        """What the code of a letter is made of: the same for the same letter, so that it can be written again.

        The first is what a new letter takes, the others are of keys before that.
        """

    def mandate_proof(self, mandate_id: MandateId) -> str:
        """Names a mandate on the paper that proves it, and tells nobody which it is."""

    def read_mandate_proof(self, proof: str) -> MandateId | None:
        """The mandate of such a paper; None for what we did not make."""

    def browser(self, cookie: str) -> bytes:
        """Keyed hash of a flow cookie, for what is bound to that browser."""

    def owner(self, person_id: PersonId, flow: str) -> str:
        """Says whose page of this flow it is, to nobody but ourselves."""


ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
"""`client_assertion_type` of `private_key_jwt` (RFC 7523 section 2.2): of our clients, and of VAD as DigiD's client."""


class ClientAssertions(Protocol):
    """Authentication of clients and data sources by `private_key_jwt` (OIDC Core section 9, RFC 7523)."""

    def claimed_client_id(self, assertion: str) -> str | None:
        """Which client it says it is from: where to look, proof of nothing."""

    def verify(
        self, caller: Client | ResourceServer, assertion: str, at: datetime, *, beside_code: bool = False
    ) -> bool:
        """Whether this assertion proves that the caller is this client or source; each `jti` counts once.

        `beside_code`: it came with a code of this client that lives, and its verifier. One without `jti` then counts
        whether or not it was seen before: two of one second are the same text, and it is the code that works once.
        """


class CertificateProofs(Protocol):
    """Authentication of clients by the certificate of their connection (RFC 8705 section 2)."""

    def verify(self, client: Client, shown: ClientCertificate) -> bool:
        """Whether it proves that it is this client.

        Raises `RegisterUnavailableError`, where the client publishes its certificates itself and they can't be had.
        """


class DpopProofs(Protocol):
    """Proofs of possession of a key (RFC 9449)."""

    def nonce(self, at: datetime) -> str:
        """What a proof has to hold now (section 8)."""

    def ask_for_nonce(self, proof: str, at: datetime) -> None:
        """Raise `DpopProofError` where this holds no nonce that counts now. Nothing else is looked at or used up."""

    def verify(
        self, proof: str, method: str, urls: tuple[str, ...], at: datetime, access_token: str | None = None
    ) -> str:
        """The thumbprint of the key that signed it, for this request and, where there is one, this token.

        `urls`: the addresses that the request may have been sent to.

        Raises `DpopProofError`, and `StoreUnavailableError`: what can't be checked for replay proves nothing.
        """


class ClientCertificates(Protocol):
    """Certificates of clients, as the proxy that ends TLS passes them on (RFC 8705)."""

    def read(self, passed_on: str, at: datetime) -> ClientCertificate | None:
        """The certificate; None for what is none, or one that is not valid now."""


class RequestObjects(Protocol):
    """Authorization requests that a client signed (RFC 9101)."""

    def read(self, client: Client, token: str, at: datetime) -> tuple[tuple[str, str], ...] | None:
        """The parameters in it; None unless it is this client's, for VAD, and its time is now.

        Raises `RegisterUnavailableError` where the client publishes its keys itself and they can't be had.
        """


class IntrospectionAnswers(Protocol):
    """Signs what VAD says of a token, for whoever asked (RFC 9701)."""

    def sign(self, caller: Client | ResourceServer, answer: Mapping[str, object], at: datetime) -> str: ...


class Randomness(Protocol):
    """The source of unguessable values."""

    def token(self) -> str:
        """256 random bits, base64url."""

    def octets(self, number: int) -> bytes: ...

    def uuid(self) -> UUID: ...
