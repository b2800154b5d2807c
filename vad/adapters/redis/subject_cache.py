"""What the BRP answered about those for whom others may act, sealed, for a quarter of an hour."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from vad.adapters.redis.codec import (
    FLAG,
    IDENTIFIER,
    NUMBER,
    TEXT,
    TIME,
    Codec,
    Field,
    choice,
    collection,
    nested,
    optional,
)
from vad.adapters.redis.codec import sequence as many
from vad.adapters.redis.connection import RedisConnection
from vad.adapters.redis.keys import StoreKeys
from vad.adapters.redis.sealed import SealedValues
from vad.adapters.vault.rings import Rings
from vad.domain.age import BirthDate
from vad.domain.errors import InvalidIdentifierError
from vad.domain.identifiers import Bsn, PersonId
from vad.domain.parental_authority import AUTHORITY_FRESH, AuthorityKind, AuthorityRelation, ParentalAuthority
from vad.domain.person import Evidence
from vad.services.ports.outside import RegisteredPerson, RegisteredSubject
from vad.services.ports.volatile import PersonName


@dataclass(frozen=True, slots=True)
class _Listed:
    minors: tuple[PersonId, ...]


def _bsn(raw: object) -> Bsn:
    try:
        return Bsn(str(raw))
    except InvalidIdentifierError:
        raise ValueError("not a BSN") from None


_BSN = Field(lambda bsn: bsn.reveal(), _bsn)
"""Only ever inside what is sealed."""
_BIRTH = Codec(BirthDate, {"year": optional(NUMBER), "month": optional(NUMBER), "day": optional(NUMBER)})
_EVIDENCE = Codec(
    Evidence,
    {
        "birth": nested(_BIRTH),
        "deceased": FLAG,
        "register": TEXT,
        "answered_at": TIME,
        "doubtful": FLAG,
        "curatele": optional(FLAG),
    },
)
_NAME = Codec(PersonName, {"full_name": TEXT}, left_out=frozenset({"first_names", "initials", "prefix", "last_name"}))
_PERSON = Codec(RegisteredPerson, {"name": nested(_NAME), "evidence": nested(_EVIDENCE)})
_RELATION = Codec(
    AuthorityRelation,
    {"kind": choice(AuthorityKind), "minor": optional(_BSN), "holders": collection(_BSN), "in_doubt": FLAG},
)
_AUTHORITY = Codec(
    ParentalAuthority,
    {"child": _BSN, "relations": many(nested(_RELATION)), "register": TEXT, "answered_at": TIME},
)
CODEC = Codec(RegisteredSubject, {"person": nested(_PERSON), "authority": nested(_AUTHORITY)})
_LISTED = Codec(_Listed, {"minors": many(IDENTIFIER)})


class RedisSubjectCache:
    """`vad.services.ports.outside.SubjectCache`. Redis sees neither who it is about nor what was said."""

    def __init__(self, redis: RedisConnection, keys: StoreKeys, rings: Rings) -> None:
        self._redis = redis
        self._keys = keys
        self._sealed = SealedValues(rings, "RegisteredSubject")
        self._sealed_lists = SealedValues(rings, "MinorsOf")

    def get(self, person_id: PersonId) -> RegisteredSubject | None:
        return CODEC.load(self._sealed.open(self._read("subject", person_id), row=str(person_id)))

    def keep(self, person_id: PersonId, subject: RegisteredSubject) -> None:
        self._write("subject", person_id, self._sealed.seal(CODEC.dump(subject), row=str(person_id)))

    def listed(self, person_id: PersonId) -> tuple[PersonId, ...] | None:
        known = _LISTED.load(self._sealed_lists.open(self._read("minors_of", person_id), row=str(person_id)))
        return None if known is None else known.minors

    def list(self, person_id: PersonId, minors: Sequence[PersonId]) -> None:
        sealed = self._sealed_lists.seal(_LISTED.dump(_Listed(tuple(minors))), row=str(person_id))
        self._write("minors_of", person_id, sealed)

    def _read(self, kind: str, person_id: PersonId) -> bytes | None:
        key = self._keys.of(kind, person_id.hex)
        return cast("bytes | None", self._redis.read(lambda client: client.get(key)))

    def _write(self, kind: str, person_id: PersonId, sealed: bytes) -> None:
        key = self._keys.of(kind, person_id.hex)
        self._redis.write(lambda client: client.set(key, sealed, ex=AUTHORITY_FRESH))
