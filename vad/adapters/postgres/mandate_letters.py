"""The store of mandates that were asked for by letter. Who was asked, as it was written down, is sealed."""

import json
from collections.abc import Sequence

from sqlalchemy import LargeBinary, any_, bindparam, func, insert, literal_column, null, select, update
from sqlalchemy.dialects.postgresql import ARRAY

from vad.adapters.postgres.mandate_reading import IS_OPEN, MANDATES
from vad.adapters.postgres.mandate_rows import MandateLetterRow
from vad.adapters.postgres.query import Query
from vad.adapters.postgres.schema import table
from vad.adapters.postgres.transaction import Transaction
from vad.adapters.vault.sealing import Sealed, Sealer
from vad.domain.age import BirthDate
from vad.domain.identifiers import Bsn, MandateId, PersonId
from vad.domain.mandate_letter import MOST_WRONG_STOPS, Addressee
from vad.services.ports.mandate_letters import AskedLetter, StopCoded

_LETTERS = table(MandateLetterRow)
_L = _LETTERS.c
_THIS = _L.mandate_id == bindparam("this_mandate")

_ADD = Query(
    insert(_LETTERS).values({name: bindparam(name) for name in ("mandate_id", "asked_sealed", "asked_key_id")})
)
_GET = Query(select(_L.asked_key_id, _L.asked_sealed, _L.addressee).where(_THIS).with_for_update())
_ADDRESS = Query(
    update(_LETTERS).where(_THIS).values(asked_sealed=null(), asked_key_id=null(), addressee=bindparam("addressee"))
)
_CODE = Query(
    update(MANDATES)
    .where(MANDATES.c.mandate_id == bindparam("this_mandate"), IS_OPEN)
    .values(code_hash=bindparam("code_hash"))
)
_HASHES = Query(
    select(MANDATES.c.code_hash, _L.stop_hash)
    .join_from(_LETTERS, MANDATES, _L.mandate_id == MANDATES.c.mandate_id)
    .where(_THIS)
)
_FORGET = Query(update(_LETTERS).where(_THIS).values(asked_sealed=null(), asked_key_id=null()))
_STOP_CODE = Query(update(_LETTERS).where(_THIS).values(stop_hash=bindparam("stop_hash")))
_BY_STOP_CODE = Query(
    select(_L.mandate_id, _L.addressee, _L.stop_tries)
    .where(_L.stop_hash == any_(bindparam("hashes", type_=ARRAY(LargeBinary()))))
    .with_for_update()
)
_TRIED = Query(
    update(_LETTERS)
    .where(_THIS)
    .values(stop_tries=func.least(_L.stop_tries + literal_column("1"), literal_column(str(MOST_WRONG_STOPS))))
)


class PostgresMandateLetters:
    """`vad.services.ports.mandate_letters.MandateLetters` in one transaction."""

    def __init__(self, transaction: Transaction, sealer: Sealer) -> None:
        self._transaction = transaction
        self._sealer = sealer

    def add(self, mandate_id: MandateId, asked: Addressee) -> None:
        birth = asked.birth
        written = json.dumps([asked.bsn.reveal(), birth.year, birth.month, birth.day]).encode()
        sealed = self._sealer.seal(written, **_place(mandate_id))
        self._transaction.change(_ADD, mandate_id=mandate_id, asked_sealed=sealed.value, asked_key_id=sealed.key_id)

    def get(self, mandate_id: MandateId) -> AskedLetter | None:
        for key_id, sealed, addressee in self._transaction.change(_GET, this_mandate=mandate_id):
            asked = None
            if key_id is not None:
                opened = self._sealer.open(Sealed(key_id, bytes(sealed)), **_place(mandate_id))
                bsn, year, month, day = json.loads(opened)
                asked = Addressee(Bsn(bsn), BirthDate(year, month, day))
            return AskedLetter(asked, None if addressee is None else PersonId(addressee))
        return None

    def address(self, mandate_id: MandateId, addressee: PersonId | None) -> None:
        self._transaction.change(_ADDRESS, this_mandate=mandate_id, addressee=addressee)

    def hashes(self, mandate_id: MandateId) -> tuple[bytes | None, bytes | None]:
        for row in self._transaction.change(_HASHES, this_mandate=mandate_id):
            code_hash, stop_hash = (None if each is None else bytes(each) for each in row)
            return code_hash, stop_hash
        return None, None

    def forget_asked(self, mandate_id: MandateId) -> None:
        self._transaction.change(_FORGET, this_mandate=mandate_id)

    def keep_code(self, mandate_id: MandateId, code_hash: bytes) -> None:
        self._transaction.change(_CODE, this_mandate=mandate_id, code_hash=code_hash)

    def keep_stop_code(self, mandate_id: MandateId, code_hash: bytes) -> None:
        self._transaction.change(_STOP_CODE, this_mandate=mandate_id, stop_hash=code_hash)

    def by_stop_code(self, hashes: Sequence[bytes]) -> StopCoded | None:
        for mandate_id, addressee, tries in self._transaction.change(_BY_STOP_CODE, hashes=list(hashes)):
            return StopCoded(MandateId(mandate_id), PersonId(addressee), int(tries))
        return None

    def tried(self, mandate_id: MandateId) -> None:
        self._transaction.change(_TRIED, this_mandate=mandate_id)


def _place(mandate_id: MandateId) -> dict[str, str]:
    return {"table": "mandate_letters", "column": "asked_sealed", "row": str(mandate_id)}
