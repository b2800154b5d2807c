"""Consent of a person that an app may fetch data from one data source (rule 3, page P5)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from vad.domain.identifiers import ClientId, ConsentId, PersonId, ResourceId

UNUSED_LIFE = timedelta(days=182)
"""A consent "until I stop" lapses after six months without use (MedMij)."""


class Duration(StrEnum):
    """How long the person said the consent holds."""

    ONCE = "once"
    UNTIL_STOPPED = "until_stopped"


@dataclass(frozen=True, slots=True)
class Consent:
    """One person's consent for one app, about one subject, at one data source.

    `resource` is the issuer itself where the app asked for no data source: consent to log in there.
    """

    consent_id: ConsentId
    person_id: PersonId
    """Who gave it."""
    subject: PersonId
    """Whose data it is about. Consent given for oneself never covers acting for another."""
    client_id: ClientId
    resource: ResourceId
    data_services: frozenset[str]
    duration: Duration
    given_at: datetime
    until: datetime
    """When it ends by itself: the end of the login for `ONCE`; moved on by use for `UNTIL_STOPPED`."""
    withdrawn_at: datetime | None = None

    def live(self, at: datetime) -> bool:
        """Whether it holds at `at`."""
        return self.withdrawn_at is None and self.given_at <= at < self.until

    def covers(self, resource: ResourceId, data_services: frozenset[str]) -> bool:
        """Whether it is about this source and all these data services."""
        return self.resource == resource and data_services <= self.data_services
