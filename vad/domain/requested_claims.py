"""The `claims` parameter (OIDC Core section 5.5): what an app asks of the claims in the ID token and at userinfo.

Which claims there are is in `vad.domain.claims`: they are the same for every app, and asking for others is no error
(section 5.5.1). Three requests change the answer: whom `sub` must be, which level `acr` must say, and, where an
installation has them, the standard claims about a person. An essential one of those the person may refuse as well.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from vad.domain import strict_json
from vad.domain.assurance import LevelOfAssurance, known_levels
from vad.domain.errors import ProtocolError
from vad.domain.standard_claims import NAMES

_MEMBERS = ("userinfo", "id_token")
_LONGEST_SUB = 255


@dataclass(frozen=True, slots=True)
class RequestedClaims:
    """What changes the answer."""

    subjects: tuple[str, ...] = ()
    """Whom the app expects, as it knows them: one of these. Empty: anybody."""
    levels: tuple[LevelOfAssurance, ...] = ()
    """Levels that it would like, as in `acr_values`."""
    demanded_levels: tuple[LevelOfAssurance, ...] = ()
    """Levels one of which `acr` must say (section 5.5.1.1). Empty: it demands none."""
    at_userinfo: tuple[str, ...] = ()
    """Standard claims about the person, for the userinfo endpoint."""
    in_id_token: tuple[str, ...] = ()
    """The same, for the ID token."""


def read(text: str) -> RequestedClaims:
    """What this value of the parameter asks.

    Raises `ProtocolError`: `invalid_request` for what section 5.5 does not allow, and
    `unmet_authentication_requirements` for an `acr` that VAD never says.
    """
    if not text:
        return RequestedClaims()
    members = _members(text)
    acr = members["id_token"].get("acr")
    wanted = _values(acr)
    known = known_levels(wanted)
    essential = bool(acr and acr.get("essential")) and bool(wanted)
    if essential and not known:
        raise ProtocolError("unmet_authentication_requirements", "no login has one of the acr values that are demanded")
    told = (tuple(name for name in NAMES if name in members[place]) for place in _MEMBERS)
    return RequestedClaims(_subjects(members), () if essential else known, known if essential else (), *told)


def _members(text: str) -> Mapping[str, Mapping[str, Mapping[str, object]]]:
    """The claims of both members that VAD knows; each with what is asked of it."""
    try:
        value = strict_json.parse(text.encode())
    except ValueError:
        raise _malformed() from None
    if not isinstance(value, dict):
        raise _malformed()
    # What asks for nothing in particular is what was left out: some programs write that as null.
    return {name: _claims({} if value.get(name) is None else value[name]) for name in _MEMBERS}


def _claims(value: object) -> Mapping[str, Mapping[str, object]]:
    if not isinstance(value, dict):
        raise _malformed()
    for asked in value.values():
        fit = asked is None or (isinstance(asked, dict) and isinstance(asked.get("essential", False), bool))
        if not fit:
            raise _malformed()
    return {name: asked or {} for name, asked in value.items()}


def _subjects(members: Mapping[str, Mapping[str, Mapping[str, object]]]) -> tuple[str, ...]:
    """Those that both members allow: the ID token and userinfo are about the same person."""
    named = [values for values in (_values(claims.get("sub")) for claims in members.values()) if values]
    if not named:
        return ()
    common = tuple(each for each in named[0] if all(each in others for others in named))
    if not common or any(not 0 < len(each) <= _LONGEST_SUB for each in common):
        raise ProtocolError("invalid_request", "claims asks for a sub that nobody can have")
    return common


def _values(asked: Mapping[str, object] | None) -> tuple[str, ...]:
    """The values of which one will do; none where any will."""
    if not asked or not asked.keys() & {"value", "values"}:
        return ()
    values = asked.get("values", [asked.get("value")])
    texts = tuple(each for each in values if isinstance(each, str)) if isinstance(values, list) else ()
    if {"value", "values"} <= asked.keys() or not texts or len(texts) != len(values):  # type: ignore[arg-type]
        raise _malformed()
    return texts


def _malformed() -> ProtocolError:
    return ProtocolError("invalid_request", "claims is not what OpenID Connect Core section 5.5 says")
