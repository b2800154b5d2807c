"""What the answers of the userinfo endpoint call things, as an app's profile has it."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass

from vad.domain.claims import PSEUDONYM_TYPE
from vad.domain.profile import UserInfoShape
from vad.services.ports.volatile import PersonName


@dataclass(frozen=True, slots=True)
class Called:
    """What an app may know of somebody, to greet them or to say for whom they act."""

    name: str
    age: int | None
    """In whole years, in Amsterdam; None where the register leaves it open."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the app may know of the person who logged in."""

    sub: str
    """Pairwise: the same as in the ID token (OIDC Core section 5.3.2)."""
    name: PersonName
    age: int | None
    represented: Called | None
    """For whom they act; None where they don't."""
    reference: str
    """For the source of the app to swap at the PRS, where it has one; otherwise random, and naming nobody."""


def told(shape: UserInfoShape, known: Told) -> Mapping[str, object]:
    """The members of the answer."""
    return _SHAPES[shape](known)


def _standard(known: Told) -> Mapping[str, object]:
    represented = {"represented": asdict(known.represented)} if known.represented else {}
    person = asdict(Called(known.name.full_name, known.age))
    return {"sub": known.sub, "sub_id_type": PSEUDONYM_TYPE, "person": person, **represented}


def _name_in_parts(known: Told) -> Mapping[str, object]:
    """As the ministry's own proof of concept answers. It acts for nobody, so nobody is represented."""
    if known.represented is not None:
        raise TypeError("in this shape nobody can be told apart from whom they act for")
    name = {
        "first_name": known.name.first_names,
        "prefix": known.name.prefix,
        "last_name": known.name.last_name,
        "initials": known.name.initials,
        "full_name": known.name.full_name,
    }
    return {"rid": known.reference, "person": {"age": known.age, "name": name}, "sub": known.sub}


_SHAPES: Mapping[UserInfoShape, Callable[[Told], Mapping[str, object]]] = {
    UserInfoShape.STANDARD: _standard,
    UserInfoShape.NAME_IN_PARTS: _name_in_parts,
}
