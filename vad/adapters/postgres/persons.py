"""The persons store: found by keyed hash of the BSN; BSN and evidence sealed, each bound to its own row."""

import json
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import bindparam, literal_column, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from vad.adapters.postgres.errors import StoreFaultError
from vad.adapters.postgres.query import Query, Row, VersionedQuery
from vad.adapters.postgres.rows import PersonRow
from vad.adapters.postgres.schema import table
from vad.adapters.postgres.transaction import Transaction
from vad.adapters.vault.lookup import BsnLookup, Hashes
from vad.adapters.vault.sealing import Sealed, Sealer
from vad.domain.age import BirthDate
from vad.domain.errors import StoreUnavailableError
from vad.domain.identifiers import Bsn, PersonId
from vad.domain.person import Evidence
from vad.services.ports.records import Person

_PERSONS = table(PersonRow)
_C = _PERSONS.c
READ = (_C.person_id, _C.bsn_key_id, _C.bsn_sealed, _C.evidence_key_id, _C.evidence_sealed)

_GET = VersionedQuery(select(*READ).where(_C.person_id == bindparam("person_id")), "person_by_id")
# While the look-up key is rotated, a person is known by both columns or by either.
_FIND = VersionedQuery(
    select(*READ).where(or_(_C.bsn_lookup == bindparam("first"), _C.bsn_lookup_next == bindparam("second"))),
    "person_by_bsn",
)
_ADD = Query(
    insert(_PERSONS)
    .values(
        {
            name: bindparam(name)
            for name in (
                "person_id",
                "bsn_lookup",
                "bsn_lookup_key_id",
                "bsn_lookup_next",
                "bsn_lookup_next_key_id",
                "bsn_sealed",
                "bsn_key_id",
                "created_at",
            )
        }
    )
    .on_conflict_do_nothing()
)
_NEWS = VersionedQuery(select(literal_column("1")))
"""Brings nothing but the version, and so the keys of this moment."""
_ATTEMPTS = 3
_KEEP_EVIDENCE = Query(
    update(_PERSONS)
    .where(_C.person_id == bindparam("of_person"))
    .values(evidence_sealed=bindparam("evidence_sealed"), evidence_key_id=bindparam("evidence_key_id"))
)


class PostgresPersons:
    """`vad.services.ports.records.Persons` in one transaction."""

    def __init__(self, transaction: Transaction, sealer: Sealer, lookup: BsnLookup) -> None:
        self._transaction = transaction
        self._sealer = sealer
        self._lookup = lookup

    def find_or_add(self, bsn: Bsn, at: datetime) -> Person:
        for _ in range(_ATTEMPTS):
            hashes = self._lookup.of(bsn)
            found = self._find(hashes)
            if not found:
                self._add(bsn, hashes, at)
                # Read back even what we added: when somebody else was first, the insert waited and did nothing.
                found = self._find(hashes)
            if found:
                return self.opened(found[0])
            # Neither there nor added: the table admits nobody by the look-up keys of a moment ago.
            self._transaction.read(_NEWS)
        raise StoreUnavailableError("PostgreSQL: the look-up keys are not the ones that this process knows")

    def find(self, bsn: Bsn) -> Person | None:
        found = self._find(self._lookup.of(bsn))
        return self.opened(found[0]) if found else None

    def get(self, person_id: PersonId) -> Person | None:
        found = self._transaction.read(_GET, person_id=person_id)
        return self.opened(found[0]) if found else None

    def keep_evidence(self, person_id: PersonId, evidence: Evidence) -> None:
        self._transaction.change(_KEEP_EVIDENCE, of_person=person_id, **self.evidence_values(person_id, evidence))

    def _find(self, hashes: Hashes) -> list[Row]:
        found = self._transaction.read(_FIND, first=hashes.first.value, second=hashes.second.value)
        if len(found) > 1:
            raise StoreFaultError("PostgreSQL: two persons have one BSN")
        return found

    def _add(self, bsn: Bsn, hashes: Hashes, at: datetime) -> None:
        self._transaction.change(_ADD, **self.new_values(bsn, hashes, at))

    def new_values(self, bsn: Bsn, hashes: Hashes, at: datetime) -> dict[str, Any]:
        """What the row of a new person holds."""
        person_id = uuid4()
        sealed = self._sealer.seal(
            bsn.reveal().encode("ascii"), table="persons", column="bsn_sealed", row=str(person_id)
        )
        return {
            "person_id": person_id,
            "bsn_lookup": hashes.first.value,
            "bsn_lookup_key_id": hashes.first.key_id,
            "bsn_lookup_next": hashes.second.value,
            "bsn_lookup_next_key_id": hashes.second.key_id,
            "bsn_sealed": sealed.value,
            "bsn_key_id": sealed.key_id,
            "created_at": at,
        }

    def evidence_values(self, person_id: PersonId, evidence: Evidence) -> dict[str, Any]:
        """What the row holds of what the register said."""
        sealed = self._sealer.seal(_written(evidence), table="persons", column="evidence_sealed", row=str(person_id))
        return {"evidence_sealed": sealed.value, "evidence_key_id": sealed.key_id}

    def opened(self, row: Row) -> Person:
        """The person of a row of `READ`, unsealed."""
        person_id, bsn_key_id, bsn_sealed, evidence_key_id, evidence_sealed = row
        digits = self._open(person_id, "bsn_sealed", bsn_key_id, bsn_sealed)
        evidence = None
        if evidence_key_id is not None:
            evidence = _read(self._open(person_id, "evidence_sealed", evidence_key_id, evidence_sealed))
        return Person(PersonId(person_id), Bsn(digits.decode("ascii")), evidence)

    def _open(self, person_id: PersonId, column: str, key_id: str, value: memoryview) -> bytes:
        return self._sealer.open(Sealed(key_id, bytes(value)), table="persons", column=column, row=str(person_id))


def _written(evidence: Evidence) -> bytes:
    birth = evidence.birth
    content = {
        "birth": [birth.year, birth.month, birth.day],
        "deceased": evidence.deceased,
        "register": evidence.register,
        "answered_at": evidence.answered_at.isoformat(),
        "doubtful": evidence.doubtful,
        "curatele": evidence.curatele,
    }
    return json.dumps(content, separators=(",", ":")).encode()


def _read(content: bytes) -> Evidence:
    known = json.loads(content)
    return Evidence(
        birth=BirthDate(*known["birth"]),
        deceased=known["deceased"],
        register=known["register"],
        answered_at=datetime.fromisoformat(known["answered_at"]),
        doubtful=known["doubtful"],
        curatele=known.get("curatele"),  # None in what a release wrote that did not ask
    )
