"""Sealing at rest and keyed look-up."""

import functools
import hashlib
import hmac
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vad.adapters.vault.encoding import base64url, from_base64url, joined
from vad.adapters.vault.errors import KeyRingError, SealBrokenError, UnknownKeyError
from vad.adapters.vault.generation import create_secret
from vad.adapters.vault.keyring import KeyRing, KeyState, Purpose
from vad.adapters.vault.lookup import BsnLookup
from vad.adapters.vault.master_key import MasterKey
from vad.adapters.vault.sealing import Sealed, Sealer
from vad.domain.identifiers import Bsn

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
MASTER = MasterKey(bytes(range(32)))


@functools.cache
def ring() -> KeyRing:
    """Secret keys alone, among them a retired one."""
    keys = [create_secret(MASTER, purpose, KeyState.ACTIVE, AT) for purpose in (Purpose.SEAL, Purpose.LOOKUP)]
    return KeyRing(MASTER, [*keys, create_secret(MASTER, Purpose.SEAL, KeyState.RETIRED, AT)])


@given(st.binary(max_size=300), st.text(), st.text(), st.text())
def test_sealed_values_open_in_their_place(plaintext: bytes, table: str, column: str, row: str) -> None:
    """What was sealed opens again in the same table, column and row."""
    sealer = Sealer(ring())
    sealed = sealer.seal(plaintext, table=table, column=column, row=row)
    assert sealer.open(sealed, table=table, column=column, row=row) == plaintext


@pytest.mark.parametrize("place", [("p", "bsn", "2"), ("p", "evidence", "1"), ("q", "bsn", "1"), ("pb", "sn", "1")])
def test_a_sealed_value_does_not_open_elsewhere(place: tuple[str, str, str]) -> None:
    """A value moved to another row, column or table is refused; the parts of a place can't run into each other."""
    sealer = Sealer(ring())
    sealed = sealer.seal(b"999991772", table="p", column="bsn", row="1")
    table, column, row = place
    with pytest.raises(SealBrokenError) as refused:
        sealer.open(sealed, table=table, column=column, row=row)
    assert "999991772" not in str(refused.value)


@given(st.data())
def test_an_altered_value_does_not_open(data: st.DataObject) -> None:
    """Any changed bit, and any truncation, is noticed."""
    sealer = Sealer(ring())
    sealed = sealer.seal(b"secret", table="t", column="c", row="r")
    position = data.draw(st.integers(0, len(sealed.value) - 1))
    mask = data.draw(st.integers(0, 255))
    altered = bytearray(sealed.value)
    altered[position] ^= mask
    changed = bytes(altered) if mask else sealed.value[:position]
    with pytest.raises(SealBrokenError):
        sealer.open(Sealed(sealed.key_id, changed), table="t", column="c", row="r")


def test_values_under_a_retired_key_still_open() -> None:
    """After a rotation old values open and new ones use the new key."""
    old = create_secret(MASTER, Purpose.SEAL, KeyState.ACTIVE, AT)
    sealed = Sealer(KeyRing(MASTER, [old])).seal(b"x", table="t", column="c", row="r")
    new = create_secret(MASTER, Purpose.SEAL, KeyState.ACTIVE, AT)
    retired = type(old)(old.key_id, old.purpose, old.algorithm, KeyState.RETIRED, old.sealed, None, AT)
    sealer = Sealer(KeyRing(MASTER, [retired, new]))
    assert sealer.open(sealed, table="t", column="c", row="r") == b"x"
    assert sealer.seal(b"x", table="t", column="c", row="r").key_id == new.key_id


def test_a_key_of_another_purpose_opens_nothing() -> None:
    """The key id in a row can't point at a key that is for something else."""
    lookup = ring().active(Purpose.LOOKUP).key_id
    with pytest.raises(UnknownKeyError):
        Sealer(ring()).open(Sealed(lookup, bytes(40)), table="t", column="c", row="r")


def test_sealing_twice_gives_two_values() -> None:
    """Equal plaintexts can't be recognised by their sealed values."""
    sealer = Sealer(ring())
    one, two = (sealer.seal(b"same", table="t", column="c", row="r") for _ in range(2))
    assert one.value != two.value
    assert "value" not in repr(one)


def test_look_up_is_a_keyed_hash_of_the_digits() -> None:
    """HMAC-SHA-256 under the look-up key (rule 32), with the id of that key; nothing in the slot without a key."""
    key = ring().active(Purpose.LOOKUP)
    expected = hmac.new(key.secret, b"999991772", hashlib.sha256).digest()
    assert BsnLookup(ring()).of(Bsn("999991772")) == ((key.key_id, expected), (None, None))
    assert BsnLookup(ring()).of(Bsn("999990019")).first.value != expected


def test_look_up_keys_take_turns() -> None:
    """Active and next each fill their own slot; a retired key makes nothing; two in one slot are refused."""

    def made(*keys: tuple[KeyState, int]) -> BsnLookup:
        stored = [replace(create_secret(MASTER, Purpose.LOOKUP, state, AT), slot=slot) for state, slot in keys]
        return BsnLookup(KeyRing(MASTER, stored))

    bsn = Bsn("999991772")
    first, second = made((KeyState.ACTIVE, 2), (KeyState.NEXT, 1)).of(bsn)
    assert first.value is not None
    assert second.value not in {None, first.value}
    lookup = made((KeyState.RETIRED, 1), (KeyState.ACTIVE, 2))
    assert lookup.of(bsn).first == (None, None)
    assert lookup.key_ids == (None, lookup.of(bsn).second.key_id)
    with pytest.raises(KeyRingError):
        made((KeyState.ACTIVE, 2), (KeyState.NEXT, 2))
    with pytest.raises(UnknownKeyError):
        made((KeyState.NEXT, 1))


@given(st.lists(st.binary(max_size=5), max_size=4), st.lists(st.binary(max_size=5), max_size=4))
def test_joined_parts_are_unambiguous(one: list[bytes], two: list[bytes]) -> None:
    """Two lists of parts give the same bytes only when they are the same list."""
    assert (joined(*one) == joined(*two)) == (one == two)


@given(st.binary(max_size=60))
def test_base64url_round_trip(value: bytes) -> None:
    """What is written is read back."""
    assert from_base64url(base64url(value)) == value


@pytest.mark.parametrize("text", ["A", "AB", "AA==", "AA+A", "AA\n", " AAAA", "AAA é"])
def test_base64url_has_one_spelling(text: str) -> None:
    """Padding, foreign characters and unused bits are refused: one value, one text."""
    with pytest.raises(ValueError, match="base64url"):
        from_base64url(text)
