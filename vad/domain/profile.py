"""The published profiles, and what a profile has a say in. `profile_table` has what each of them says.

The profiles contradict each other, so every client has exactly one (ADR 0006). No endpoint asks for a profile's name:
it asks for the rule.
"""

from dataclasses import dataclass
from enum import StrEnum


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
    """The URL of the token endpoint, that of the PAR endpoint (RFC 9126 section 2), or the issuer: as a string, or as
    a list that names nobody else."""
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
    """`jti` in a client assertion; without it a replay is known by what was signed."""
    assertion_iat: Demand
    """`iat` in one (RFC 7523 section 3 and OIDC Core section 9 leave it open, OAuth NL does not). Without it the life
    of an assertion counts from `nbf` or, where it has a `jti`, from now."""
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
    access_token_algorithms: tuple[str, ...] = ("ES256", "RS256", "PS256")
    """What access tokens may be signed with for a data source, which follows no profile itself."""
    grant_types: tuple[str, ...] = GRANT_TYPES
    """What a client may be registered for; all of them where it does not say."""
    secret_either_way: bool = False
    """Whether who is registered with a secret may show it in the header or in the form, as its library likes."""
    longest_assertion: int = 300
    """Seconds that an assertion may live."""
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
    acting: Demand = Demand.OPTIONAL
    """Whether people may act for others there, and whether an app may read who acts for whom (`api_scopes`)."""
    client_list: bool = False
    """Whether its apps may come from a list that somebody else keeps, where an operator names one."""
    former_addresses: bool = False
    """Whether an installation answers at the addresses of the ministry's proof of concept as well."""
    declined: str = "access_denied"
    """The error of the answer when the person says no."""
    not_registered: str = "invalid_request"
    """The error, for a program, where nobody is sent back: the app or its redirect URI is not registered."""


BY_SECRET = (ClientAuthentication.CLIENT_SECRET_BASIC, ClientAuthentication.CLIENT_SECRET_POST)
BY_CERTIFICATE = (ClientAuthentication.TLS_CLIENT_AUTH, ClientAuthentication.SELF_SIGNED_TLS_CLIENT_AUTH)
"""RFC 8705 sections 2.1 and 2.2."""
BY_KEY = (ClientAuthentication.PRIVATE_KEY_JWT, *BY_CERTIFICATE)
DPOP_ALGORITHMS = ("ES256", "PS256", "EdDSA")
"""RFC 9449 section 11.6, FAPI 2.0 Security Profile section 5.4.1."""
OPENID_SCOPES = frozenset({"profile", "email", "address", "phone", "offline_access"})
"""OIDC Core sections 5.4 and 11. Libraries send them unasked, and most installations have nothing to give for them."""
