"""The standard claims about a person (OIDC Core section 5.1), and what asks for them (sections 5.4 and 5.5).

An app asks by a scope, or for one claim by its name. Both are scopes of VAD itself, like those of its API: a person
agrees to each, and what was agreed to stands in consent and grant by its name. ADR 0037 says where there are any.
"""

from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType

_PROFILE = (
    *("name", "given_name", "family_name", "middle_name", "nickname", "preferred_username"),
    *("profile", "picture", "website", "gender", "birthdate", "zoneinfo", "locale", "updated_at"),
)
_EMAIL, _ADDRESS, _PHONE = ("email", "email_verified"), ("address",), ("phone_number", "phone_number_verified")
OF_SCOPE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"profile": _PROFILE, "email": _EMAIL, "address": _ADDRESS, "phone": _PHONE}
)
"""Section 5.4."""
NAMES = (*_PROFILE, *_EMAIL, *_ADDRESS, *_PHONE)
SCOPES = frozenset(OF_SCOPE)
_BY_NAME = "claim:"
_ALONE = frozenset(_BY_NAME + name for name in NAMES)
SHARED = SCOPES | _ALONE
"""Everything that a person can agree to share."""


def by_name(shared: str) -> bool:
    """Whether this stands for one claim. Only the `claims` parameter asks so: no app sends it as a scope."""
    return shared.startswith(_BY_NAME)


def asked(scope: Collection[str], claims: Iterable[str]) -> tuple[str, ...]:
    """What an app asks by name, beside what this scope holds already."""
    held = names(scope)
    return tuple(_BY_NAME + name for name in dict.fromkeys(claims) if name not in held)


def names(shared: Collection[str]) -> frozenset[str]:
    """The claims that these stand for; what stands for none is passed over."""
    if SHARED.isdisjoint(shared):
        return frozenset()
    of_scopes = {name for scope in SCOPES.intersection(shared) for name in OF_SCOPE[scope]}
    return frozenset(of_scopes | {each.removeprefix(_BY_NAME) for each in _ALONE.intersection(shared)})


def covered(shared: Collection[str]) -> frozenset[str]:
    """These, and each claim that they hold: who agreed to a scope agreed to every claim of it."""
    return frozenset(shared) | {_BY_NAME + name for name in names(shared)}
