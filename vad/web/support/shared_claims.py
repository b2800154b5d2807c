"""Standard claims about a person as pages show them: the words are in `shared_claims.html`."""

from collections.abc import Collection
from dataclasses import dataclass

from vad.domain import standard_claims


@dataclass(frozen=True, slots=True)
class ShownClaims:
    """One thing that a person can agree to share."""

    value: str
    kind: str
    """The scope; empty for one claim by its name."""
    names: tuple[str, ...]
    """The claims that it holds, in the order of the standard."""


def shown(shared: Collection[str]) -> tuple[ShownClaims, ...]:
    """Those of these that are claims about the person; scopes come first."""
    scopes = [ShownClaims(scope, scope, names) for scope, names in standard_claims.OF_SCOPE.items() if scope in shared]
    single = sorted(each for each in standard_claims.SHARED.intersection(shared) if standard_claims.by_name(each))
    return (*scopes, *(ShownClaims(each, "", tuple(standard_claims.names((each,)))) for each in single))
