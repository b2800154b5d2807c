"""What a decision rests on, in one trip: the grant if there is one, who logged in, what was agreed and blocked."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Uuid, and_, any_, bindparam, or_, select
from sqlalchemy.dialects.postgresql import ARRAY

from vad.adapters.postgres import assents, blocks, consents, grants, mandate_reading, persons
from vad.adapters.postgres.query import Row, VersionedQuery
from vad.adapters.postgres.rows import ConsentRow, GrantRow, PersonRow
from vad.adapters.postgres.schema import table
from vad.adapters.postgres.transaction import Transaction
from vad.domain.assent import Assent
from vad.domain.block import Block
from vad.domain.consent import Consent
from vad.domain.grant import Grant
from vad.domain.identifiers import ClientId, ConsentId, GrantId, PersonId
from vad.domain.mandate import Mandate
from vad.services.ports.records import GrantStanding, Person, Standing

_GRANTS, _PERSONS, _CONSENTS = table(GrantRow), table(PersonRow), table(ConsentRow)
_G, _P = len(grants.COLUMNS), len(persons.READ)

_OF = VersionedQuery(
    select(
        *grants.COLUMNS,
        *persons.READ,
        blocks.standing_about(_GRANTS.c.subject),
        assents.standing_between(_GRANTS.c.subject, _GRANTS.c.actor),
        mandate_reading.mandate_named(_GRANTS.c.mandate_id),
        *consents.COLUMNS,
    )
    .select_from(
        _GRANTS.join(_PERSONS, _PERSONS.c.person_id == _GRANTS.c.actor).outerjoin(
            _CONSENTS, _CONSENTS.c.consent_id == any_(_GRANTS.c.consents)
        )
    )
    .where(_GRANTS.c.grant_id == bindparam("this_grant")),
    "standing_of_grant",
)
"""One row per consent: a grant rests on a few at most."""
_THESE = _CONSENTS.c.consent_id == any_(bindparam("consent_ids", type_=ARRAY(Uuid())))
_SUBJECT: ColumnElement[UUID] = bindparam("this_subject", type_=Uuid())
_PERSON: ColumnElement[UUID] = bindparam("this_person", type_=Uuid())
_MANDATE: ColumnElement[UUID] = bindparam("this_mandate", type_=Uuid())


def _of_person(these: ColumnElement[bool], its_mandates: ColumnElement[Any], name: str) -> VersionedQuery:
    return VersionedQuery(
        select(
            *persons.READ,
            blocks.standing_about(_SUBJECT),
            assents.standing_between(_SUBJECT, _PERSON),
            its_mandates,
            *consents.COLUMNS,
        )
        .select_from(_PERSONS.outerjoin(_CONSENTS, these))
        .where(_PERSONS.c.person_id == _PERSON),
        name,
    )


_OF_UNWRITTEN = _of_person(_THESE, mandate_reading.mandate_named(_MANDATE), "standing_of_code")
_OF_REQUEST = _of_person(
    and_(
        _CONSENTS.c.person_id == _PERSON,
        _CONSENTS.c.subject == _SUBJECT,
        _CONSENTS.c.client_id == bindparam("client_id"),
        or_(consents.STANDING, _THESE),
    ),
    mandate_reading.mandates_between(_SUBJECT, _PERSON),
    "standing_of_request",
)


_Opened = tuple[Person, tuple[Consent, ...], tuple[Block, ...], tuple[Assent, ...], tuple[Mandate, ...]]


class PostgresStandings:
    """`vad.services.ports.records.Standings` in one transaction."""

    def __init__(self, transaction: Transaction, opener: persons.PostgresPersons) -> None:
        self._transaction = transaction
        self._opener = opener

    def of(self, grant_id: GrantId) -> GrantStanding | None:
        rows = self._transaction.read(_OF, this_grant=grant_id)
        if not rows:
            return None
        grant = grants.grant_of(rows[0][:_G])
        return GrantStanding(*self._opened(grant.subject, [row[_G:] for row in rows]), grant)

    def of_unwritten(self, grant: Grant) -> GrantStanding | None:
        rows = self._transaction.read(
            _OF_UNWRITTEN,
            this_person=grant.actor,
            this_subject=grant.subject,
            this_mandate=grant.mandate,
            consent_ids=list(grant.consents),
        )
        return GrantStanding(*self._opened(grant.subject, rows), grant) if rows else None

    def of_request(
        self, person_id: PersonId, subject: PersonId, client_id: ClientId, given_now: Collection[ConsentId]
    ) -> Standing | None:
        rows = self._transaction.read(
            _OF_REQUEST,
            this_person=person_id,
            this_subject=subject,
            client_id=client_id,
            consent_ids=list(given_now),
        )
        return Standing(*self._opened(subject, rows)) if rows else None

    def _opened(self, subject: PersonId, rows: Sequence[Row]) -> _Opened:
        given = (row[_P + 3 :] for row in rows)
        person = self._opener.opened(rows[0][:_P])
        return (
            person,
            tuple(consents.consent_of(row) for row in given if row[0] is not None),
            blocks.blocks_of(subject, rows[0][_P]),
            assents.assents_of(subject, person.person_id, rows[0][_P + 1]),
            mandate_reading.mandates_of(rows[0][_P + 2]),
        )
