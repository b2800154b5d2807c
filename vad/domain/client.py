"""Clients (relying parties, MedMij DVP) and resource servers (data sources, MedMij DVA) as registered."""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from vad.domain.assurance import LevelOfAssurance
from vad.domain.certificate import CertificateName, ClientCertificate
from vad.domain.identifiers import ClientId, ResourceId
from vad.domain.profile import BY_CERTIFICATE, ClientAuthentication, Demand, Profile, Rules
from vad.domain.profile_table import RULES
from vad.domain.standard_claims import SHARED

MANDATES_SCOPE = "mandates"
"""The scope of VAD's own API: seeing and stopping the person's mandates, and preparing what they then confirm."""
API_SCOPES = frozenset({MANDATES_SCOPE})
OWN_SCOPES = API_SCOPES | SHARED
"""What VAD itself gives: its API, and claims about the person. No data service can have one of these names."""

Jwk = Mapping[str, object]
"""A JSON Web Key (RFC 7517) as it stands in a registration: public members only."""
MOST_KEYS = 16
"""Of one app or source. Each may have to be tried for a signature that names none."""


class IdentifierType(StrEnum):
    """What a data source gets to know the person by (rule 33)."""

    PSEUDONYM = "pseudonym"
    RID = "rid"
    BSN_JWE = "bsn_jwe"


@dataclass(frozen=True, slots=True)
class DataService:
    """A kind of data (MedMij gegevensdienst). Its `id` is the scope value; people see its names."""

    id: str
    name_nl: str
    name_en: str


