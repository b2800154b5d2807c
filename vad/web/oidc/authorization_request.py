"""From parameters to a frozen AuthorizationRequest (OIDC Core 3.1.2.1).

The order of the rules is the order of the code. What Authlib would ignore or guess is refused here. Authlib then checks
client, redirect URI and response type, and calls our own rules for PKCE, `openid`, `state` and `nonce`: they stand in
`vad.web.oidc.grants.authorization_code`.
"""

import re
from collections.abc import Callable
from datetime import datetime

from authlib.oauth2 import OAuth2Error
from werkzeug.datastructures import MultiDict

from vad.domain import requested_claims, standard_claims
from vad.domain.assurance import LevelOfAssurance, known_levels
from vad.domain.authorization import NOBODYS, AuthorizationRequest, ResponseMode
from vad.domain.authorization_request import LONGEST_MAX_AGE
from vad.domain.client import Client
from vad.domain.errors import ProtocolError
from vad.domain.identifiers import ClientId, ResourceId
from vad.domain.profile import Demand
from vad.web.oidc import details, parameters
from vad.web.oidc.server import server
from vad.web.support.services import services

_UNSUPPORTED = {
    "request_uri": "request_uri_not_supported",
    "registration": "registration_not_supported",
}
_PROMPTS = frozenset({"none", "login", "consent", "select_account"})
_DISPLAYS = frozenset({"page", "popup", "touch", "wap"})
_LONGEST_NONCE = 512
_THUMBPRINT = re.compile(r"[A-Za-z0-9_-]{43}")


def read(sent: MultiDict[str, str], client: Client, flow: str, at: datetime) -> AuthorizationRequest:
    """Freeze what this client asks, under this flow; it belongs to no browser yet. Raises `ProtocolError`.

    The client and its redirect URI have been checked: an error may be sent there.
    """
    parameters.check(sent)
    rules = client.rules
    asked = parameters.with_value(sent)
    for rule in _RULES:
        rule(asked)
    _bounded(asked, rules.longest_state)
    claims, wanted = requested_claims.read(asked.get("claims", "")), details.target(asked)
    _check_with_authlib(asked)
    shares = rules.standard_claims and services().userinfo.shared.offered
    scope = _scope(asked, rules.scopes_passed_over - (standard_claims.SCOPES if shares else frozenset()))
    return AuthorizationRequest(
        flow=flow,
        browser=NOBODYS,
        client_id=ClientId(client.client_id),
        redirect_uri=asked["redirect_uri"],
        scope=(*scope, *(standard_claims.asked(scope, (*claims.at_userinfo, *claims.in_id_token)) if shares else ())),
        state=asked.get("state", ""),
        nonce=asked.get("nonce", ""),
        code_challenge=asked.get("code_challenge", ""),
        # VAD itself is one too (RFC 8707 section 2), and its own token comes of every login.
        resources=tuple(ResourceId(each) for each in wanted.resources if each != services().issuer),
        basis=wanted.basis,
        received_at=at,
        prompt=_prompt(asked),
        max_age=_max_age(asked, client),
        acr_values=_levels(asked, claims, client),
        hinted=claims.subjects,
        demanded_levels=claims.demanded_levels,
        response_mode=mode(asked),
        id_token_claims=claims.in_id_token if shares else (),
        dpop_jkt=_dpop_jkt(asked, client),
        ui_locales=tuple((asked.get("ui_locales") or "").split()[:8]),
    )


def _scope(asked: MultiDict[str, str], passed_over: frozenset[str]) -> tuple[str, ...]:
    """The scope values that count, each once. A single claim is asked for by `claims` alone (OIDC Core 5.5)."""
    values = tuple(each for each in dict.fromkeys(asked["scope"].split()) if each not in passed_over)
    if any(map(standard_claims.by_name, values)):
        raise ProtocolError("invalid_scope", "the scope holds a value that is none")
    if not values:
        raise ProtocolError("invalid_scope", "nothing is given here for any value of the scope")
    return values


