"""Who is loaded: grown-ups with what they agreed to, and whom they authorised. Rows are those that the stores write."""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from vad.adapters.postgres import consents
from vad.adapters.postgres.persons import PostgresPersons
from vad.adapters.vault.lookup import BsnLookup
from vad.adapters.vault.rings import Rings
from vad.adapters.vault.sealing import Sealer
from vad.domain.age import BirthDate
from vad.domain.client import Client, ResourceServer
from vad.domain.consent import UNUSED_LIFE, Consent, Duration
from vad.domain.identifiers import Bsn, ClientId, ConsentId, MandateId, PersonId
from vad.domain.mandate import ANSWER_WITHIN, Mandate, MandateState, Permission, Route, ends_after
from vad.domain.person import Evidence
from vad.sandbox.errors import SandboxError
from vad.sandbox.load import numbers

Row = Mapping[str, Any]
_OLD_DAYS = 150
"""Days within which everything was agreed to: less than a consent lives unused."""
_YEARS = (1935, 70)
"""The first year of birth, and how many years come after it."""
_PASSING, _UNANSWERED = 5, 10
"""Every fifth consent was for one login that is over; every tenth mandate is an offer that nobody has answered."""


@dataclass(frozen=True, slots=True)
class Places:
    """Where data may go: an app, a source, and what the source lets it fetch."""

    own: tuple[tuple[ClientId, ResourceServer, frozenset[str]], ...]
    acting: tuple[tuple[ClientId, ResourceServer, frozenset[str]], ...]
    """Those where people may act for others."""

    @classmethod
    def of(cls, clients: Sequence[Client], sources: Sequence[ResourceServer]) -> "Places":
        """What is registered. Raises `SandboxError` when no app may go anywhere."""
        acts = {client.client_id for client in clients if client.representation}
        own = tuple((app, source, services) for source in sources for app, services in source.admitted.items())
        if not own:
            raise SandboxError("no app is registered at any data source: run `vad clients apply` first")
        acting = tuple(each for each in own if each[0] in acts and each[1].representation)
        return cls(own, acting)


@dataclass(frozen=True, slots=True)
class Batch:
    """People from `first` on, and how much there is between them."""

    first: int
    persons: int
    mandates: int
    consents: int


class People:
    """Makes the rows of a batch."""

    def __init__(self, persons: PostgresPersons, keys: Rings, places: Places, at: datetime) -> None:
        self._persons, self._places, self._at = persons, places, at
        self._lookup, self._sealer = BsnLookup(keys), Sealer(keys)

    def persons(self, batch: Batch) -> list[Row]:
        """Those who were last asked about at the register now."""
        return list(map(self._person, range(batch.first, batch.first + batch.persons)))

    def mandates(self, batch: Batch, people: Sequence[PersonId]) -> list[Mandate]:
        """Each from somebody to whoever comes next; a second round skips one, and so on."""
        made = []
        for number in range(min(batch.mandates, len(people) * (len(people) - 1))):
            distance, grantor = divmod(number, len(people))
            helper = (grantor + 1 + distance) % len(people)
            made.append(self._mandate(batch.first + number, people[grantor], people[helper]))
        return made

    def consents(self, batch: Batch, people: Sequence[PersonId], mandates: Sequence[Mandate]) -> Iterator[Row]:
        """Each person's own in the first round; then for whom they act where they do; then their own again."""
        held = {each.representative: each.represented for each in mandates if each.state is MandateState.ACTIVE}
        for number in range(batch.consents):
            turn, place = divmod(number, len(people))
            person = people[place]
            subject = held.get(person) if turn == 1 and self._places.acting else None
            yield consents.values_of(self._consent(batch.first + number, turn, person, subject or person))

    def offer_values(self, mandate: Mandate) -> Row:
        """What its row held before anybody brought its code."""
        # The name that its maker wrote for the other is forgotten once there is an answer.
        waits = mandate.state is MandateState.OFFERED
        label = self._sealer.seal(
            mandate.label.encode(), table="mandates", column="label_sealed", row=str(mandate.mandate_id)
        )
        return {
            "mandate_id": mandate.mandate_id,
            "route": mandate.route.value,
            "state": MandateState.OFFERED.value,
            "represented": mandate.represented,
            "representative": None,
            "starts_at": mandate.starts_at,
            "ends_at": mandate.ends_at,
            "made_at": mandate.made_at,
            "answer_by": mandate.answer_by,
            "changed_at": mandate.changed_at,
            "version": 1,
            "label_sealed": label.value if waits else None,
            "label_key_id": label.key_id if waits else None,
            "code_hash": secrets.token_bytes(32),
            "checked_at": self._at,
        }

    def _person(self, number: int) -> Row:
        bsn, (year, span) = Bsn(numbers.nth(number)), _YEARS
        values = self._persons.new_values(bsn, self._lookup.of(bsn), self._at)
        birth = BirthDate(year + number % span, 1 + number % 12, 1 + number % 28)
        evidence = Evidence(birth=birth, deceased=False, register="sandbox", answered_at=self._at)
        return values | self._persons.evidence_values(values["person_id"], evidence)

    def _consent(self, number: int, turn: int, person: PersonId, subject: PersonId) -> Consent:
        places = self._places.own if subject == person else self._places.acting
        # The rounds of one person lie beside each other: what stands is not asked for twice.
        client, source, services = places[(number + turn) % len(places)]
        once = number % _PASSING == _PASSING - 1
        given_at = self._ago(number)
        return Consent(
            consent_id=ConsentId(uuid4()),
            person_id=person,
            subject=subject,
            client_id=client,
            resource=source.identifier,
            data_services=services,
            duration=Duration.ONCE if once else Duration.UNTIL_STOPPED,
            given_at=given_at,
            until=given_at + (timedelta(hours=2) if once else UNUSED_LIFE),
        )

    def _mandate(self, number: int, grantor: PersonId, helper: PersonId) -> Mandate:
        answered = number % _UNANSWERED != _UNANSWERED - 1
        made_at = self._ago(number) if answered else self._at
        services = sorted({service for _, _, each in self._places.own for service in each})
        offered = Mandate(
            mandate_id=MandateId(uuid4()),
            route=Route.OFFER,
            state=MandateState.OFFERED,
            represented=grantor,
            representative=None,
            permissions=tuple(Permission(uuid4(), each) for each in services),
            starts_at=made_at,
            ends_at=ends_after(_last_day(made_at, number), made_at),
            made_at=made_at,
            answer_by=made_at + ANSWER_WITHIN,
            changed_at=made_at,
            label="mijn hulp",
        )
        return offered.reached(helper, made_at).moved(MandateState.ACTIVE, made_at) if answered else offered

    def _ago(self, number: int) -> datetime:
        """Some time in the last months: at another hour for each."""
        return self._at - timedelta(hours=3 + number % (24 * _OLD_DAYS))


def _last_day(made_at: datetime, number: int) -> date:
    return made_at.date() + timedelta(days=365 * (1 + number % 4))


def permission_values(mandate: Mandate) -> Iterator[Row]:
    """What the rows of its permissions hold."""
    for each in mandate.permissions:
        yield {
            "permission_id": each.permission_id,
            "mandate_id": mandate.mandate_id,
            "data_service": each.data_service,
            "resource": each.resource or "",
            "client_id": each.client_id or "",
            "stopped_at": each.stopped_at,
        }
