"""What the BRP says of parental authority (`gezag`), read strictly (rules 14 and 15).

Both versions of the names are taken. A type that is not known is not read as nobody's authority: the whole answer is
refused, for nobody can tell what it would say. Members that have no value are left out.
"""

from collections.abc import Mapping
from typing import Any

from vad.domain.errors import InvalidIdentifierError, RegisterUnavailableError
from vad.domain.identifiers import Bsn
from vad.domain.parental_authority import AuthorityKind, AuthorityRelation

_KINDS: Mapping[str, AuthorityKind] = {kind.value: kind for kind in AuthorityKind} | {
    "TweehoofdigOuderlijkGezag": AuthorityKind.JOINT_PARENTS,  # its name in version 1
}
_KNOWN_THIRD, _UNKNOWN_THIRD = "BekendeDerde", "OnbekendeDerde"


def relations(person: Mapping[str, Any]) -> tuple[AuthorityRelation, ...]:
    """Every element of the answer about one person. Raises `RegisterUnavailableError` for one of another shape."""
    elements = person.get("gezag")
    if not isinstance(elements, list):
        raise _unreadable()
    return tuple(_relation(element) for element in elements)


def minors(person: Mapping[str, Any]) -> tuple[Bsn, ...]:
    """Over whom somebody may hold authority, by the answer about themself: good for a list, never for a decision."""
    return tuple(dict.fromkeys(each.minor for each in relations(person) if each.minor is not None))


def _relation(element: Any) -> AuthorityRelation:
    kind = _KINDS.get(str(element.get("type"))) if isinstance(element, dict) else None
    if kind is None:
        raise _unreadable()
    doubt = element.get("inOnderzoek", False)
    if not isinstance(doubt, bool):
        raise _unreadable()
    minor = _somebody(element["minderjarige"]) if "minderjarige" in element else None
    if "minderjarige" in element and minor is None:
        raise _unreadable()
    holders = frozenset(bsn for bsn in map(_somebody, _holders(kind, element)) if bsn is not None)
    return AuthorityRelation(kind, minor, holders, doubt)


def _holders(kind: AuthorityKind, element: Mapping[str, Any]) -> list[Any]:
    """Those whom an element of this kind names. A member that its kind does not have makes nobody a holder."""
    match kind:
        case AuthorityKind.JOINT_PARENTS:
            return _list(element, "ouders")
        case AuthorityKind.ONE_PARENT:
            return [element.get("ouder", {})]
        case AuthorityKind.PARENT_AND_OTHER:
            return [element.get("ouder", {}), *_known_third(element.get("derde", {}))]
        case AuthorityKind.GUARDIANSHIP:
            return _list(element, "derden")
        case AuthorityKind.TEMPORARILY_NONE | AuthorityKind.NOT_DETERMINABLE:
            return []


def _list(element: Mapping[str, Any], member: str) -> list[Any]:
    value = element.get(member, [])
    if not isinstance(value, list):
        raise _unreadable()
    return value


def _known_third(third: Any) -> list[Any]:
    kind = third.get("type", _UNKNOWN_THIRD) if isinstance(third, dict) else None
    if kind not in {_KNOWN_THIRD, _UNKNOWN_THIRD}:
        raise _unreadable()
    return [third] if kind == _KNOWN_THIRD else []


def _somebody(person: Any) -> Bsn | None:
    """The BSN of somebody in the answer; None for a parent who has none."""
    if not isinstance(person, dict):
        raise _unreadable()
    number = person.get("burgerservicenummer")
    if number is None:
        return None
    bsn = None
    if isinstance(number, str):
        try:
            bsn = Bsn(number)
        except InvalidIdentifierError:
            bsn = None
    if bsn is None:
        raise _unreadable()
    return bsn


def _unreadable() -> RegisterUnavailableError:
    """Says nothing of what was there: that is about people."""
    return RegisterUnavailableError("brp: authority of another shape")
