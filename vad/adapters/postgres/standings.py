"""A grant and all that it rests on, in one trip: the grant, who logged in, and the consents, each by its key."""

from sqlalchemy import any_, bindparam, select

from vad.adapters.postgres import consents, grants, persons
from vad.adapters.postgres.query import VersionedQuery
from vad.adapters.postgres.rows import ConsentRow, GrantRow, PersonRow
from vad.adapters.postgres.schema import table
from vad.adapters.postgres.transaction import Transaction
from vad.domain.identifiers import GrantId
from vad.services.ports.records import Standing

_GRANTS, _PERSONS, _CONSENTS = table(GrantRow), table(PersonRow), table(ConsentRow)
_G, _P = len(grants.COLUMNS), len(persons.READ)

_OF = VersionedQuery(
    select(*grants.COLUMNS, *persons.READ, *consents.COLUMNS)
    .select_from(
        _GRANTS.join(_PERSONS, _PERSONS.c.person_id == _GRANTS.c.actor).outerjoin(
            _CONSENTS, _CONSENTS.c.consent_id == any_(_GRANTS.c.consents)
        )
    )
    .where(_GRANTS.c.grant_id == bindparam("this_grant"))
)
"""One row per consent: a grant rests on a few at most."""


class PostgresStandings:
    """`vad.services.ports.records.Standings` in one transaction."""

    def __init__(self, transaction: Transaction, opener: persons.PostgresPersons) -> None:
        self._transaction = transaction
        self._opener = opener

    def of(self, grant_id: GrantId) -> Standing | None:
        rows = self._transaction.read(_OF, this_grant=grant_id)
        if not rows:
            return None
        given = (row[_G + _P :] for row in rows)
        return Standing(
            grants.grant_of(rows[0][:_G]),
            self._opener.opened(rows[0][_G : _G + _P]),
            tuple(consents.consent_of(row) for row in given if row[0] is not None),
        )
