"""What each published profile demands of a client, side by side: the one table that every endpoint reads.

The profiles contradict each other, so every client has exactly one (ADR 0006). No endpoint asks for a profile's name:
it asks for the rule.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Profile(StrEnum):
    """The published profile that a client follows."""

    NLGOV = "nlgov"
    """NL GOV Assurance profile for OpenID Connect 1.0.1, with OAuth NL 1.1 below it."""
    FAPI2 = "fapi2"
    """FAPI 2.0 Security Profile, and Message Signing for those who sign their requests."""
    BASIC = "basic"
    """OpenID Connect Core as any certified library speaks it."""
    MINISTRY = "ministry"
    """What the clients of the ministry's own proof of concept speak."""


class Demand(StrEnum):
    """Whether something must be there."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    REFUSED = "refused"


class ClientAuthentication(StrEnum):
    """`token_endpoint_auth_method` (RFC 7591 section 2, OIDC Core section 9)."""

    PRIVATE_KEY_JWT = "private_key_jwt"
    TLS_CLIENT_AUTH = "tls_client_auth"
    SELF_SIGNED_TLS_CLIENT_AUTH = "self_signed_tls_client_auth"
    CLIENT_SECRET_BASIC = "client_secret_basic"  # noqa: S105 - a method's name
    CLIENT_SECRET_POST = "client_secret_post"  # noqa: S105 - a method's name
    NONE = "none"


GRANT_TYPES = ("authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:token-exchange")
"""Of the token endpoint, all of them."""


class Audience(StrEnum):
    """What `aud` of a client assertion may be."""

    ENDPOINT_OR_ISSUER = "endpoint_or_issuer"
    """The URL of the token endpoint, that of the PAR endpoint (RFC 9126 section 2), or the issuer: one of them, as a
    string or as the only member of a list."""
    ISSUER = "issuer"
    """The issuer, as a string (FAPI 2.0 Security Profile section 5.3.2.1)."""
    ENDPOINT = "endpoint"
    """The URL of the token endpoint."""


class UserInfoShape(StrEnum):
    """What the userinfo endpoint calls things."""

    STANDARD = "standard"
    """The name as one text, and for whom the person acts."""
    NAME_IN_PARTS = "name_in_parts"
    """The name in parts, and a reference (`rid`) that is another each time."""


MODERN_ENCRYPTION = (
    *(("ECDH-ES", "A256GCM"), ("ECDH-ES", "A128CBC-HS256")),
    *(("ECDH-ES+A256KW", "A256GCM"), ("ECDH-ES+A256KW", "A128CBC-HS256")),
    *(("RSA-OAEP-256", "A256GCM"), ("RSA-OAEP-256", "A128CBC-HS256")),
)
"""`alg` and `enc` (RFC 7518) without SHA-1 and PKCS #1 v1.5."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The rules of one profile."""

    client_authentication: tuple[ClientAuthentication, ...]
    """The methods that a client may be registered with; the first where it does not say."""
    assertion_audience: Audience
    assertion_jti: Demand
    """`jti` and `iat` in a client assertion; without them a replay is known by what was signed."""
    assertion_algorithms: tuple[str, ...]
    """What a client may sign its assertions with."""
    pushed_request: Demand
    """RFC 9126."""
    code_challenge: Demand
    """PKCE (RFC 7636), with S256 alone."""
    openid: Demand
    """Whether `scope` holds `openid`: without it, plain OAuth 2.0."""
    state: Demand
    nonce: Demand
    request_object: Demand
    """JAR (RFC 9101)."""
    request_uri: Demand
    """Requests that lie at an address of the client (RFC 9101 section 5.2); FAPI has them pushed instead."""
    request_object_algorithms: tuple[str, ...]
    """What a request object may be signed with."""
    request_object_claims: Demand
    """`iss`, `aud`, `nbf` and `exp` in a request object (FAPI 2.0 Message Signing section 5.3.1)."""
    bound_tokens: Demand
    """Access tokens bound to a key of the client, by DPoP (RFC 9449) or by a certificate (RFC 8705)."""
    refresh_rotation: Demand
    """Whether a refresh token is good for one use (RFC 9700 section 4.14.2). Where all tokens are bound it need not be:
    FAPI 2.0 Security Profile section 5.3.2.1 forbids it, as an answer that got lost must end nothing."""
    id_token_algorithms: tuple[str, ...]
    """What ID tokens may be signed with for it; the first where the client did not choose."""
    grant_types: tuple[str, ...] = GRANT_TYPES
    """What a client may be registered for; all of them where it does not say."""
    secret_either_way: bool = False
    """Whether who is registered with a secret may show it in the header or in the form, as its library likes."""
    longest_state: int = 2048
    """Characters."""
    scopes_passed_over: frozenset[str] = frozenset()
    """Scope values that its clients send and that give nothing here."""
    userinfo: UserInfoShape = UserInfoShape.STANDARD
    answer_encryption: tuple[tuple[str, str], ...] = MODERN_ENCRYPTION
    """`alg` and `enc` that its answers may be encrypted with (RFC 7518)."""
    former_subject: bool = False
    """Whether an app may go on to know people by the `sub` of a former provider, where an operator names it."""
    renewable_login: bool = False
    """Whether an app may keep the person logged in to itself, where an operator allows that."""
    standard_claims: bool = False
    """Whether an app may ask for claims about the person (OIDC Core 5.1), where an installation has any (ADR 0037)."""
    declined: str = "access_denied"
    """The error of the answer when the person says no."""
    not_registered: str = "invalid_request"
    """The error, for a program, where nobody is sent back: the app or its redirect URI is not registered."""


