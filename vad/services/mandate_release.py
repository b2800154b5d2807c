"""Letting go of what rested on a mandate that is over, in the same unit of work (rule 27)."""

from dataclasses import dataclass
from datetime import datetime

from vad.domain.audit import AuditEvent
from vad.domain.consent import Consent
from vad.domain.mandate import Mandate
from vad.services.given_consents import ended_with
from vad.services.ports.records import UnitOfWork
from vad.services.security_events import SecurityEvents


@dataclass(frozen=True, slots=True)
class MandateRelease:
    """What every end of a mandate does."""

    security_events: SecurityEvents

    def of(self, tx: UnitOfWork, mandate: Mandate, at: datetime) -> tuple[AuditEvent, ...]:
        """End the grants of apps, and the representative's consents; returns the events of the latter.

        The representative's own login at the app goes on (rule 27). Data sources that registered for it hear that
        tokens which are out are not to be honoured any more. `Mandates.hold_all` comes before all of it.
        """
        tx.grants.end_mandate(mandate.mandate_id)
        represented, representative = mandate.represented, mandate.representative
        if represented is None or representative is None:
            return ()
        # Another mandate may live: then apps get new tokens, and those that are out are dropped all the same.
        self.security_events.mandate_revoked(tx, represented, representative, at)
        if any(each.live(at) for each in tx.mandates.active(represented, representative)):
            return ()
        ended = tx.consents.withdraw_acting(representative, represented, at)
        return tuple(_withdrawn(consent, mandate) for consent in ended)

    def of_part(self, tx: UnitOfWork, mandate: Mandate, at: datetime) -> tuple[AuditEvent, ...]:
        """The same where a part was stopped: of the apps for which nothing is left."""
        represented, representative = mandate.represented, mandate.representative
        if represented is None or representative is None:
            return ()
        self.security_events.mandate_revoked(tx, represented, representative, at)
        others = tuple(each for each in tx.mandates.active(represented, representative) if each.live(at))
        named = {each.client_id for each in mandate.permissions if each.client_id is not None}
        ended: list[Consent] = []
        for client_id in sorted(each for each in named if not mandate.for_client(each)):
            tx.grants.end_mandate_for(mandate.mandate_id, client_id)
            if not any(each.for_client(client_id) for each in others):
                ended += tx.consents.withdraw(representative, represented, client_id, at)
        return tuple(_withdrawn(consent, mandate) for consent in ended)


def _withdrawn(consent: Consent, mandate: Mandate) -> AuditEvent:
    return ended_with(consent, "mandate_ended", {"mandate": str(mandate.mandate_id)})
