"""The contents of ID tokens and access tokens. This file alone decides who stands in `sub`.

Mind the direction: in the ID token `sub` is who logged in (NL GOV); in an access token `sub` is whose data it is
(RFC 8693). Every value here is made from a `Permit`, and the signer takes nothing else. Claims can be made in this
file alone.
"""

from collections.abc import Mapping
from dataclasses import InitVar, dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import NewType

from vad.domain import authorization_details, standard_claims
from vad.domain.access import Permit
from vad.domain.client import Client, IdentifierType, ResourceServer
from vad.domain.ground import Basis
from vad.domain.identifiers import MandateId

ID_TOKEN_LIFE = timedelta(seconds=300)
PSEUDONYM_TYPE = "urn:nl-eid-gdi:1.0:id:Pseudonym"
BSN_TYPE = "urn:nl-eid-gdi:1.0:id:BSN"
RID_TYPE = "urn:nl-vad:1.0:id:RID"

SUB_ID_TYPES = {
    IdentifierType.PSEUDONYM: PSEUDONYM_TYPE,
    IdentifierType.RID: RID_TYPE,
    IdentifierType.BSN_JWE: BSN_TYPE,
}

Sector = NewType("Sector", str)
"""Within whose view a pairwise subject is the same (rule 32). Made by the three functions below and nowhere else."""

_MADE = object()
_UNBOUND: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class AccessTokenClaims:
    """What an access token will say, and the permit that allows it to be said (RFC 9068).

    Raises `TypeError` when anybody but `access_token` makes one; so does `IdTokenClaims` for anybody but `id_token`.
    """

    permit: Permit
    values: Mapping[str, object]
    expires_at: datetime
    _made: InitVar[object] = None
    """Not kept, so that `dataclasses.replace` can't make other claims out of these."""

    def __post_init__(self, _made: object) -> None:
        _only_here(_made)


@dataclass(frozen=True, slots=True)
class IdTokenClaims:
    """What an ID token will say, and the permit that allows it to be said (OIDC Core section 2)."""

    permit: Permit
    values: Mapping[str, object]
    _made: InitVar[object] = None

    def __post_init__(self, _made: object) -> None:
        _only_here(_made)


@dataclass(frozen=True, slots=True)
class UserInfoClaims:
    """What a signed answer of the userinfo endpoint will say (OIDC Core section 5.3.2)."""

    permit: Permit
    values: Mapping[str, object]
    _made: InitVar[object] = None

    def __post_init__(self, _made: object) -> None:
        _only_here(_made)


def _only_here(made: object) -> None:
    if made is not _MADE:
        raise TypeError("claims are made in vad.domain.claims alone")


@dataclass(frozen=True, slots=True)
class TokenContext:
    """What every token of one answer shares."""

    issuer: str
    at: datetime
    auth_time: datetime


def sector_of_client(client: Client) -> Sector:
    """The sector of ID tokens and of the issuer's own access token: one app, or apps registered to share it."""
    return Sector(f"client:{client.sector}")


def sector_of_client_at_source(client: Client, source: ResourceServer) -> Sector:
    """The sector of what an app can read in a source's token, so that two apps can't compare."""
    return Sector(f"client at source:{len(client.sector)}:{client.sector}:{source.identifier}")


def sector_of_source(source: ResourceServer) -> Sector:
    """The sector of what a source alone can read: the same person to it, whichever app comes."""
    return Sector(f"source:{source.identifier}")


def id_token(  # noqa: PLR0913 - claims
    permit: Permit,
    context: TokenContext,
    *,
    sub: str,
    sid: str,
    jti: str,
    nonce: str,
    represents: str | None = None,
    shared: Mapping[str, object] = _UNBOUND,
) -> IdTokenClaims:
    """The ID token of the person who logged in. `sid` is random per session and client.

    `represents` is the pairwise subject of whom they act for, in the same sector as `sub`; `shared` are claims about
    the person that they agreed to share, none of which takes the place of one of these. Raises `TypeError` when it
    and the permit do not fit each other: nobody is represented silently (rule 34); and for an app that did not ask who
    logged in.
    """
    _fits(permit, represents)
    if not permit.request.openid:
        raise TypeError("no ID token without openid")
    client_id = permit.request.client.client_id
    issued = int(context.at.timestamp())
    expires = min(context.at + ID_TOKEN_LIFE, permit.until)
    values: dict[str, object] = {
        **shared,
        "iss": context.issuer,
        "aud": client_id,
        "azp": client_id,
        "sub": sub,
        "sub_id_type": PSEUDONYM_TYPE,
        **({"nonce": nonce} if nonce else {}),
        "jti": jti,
        "iat": issued,
        "nbf": issued,
        "exp": int(expires.timestamp()),
        "auth_time": int(context.auth_time.timestamp()),
        "acr": permit.request.level.uri,
        "sid": sid,
    }
    if represents is not None:
        values["represents"] = {"iss": context.issuer, "sub": represents, "sub_id_type": PSEUDONYM_TYPE}
    return IdTokenClaims(permit, MappingProxyType(values), _MADE)