def _nothing_unsupported(asked: MultiDict[str, str]) -> None:
    """What VAD does not take is refused with its own error, never ignored (OIDC Core 3.1.2.6)."""
    for name, error in _UNSUPPORTED.items():
        if name in asked:
            raise ProtocolError(error, f"{name} is not supported")


def _code_flow(asked: MultiDict[str, str]) -> None:
    """Authlib would take a missing type for an unsupported one, and trip over one that it can't repeat."""
    if parameters.required(asked, "response_type") != "code":
        raise ProtocolError("unsupported_response_type", "response_type must be code")


def mode(asked: MultiDict[str, str]) -> ResponseMode:
    """How the answer goes back, an error too; by query where the request does not say it clearly."""
    values = asked.getlist("response_mode")
    return ResponseMode(values[0]) if len(values) == 1 and values[0] in set(ResponseMode) else ResponseMode.QUERY


def _known_mode(asked: MultiDict[str, str]) -> None:
    if asked.get("response_mode", "query") not in set(ResponseMode):
        raise ProtocolError("invalid_request", "response_mode must be query or form_post")


def _display(asked: MultiDict[str, str]) -> None:
    """The pages fit every one of them. What is not in the specification is a mistake (OIDC Core 3.1.2.1)."""
    if asked.get("display", "page") not in _DISPLAYS:
        raise ProtocolError("invalid_request", "display must be page, popup, touch or wap")


def _bounded(asked: MultiDict[str, str], longest_state: int) -> None:
    if len(asked.get("state") or "") > longest_state or len(asked.get("nonce") or "") > _LONGEST_NONCE:
        raise ProtocolError("invalid_request", "state or nonce is too long")


_RULES: tuple[Callable[[MultiDict[str, str]], None], ...] = (
    _nothing_unsupported,
    _code_flow,
    _known_mode,
    _display,
)


def _check_with_authlib(asked: MultiDict[str, str]) -> None:
    try:
        server().get_consent_grant(asked)
    except OAuth2Error as error:
        # Authlib's descriptions may repeat what was sent; its own class of error is enough.
        described = error.description if error.error in {"invalid_request", "invalid_scope"} else ""
        raise ProtocolError(error.error, described or "the request was not accepted") from error


def _prompt(asked: MultiDict[str, str]) -> frozenset[str]:
    values = frozenset((asked.get("prompt") or "").split())
    if not values <= _PROMPTS or ("none" in values and len(values) > 1):
        raise ProtocolError("invalid_request", "prompt must be none, or any of login, consent and select_account")
    return values


def _levels(
    asked: MultiDict[str, str], claims: requested_claims.RequestedClaims, client: Client
) -> tuple[LevelOfAssurance, ...]:
    """What the request says, in either way, counts; what is registered is for one that says nothing of it."""
    if "acr_values" not in asked and not claims.levels and not claims.demanded_levels:
        return known_levels(client.default_acr_values)
    return known_levels(asked.get("acr_values", "").split()) or claims.levels


def _max_age(asked: MultiDict[str, str], client: Client) -> int | None:
    value = asked.get("max_age")
    if value is None:
        return client.default_max_age
    if not (value.isascii() and value.isdigit()) or int(value[:9]) > LONGEST_MAX_AGE or len(value) > 8:  # noqa: PLR2004
        raise ProtocolError("invalid_request", "max_age must be a number of seconds")
    return int(value)


def _dpop_jkt(asked: MultiDict[str, str], client: Client) -> str:
    """The key that the code is to be bound to (RFC 9449 section 10); a SHA-256 thumbprint in base64url.

    Where the client's profile binds no tokens, it is a parameter that VAD does not know, and is passed over.
    """
    if client.binds_tokens is Demand.REFUSED:
        return ""
    value = asked.get("dpop_jkt", "")
    if value and _THUMBPRINT.fullmatch(value) is None:
        raise ProtocolError("invalid_request", "dpop_jkt must be a thumbprint")
    return value