BY_SECRET = (ClientAuthentication.CLIENT_SECRET_BASIC, ClientAuthentication.CLIENT_SECRET_POST)
BY_CERTIFICATE = (ClientAuthentication.TLS_CLIENT_AUTH, ClientAuthentication.SELF_SIGNED_TLS_CLIENT_AUTH)
"""RFC 8705 sections 2.1 and 2.2."""
_BY_KEY = (ClientAuthentication.PRIVATE_KEY_JWT, *BY_CERTIFICATE)
DPOP_ALGORITHMS = ("ES256", "PS256", "EdDSA")
"""RFC 9449 section 11.6, FAPI 2.0 Security Profile section 5.4.1."""
OPENID_SCOPES = frozenset({"profile", "email", "address", "phone", "offline_access"})
"""OIDC Core sections 5.4 and 11. Libraries send them unasked, and most installations have nothing to give for them."""
_REQUIRED, _OPTIONAL, _REFUSED = Demand.REQUIRED, Demand.OPTIONAL, Demand.REFUSED

RULES: Mapping[Profile, Rules] = MappingProxyType(
    {
        Profile.NLGOV: Rules(
            client_authentication=_BY_KEY,
            assertion_audience=Audience.ENDPOINT_OR_ISSUER,
            assertion_jti=_REQUIRED,
            assertion_algorithms=("ES256", "PS256", "RS256", "EdDSA"),
            pushed_request=_OPTIONAL,
            code_challenge=_REQUIRED,
            openid=_REQUIRED,
            state=_REQUIRED,
            nonce=_REQUIRED,
            request_object=_OPTIONAL,
            request_uri=_OPTIONAL,
            request_object_algorithms=("ES256", "PS256", "RS256", "EdDSA"),
            request_object_claims=_OPTIONAL,
            bound_tokens=_OPTIONAL,
            refresh_rotation=_REQUIRED,
            id_token_algorithms=("ES256", "RS256", "PS256"),
        ),
        Profile.FAPI2: Rules(
            client_authentication=_BY_KEY,
            assertion_audience=Audience.ISSUER,
            assertion_jti=_REQUIRED,
            assertion_algorithms=("PS256", "ES256", "EdDSA"),
            pushed_request=_REQUIRED,
            code_challenge=_REQUIRED,
            openid=_OPTIONAL,
            state=_OPTIONAL,
            nonce=_OPTIONAL,
            request_object=_OPTIONAL,
            request_uri=_REFUSED,
            request_object_algorithms=("PS256", "ES256", "EdDSA"),
            request_object_claims=_REQUIRED,
            bound_tokens=_REQUIRED,
            refresh_rotation=_REFUSED,
            id_token_algorithms=("PS256", "ES256"),
        ),
        Profile.BASIC: Rules(
            client_authentication=(*BY_SECRET, *_BY_KEY),
            assertion_audience=Audience.ENDPOINT_OR_ISSUER,
            assertion_jti=_REQUIRED,
            assertion_algorithms=("ES256", "PS256", "RS256", "EdDSA"),
            pushed_request=_OPTIONAL,
            code_challenge=_OPTIONAL,
            openid=_REQUIRED,
            state=_OPTIONAL,
            nonce=_OPTIONAL,
            request_object=_OPTIONAL,
            request_uri=_OPTIONAL,
            request_object_algorithms=("ES256", "PS256", "RS256", "EdDSA"),
            request_object_claims=_OPTIONAL,
            bound_tokens=_OPTIONAL,
            refresh_rotation=_REQUIRED,
            id_token_algorithms=("RS256", "ES256", "PS256"),
            scopes_passed_over=OPENID_SCOPES,
            standard_claims=True,
        ),
        Profile.MINISTRY: Rules(
            client_authentication=(ClientAuthentication.PRIVATE_KEY_JWT, *BY_SECRET, ClientAuthentication.NONE),
            secret_either_way=True,
            assertion_audience=Audience.ENDPOINT,
            assertion_jti=_OPTIONAL,
            assertion_algorithms=("RS256",),
            pushed_request=_REFUSED,
            code_challenge=_REQUIRED,
            openid=_REQUIRED,
            state=_REQUIRED,
            nonce=_REQUIRED,
            request_object=_REFUSED,
            request_uri=_REFUSED,
            request_object_algorithms=(),
            request_object_claims=_REFUSED,
            bound_tokens=_REFUSED,
            refresh_rotation=_REQUIRED,
            id_token_algorithms=("RS256",),
            grant_types=GRANT_TYPES[:1],
            longest_state=4096,
            scopes_passed_over=frozenset({"authorization_by_proxy"}),
            userinfo=UserInfoShape.NAME_IN_PARTS,
            answer_encryption=(("RSA-OAEP", "A128CBC-HS256"),),
            former_subject=True,
            renewable_login=True,
            declined="login_required",
            not_registered="unauthorized_client",
        ),
    }
)
"""One column per profile."""