@dataclass(frozen=True, slots=True)
class Client:
    """A registered relying party. Only an active one is served."""

    client_id: ClientId
    name: str
    organisation: str
    redirect_uris: tuple[str, ...]
    jwks: tuple[Jwk, ...]
    """Its public keys; none where it publishes them at `jwks_uri`."""
    sector: str
    """The sector of its pairwise subjects (rule 32); never changed once people have logged in."""
    profile: Profile = Profile.NLGOV
    grant_types: frozenset[str] = frozenset()
    id_token_signed_response_alg: str = "ES256"  # noqa: S105 - an algorithm's name
    minimum_level: LevelOfAssurance = LevelOfAssurance.SUBSTANTIEEL
    active: bool = True
    post_logout_redirect_uris: tuple[str, ...] = ()
    """Where the browser may be sent after logging out (OIDC RP-Initiated Logout section 3)."""
    backchannel_logout_uri: str = ""
    """Where VAD tells it that a session ended (OIDC Back-Channel Logout section 2.2); empty: it is not told."""
    backchannel_logout_session_required: bool = False
    """Whether it needs `sid` in that message. VAD always says it."""
    representation: bool = False
    """Whether it understands that people act for others. One that does not is never given another's data (rule 34)."""
    api_scopes: frozenset[str] = frozenset()
    """The scopes of VAD's own API that it may ask for."""
    jwks_uri: str = ""
    """Where it publishes its public keys; empty: they are those of `jwks`."""
    dpop_bound_access_tokens: bool = False
    """Whether it takes no tokens but such as are bound to a key of its own (RFC 9449 section 5.2)."""
    require_signed_request_object: bool = False
    """Whether a request counts only inside a request object that it signed (RFC 9101 section 10.5)."""
    require_pushed_authorization_requests: bool = False
    """Whether a request counts only when it was pushed, whatever its profile leaves open (RFC 9126 section 6)."""
    token_endpoint_auth_method: ClientAuthentication = ClientAuthentication.PRIVATE_KEY_JWT
    """How it proves itself, and no other way (RFC 7591 section 2)."""
    token_endpoint_auth_signing_alg: str = ""
    """What it signs its assertions with, and nothing else; empty: whatever its profile allows."""
    client_secret_sha256: tuple[str, ...] = field(default=(), repr=False)
    """SHA-256 of each of its secrets, in hexadecimal; each is made at random, so that nobody can guess it from this."""
    certificate_name: CertificateName | None = None
    """What its certificate says, where it proves itself by `tls_client_auth` (RFC 8705 section 2.1.2)."""
    tls_client_certificate_bound_access_tokens: bool = False
    """Whether its tokens are bound to the certificate with which it asks for them (RFC 8705 section 3.4)."""

    sector_identifier_uri: str = ""
    """Lists all its redirect URIs, at the host that is its `sector` (OIDC Core section 8.1)."""
    request_uris: tuple[str, ...] = ()
    """Where requests of its may lie, letter by letter (OIDC Core section 6.2)."""
    request_object_signing_alg: str = ""
    """What it signs its requests with, and nothing else; empty: whatever its profile allows."""
    request_object_encryption_alg: str = ""
    request_object_encryption_enc: str = ""
    """What it encrypts them with, where it does; empty: whatever VAD opens."""
    id_token_encrypted_response_alg: str = ""
    """What its ID tokens are encrypted with, for a key of its own; empty: they are not."""
    id_token_encrypted_response_enc: str = ""
    userinfo_signed_response_alg: str = ""
    """What the answers of the userinfo endpoint are signed with (OIDC Dynamic Client Registration section 2)."""
    userinfo_encrypted_response_alg: str = ""
    """What they are encrypted with, for a key of its own; empty: they are not."""
    userinfo_encrypted_response_enc: str = ""
    default_max_age: int | None = None
    """Seconds since the login that its requests allow where they don't say it (OIDC Registration section 2)."""
    default_acr_values: tuple[str, ...] = ()
    """Levels that they ask for where they don't say it, as `acr` has them."""
    introspection_signed_response_alg: str = ""
    """What answers about its tokens are signed with (RFC 9701 section 6); empty: the same as its ID tokens."""
    policy_uri: str = ""
    """What it says itself of people's data, at a host of its redirect URIs; or empty."""
    tos_uri: str = ""
    """Its terms, wherever they are; or empty."""

    former_name: str = field(default="", compare=False)
    """What it was called until `renamed_at`. Nobody registers this: it is remembered."""
    renamed_at: datetime | None = field(default=None, compare=False)
    registered_itself: bool = field(default=False, compare=False)
    """Whether it came by itself (RFC 7591), and by nobody who answers for the installation. Remembered likewise."""
    seen_by_staff: bool = field(default=False, compare=False)
    """Whether the pages for staff changed its registration last, so that somebody looked at it."""

    def called_before(self, at: datetime) -> str:
        """Its former name, for whoever knew it since this moment; empty where they know it by its name."""
        return self.former_name if self.renamed_at is not None and at < self.renamed_at else ""

    def has_secret(self, secret: str) -> bool:
        """Whether this is one of its secrets: there are two while it changes to another."""
        given = hashlib.sha256(secret.encode()).hexdigest()
        return any(hmac.compare_digest(given, known) for known in self.client_secret_sha256)

    def has_certificate(self, shown: ClientCertificate, published: Sequence[Jwk] = ()) -> bool:
        """Whether it proves itself by this certificate: by a name that an authority vouches for, or by itself.

        `published`: its keys, where it publishes them.
        """
        match self.token_endpoint_auth_method:
            case ClientAuthentication.TLS_CLIENT_AUTH:
                name = self.certificate_name
                return shown.vouched and name is not None and any(name.same(each) for each in shown.names)
            case ClientAuthentication.SELF_SIGNED_TLS_CLIENT_AUTH:
                known = [certificate_thumbprint(jwk) for jwk in (*self.jwks, *published)]
                return any(hmac.compare_digest(shown.thumbprint.encode(), each.encode()) for each in known if each)
            case _:
                return False

    @property
    def introspection_alg(self) -> str:
        """What answers about its tokens are signed with, where it wants those as JWTs."""
        return self.introspection_signed_response_alg or self.id_token_signed_response_alg

    @property
    def proves_itself(self) -> bool:
        """Whether anybody but itself is kept from coming in its name; without, PKCE alone protects a code."""
        return self.token_endpoint_auth_method is not ClientAuthentication.NONE

    @property
    def needs_certificate(self) -> bool:
        """Whether it gets nothing where nobody is asked for a certificate."""
        return self.token_endpoint_auth_method in BY_CERTIFICATE or self.tls_client_certificate_bound_access_tokens

    @property
    def own_scopes(self) -> frozenset[str]:
        """What it may ask of VAD itself."""
        return self.api_scopes | (SHARED if self.rules.standard_claims else frozenset())

    @property
    def rules(self) -> Rules:
        """What its profile demands."""
        return RULES[self.profile]

    @property
    def pushed_request(self) -> Demand:
        """Whether its requests have to be pushed: as its profile has it, or it asked for that itself."""
        return Demand.REQUIRED if self.require_pushed_authorization_requests else self.rules.pushed_request

    @property
    def binds_tokens(self) -> Demand:
        """Whether its tokens are bound to what it holds: as its profile has it, or it asked for that itself."""
        asked = self.dpop_bound_access_tokens or self.tls_client_certificate_bound_access_tokens
        return Demand.REQUIRED if asked else self.rules.bound_tokens

    @property
    def binds_to_key(self) -> Demand:
        """Whether that is a key (DPoP): it need not be where a certificate does it."""
        by_certificate = self.tls_client_certificate_bound_access_tokens and not self.dpop_bound_access_tokens
        return Demand.OPTIONAL if by_certificate else self.binds_tokens

    def accepts_redirect_uri(self, uri: str) -> bool:
        """Whether `uri` is registered: compared exactly (RFC 9700 section 2.1).

        The one exception is RFC 8252 section 7.3: on a loopback IP literal the port is free.
        """
        return any(uri == known or _same_but_port_on_loopback(uri, known) for known in self.redirect_uris)

    def accepts_post_logout_redirect_uri(self, uri: str) -> bool:
        """Whether `uri` is registered: compared exactly, without any exception."""
        return uri in self.post_logout_redirect_uris


