"""For whom a visitor of the demo PGO acts: said by the ID token, named by userinfo.

In the ID token `sub` is who logged in and `represents` whose data it is about; in access tokens it is the other way
round. What the signed ID token says counts. Where userinfo gives no names the app still says whose data it is not.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


class ContradictionError(Exception):
    """What VAD told is not what the protocol allows, or one part of it does not fit another."""


@dataclass(frozen=True)
class Acting:
    """Somebody acts for another. A name is empty where VAD did not tell it."""

    represented: str
    actor: str


def acting(claims: Mapping[str, Any], told: Mapping[str, Any] | None) -> Acting | None:
    """For whom somebody acts; None for themself. `claims` are those of a checked ID token, `told` is from userinfo.

    Raises `ContradictionError`: nobody may take another's data for their own, nor their own for another's.
    """
    represents = claims.get("represents")
    if "represents" in claims and not _is_somebody_else(represents, claims):
        raise ContradictionError("represents")
    if told is not None and (told.get("sub") != claims["sub"] or ("represented" in told) is (represents is None)):
        raise ContradictionError("userinfo")
    if represents is None:
        return None
    return Acting(_name(told, "represented"), _name(told, "person"))


def _is_somebody_else(represents: Any, claims: Mapping[str, Any]) -> bool:
    if not isinstance(represents, dict) or represents.get("iss") != claims["iss"]:
        return False
    sub = represents.get("sub")
    return isinstance(sub, str) and sub not in ("", claims["sub"])


def _name(told: Mapping[str, Any] | None, who: str) -> str:
    person = None if told is None else told.get(who)
    name = person.get("name") if isinstance(person, dict) else None
    return name if isinstance(name, str) else ""