@dataclass(frozen=True, slots=True)
class Profiles:
    """The profiles that an installation allows. What it says of itself is what they allow together."""

    allowed: tuple[Profile, ...]
    certificates: bool = False
    """Whether there is a proxy that passes certificates of clients on; nobody proves anything by one without."""

    @property
    def client_authentication(self) -> tuple[ClientAuthentication, ...]:
        """By which a client may prove itself; `none` proves nothing."""
        methods = (method for each in self._rules for method in each.client_authentication)
        left_out = {ClientAuthentication.NONE, *(() if self.certificates else BY_CERTIFICATE)}
        return tuple(method for method in dict.fromkeys(methods) if method not in left_out)

    @property
    def certificate_bound_tokens(self) -> bool:
        """Whether tokens may be bound to a certificate (RFC 8705 section 3.3)."""
        return self.certificates and any(each.bound_tokens is not Demand.REFUSED for each in self._rules)

    @property
    def unproved_clients(self) -> bool:
        """Whether there may be clients that prove nothing, and have PKCE alone."""
        return any(ClientAuthentication.NONE in each.client_authentication for each in self._rules)

    @property
    def assertion_algorithms(self) -> tuple[str, ...]:
        """What client assertions may be signed with."""
        return tuple(dict.fromkeys(name for each in self._rules for name in each.assertion_algorithms))

    @property
    def request_object_algorithms(self) -> tuple[str, ...]:
        """What request objects may be signed with."""
        return tuple(dict.fromkeys(name for each in self._rules for name in each.request_object_algorithms))

    @property
    def request_uri(self) -> bool:
        """Whether requests may lie at an address of a client."""
        return any(each.request_uri is not Demand.REFUSED for each in self._rules)

    @property
    def standard_claims(self) -> bool:
        """Whether there may be clients that ask for claims about the person."""
        return any(each.standard_claims for each in self._rules)

    @property
    def answer_encryption(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What answers may be encrypted with: key management, and content."""
        pairs = [pair for each in self._rules for pair in each.answer_encryption]
        return tuple(dict.fromkeys(alg for alg, _ in pairs)), tuple(dict.fromkeys(enc for _, enc in pairs))

    @property
    def dpop_algorithms(self) -> tuple[str, ...]:
        """What proofs of possession may be signed with: asymmetric, and nothing that FAPI forbids."""
        bind = any(each.bound_tokens is not Demand.REFUSED for each in self._rules)
        return DPOP_ALGORITHMS if bind else ()

    @property
    def pushed_request_required(self) -> bool:
        """Whether every client has to push its request (RFC 9126 section 5)."""
        return all(each.pushed_request is Demand.REQUIRED for each in self._rules)

    @property
    def _rules(self) -> tuple[Rules, ...]:
        return tuple(RULES[each] for each in self.allowed)