@dataclass(frozen=True, slots=True)
class ResourceServer:
    """A registered data source. `admitted` says which client may ask for which of its data services."""

    identifier: ResourceId
    name: str
    organisation: str
    data_services: tuple[str, ...]
    identifier_type: IdentifierType
    encryption_jwk: Jwk = field(repr=False)
    """The source's pinned public `use: enc` key; never fetched from a `jwks_uri` (rule 33)."""
    oin: str = ""
    """Organisatie-identificatienummer: how the PRS knows the source. Needed for `rid` alone."""
    prs_scope: str = ""
    """The recipient scope at the PRS. Needed for `rid` alone."""
    access_token_signing_alg: str = "ES256"  # noqa: S105 - an algorithm's name
    access_token_lifetime: timedelta = timedelta(seconds=300)
    minimum_level: LevelOfAssurance = LevelOfAssurance.SUBSTANTIEEL
    admitted: Mapping[ClientId, frozenset[str]] = field(default_factory=dict)
    active: bool = True
    jwks: tuple[Jwk, ...] = ()
    """What it proves itself with when it asks about a token (RFC 7662). None: it never asks."""
    representation: bool = True
    """Whether it takes tokens of people who act for another. One that does not never gets such a token."""
    introspection_signed_response_alg: str = ""
    """What answers about tokens are signed with (RFC 9701 section 6); empty: the same as its tokens."""
    introspection_encrypted_response_alg: str = ""
    """What answers about tokens are encrypted with for its key, where it wants them as JWTs (RFC 9701 section 6)."""
    introspection_encrypted_response_enc: str = ""
    security_events_uri: str = ""
    """Where VAD tells it that what a token rests on has ended (RFC 8935); empty: it is not told."""

    @property
    def introspection_alg(self) -> str:
        """What answers about tokens are signed with, where it wants those as JWTs."""
        return self.introspection_signed_response_alg or self.access_token_signing_alg

    def admits(self, client: Client, data_services: frozenset[str]) -> bool:
        """Whether this client may have all these data services here (rule 3, `NOT_QUALIFIED`).

        One that proves nothing never may, whatever is registered: anybody could come in its name. Nor may one whose
        profile takes no tokens that are signed as this source wants them (FAPI 2.0 Security Profile section 5.4.1).
        """
        admitted = self.admitted.get(client.client_id, frozenset())
        return bool(data_services) and client.proves_itself and self.signs_for(client) and data_services <= admitted

    def signs_for(self, client: Client) -> bool:
        """Whether tokens for this source are signed as the client's profile allows."""
        return self.access_token_signing_alg in client.rules.access_token_algorithms


def certificate_thumbprint(jwk: Jwk) -> str:
    """Of the certificate in a key of a registration (`x5c`, RFC 7517 section 4.7); empty where there is none."""
    chain = jwk.get("x5c")
    if not isinstance(chain, list | tuple) or not chain or not isinstance(chain[0], str):
        return ""
    try:
        der = base64.b64decode(chain[0], validate=True)
    except ValueError:
        return ""
    return base64.urlsafe_b64encode(hashlib.sha256(der).digest()).rstrip(b"=").decode("ascii")


def _same_but_port_on_loopback(uri: str, registered: str) -> bool:
    asked, known = _LOOPBACK.fullmatch(uri), _LOOPBACK.fullmatch(registered)
    if asked is None or known is None or int(asked["port"] or 0) > _HIGHEST_PORT:
        return False
    return (asked["host"], asked["rest"]) == (known["host"], known["rest"])


_HIGHEST_PORT = 65535
_LOOPBACK = re.compile(r"(?P<host>http://(?:127\.0\.0\.1|\[::1\]))(?::(?P<port>[0-9]{1,5}))?(?P<rest>(?:[/?][^#]*)?)")
"""Matched on the text as it is: parsing an address first would forgive what a browser does not."""