def access_token(  # noqa: PLR0913 - claims
    permit: Permit,
    context: TokenContext,
    *,
    sub: str,
    jti: str,
    subject_identifier: str | None,
    act: str | None = None,
    cnf: Mapping[str, str] = _UNBOUND,
) -> AccessTokenClaims:
    """The access token for one source, or for the issuer itself where the permit names no source.

    `subject_identifier` is the sealed identifier that only the source can open; None for the issuer's own token. `sub`
    is whose data it is; `act` is the pairwise subject of who acts for them, in the same sector (RFC 8693 section 4.1).
    `cnf` is what it is bound to, if anything (RFC 9449 section 6.1, RFC 8705 section 3.1).
    Raises `TypeError` when it and the permit do not fit each other.
    """
    _fits(permit, act)
    request = permit.request
    issued = int(context.at.timestamp())
    audience = context.issuer if request.source is None else request.source.identifier
    values: dict[str, object] = {
        "iss": context.issuer,
        "aud": audience,
        "client_id": request.client.client_id,
        "azp": request.client.client_id,
        "sub": sub,
        "scope": scope_of(permit),
        "acr": request.level.uri,
        "auth_time": int(context.auth_time.timestamp()),
        "iat": issued,
        "nbf": issued,
        "exp": int(permit.until.timestamp()),
        "jti": jti,
    }
    if act is not None:
        values["act"] = {"iss": context.issuer, "sub": act}
    if request.source is not None:
        values["authorization_details"] = authorization_details.granted(permit.basis, [audience])
    if cnf:
        values["cnf"] = dict(cnf)
    if subject_identifier is not None:
        values["subject_identifier"] = subject_identifier
    return AccessTokenClaims(permit, MappingProxyType(values), permit.until, _MADE)


def userinfo(permit: Permit, issuer: str, at: datetime, told: Mapping[str, object]) -> UserInfoClaims:
    """The signed answer of the userinfo endpoint: what would be told, by whom, to whom and until when."""
    client_id, expires = permit.request.client.client_id, min(at + ID_TOKEN_LIFE, permit.until)
    times = {"iat": int(at.timestamp()), "exp": int(expires.timestamp())}
    return UserInfoClaims(permit, MappingProxyType({"iss": issuer, "aud": client_id, **times, **told}), _MADE)


def _fits(permit: Permit, other: str | None) -> None:
    if (permit.basis is Basis.SELF) is not (other is None):
        raise TypeError("two people where one acts for another, and one where not")


def told_scope(permit: Permit) -> str:
    """The scope as the app is told it: without what no app asks as a scope."""
    return " ".join(each for each in scope_of(permit).split() if not standard_claims.by_name(each))


def scope_of(permit: Permit) -> str:
    """The scope of a token: its data services; for the issuer's own token all that was granted, `openid` first."""
    request = permit.request
    services = sorted(request.data_services)
    return " ".join(["openid", *services] if request.source is None and request.openid else services)


def subject_identifier(
    kind: IdentifierType, identifier: str, *, aud: str, jti: str, mandate: MandateId | None = None
) -> Mapping[str, object]:
    """What goes inside the JWE for one source. `aud` and `jti` bind it to the token around it (rule 33).

    `mandate` names what the token rests on, for the source's own records.
    """
    values: dict[str, object] = {"sub": identifier, "sub_id_type": SUB_ID_TYPES[kind], "aud": aud, "jti": jti}
    if mandate is not None:
        values["mandate_id"] = str(mandate)
    return values
