"""Standard claims about a person, for an app that asked for them and whose person agreed (ADR 0037).

A permit says which: it is decided anew at each token and each call of the userinfo endpoint, so a stop counts at once.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from vad.domain import standard_claims
from vad.domain.access import Permit
from vad.domain.ground import Basis
from vad.services.ports.outside import PersonClaims
from vad.services.ports.records import Person


@dataclass(frozen=True, slots=True)
class SharedClaims:
    """The use case."""

    known: PersonClaims | None = None
    """None: this installation has no such claims, and gives none, whatever was agreed to."""

    @property
    def offered(self) -> bool:
        """Whether there are any here."""
        return self.known is not None

    def at_userinfo(self, permit: Permit, person: Person) -> Mapping[str, object]:
        """All that was agreed to."""
        return self._of(permit, person, standard_claims.NAMES)

    def in_id_token(self, permit: Permit, person: Person, asked: Collection[str]) -> Mapping[str, object]:
        """What was asked for the ID token, as far as it was agreed to."""
        return self._of(permit, person, asked)

    def _of(self, permit: Permit, person: Person, asked: Collection[str]) -> Mapping[str, object]:
        wanted = standard_claims.names(permit.request.data_services).intersection(asked)
        if self.known is None or not wanted or permit.basis is not Basis.SELF:
            return {}
        return {name: value for name, value in self.known.of(person.bsn).items() if name in wanted}
