"""Handles: unforgeable, unlinkable names for a grant; and pairwise subjects (rule 32)."""

import base64
import functools
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.adapters.jose.tokens_under_test import AT, keyring, other_keyring
from vad.adapters.jose.handles import SivHandles
from vad.adapters.jose.pairwise import HmacPairwise
from vad.adapters.vault.encoding import from_base64url
from vad.adapters.vault.generation import create_secret
from vad.adapters.vault.keyring import KeyRing, KeyState, Purpose, StoredKey
from vad.adapters.vault.master_key import MasterKey
from vad.domain.claims import Sector
from vad.domain.identifiers import ClientId, GrantId, MandateId, PersonId, Sid

HANDLES, STRANGERS = SivHandles(keyring()), SivHandles(other_keyring())
GRANT = GrantId(UUID(int=42))
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
generations = st.integers(0, 2**32 - 1)


@given(st.uuids(), generations)
def test_round_trip(grant: UUID, generation: int) -> None:
    """A `jti` and a refresh token lead back to their grant, and the refresh token to its generation."""
    assert HANDLES.grant_of(HANDLES.new_jti(GrantId(grant))) == grant
    token = HANDLES.refresh_token(GrantId(grant), generation)
    assert HANDLES.read_refresh_token(token) == (grant, generation)


def test_a_jti_is_new_each_time() -> None:
    """Two tokens of one grant can't be told to belong together; each `jti` has 128 random bits."""
    made = {HANDLES.new_jti(GRANT) for _ in range(50)}
    assert len(made) == 50
    assert len({jti[:21] for jti in made}) == 50


def test_a_refresh_token_is_the_same_each_time() -> None:
    """A refresh that is repeated because its answer got lost gives the same successor, in every process."""
    assert HANDLES.refresh_token(GRANT, 1) == SivHandles(keyring()).refresh_token(GRANT, 1)
    assert HANDLES.refresh_token(GRANT, 1) != HANDLES.refresh_token(GRANT, 2)
    assert HANDLES.refresh_token(GRANT, 1) != HANDLES.refresh_token(GrantId(uuid4()), 1)


@given(st.integers(0, 47), st.integers(1, 63))
def test_a_changed_handle_names_nothing(place: int, shift: int) -> None:
    """One changed character, and it is nobody's."""
    assert HANDLES.grant_of(_changed(HANDLES.new_jti(GRANT), place, shift)) is None
    assert HANDLES.read_refresh_token(_changed(HANDLES.refresh_token(GRANT, 3), place, shift)) is None


def _changed(handle: str, place: int, shift: int) -> str:
    letter = ALPHABET[(ALPHABET.index(handle[place]) + shift) % len(ALPHABET)]
    return handle[:place] + letter + handle[place + 1 :]


@given(st.text(max_size=100) | st.text(ALPHABET, min_size=48, max_size=64) | st.binary(max_size=60).map(bytes.hex))
def test_anything_else_names_nothing(text: str) -> None:
    """Malformed and made-up handles give None, never an exception."""
    assert HANDLES.grant_of(text) is None
    assert HANDLES.read_refresh_token(text) is None


@given(st.binary(min_size=48, max_size=48), st.binary(min_size=36, max_size=36))
def test_handles_can_not_be_made_up(jti: bytes, refresh: bytes) -> None:
    """Random bytes of the right length name nothing."""
    assert HANDLES.grant_of(base64.urlsafe_b64encode(jti).decode()) is None
    assert HANDLES.read_refresh_token(base64.urlsafe_b64encode(refresh).decode()) is None


@pytest.mark.parametrize("text", ["", "A", "A" * 63, "A" * 65, "\ud800" * 64, "A" * 1_000_000, "A" * 63 + "="])
def test_sizes_are_bounded(text: str) -> None:
    """Anything but the one right length is refused at once."""
    assert HANDLES.grant_of(text) is None
    assert HANDLES.read_refresh_token(text) is None


def test_a_handle_of_one_kind_is_none_of_the_other() -> None:
    """A `jti`, which apps and sources read, can't serve as a refresh token, nor the other way round."""
    assert HANDLES.read_refresh_token(HANDLES.new_jti(GRANT)) is None
    assert HANDLES.grant_of(HANDLES.refresh_token(GRANT, 0)) is None


def test_another_installation_reads_nothing() -> None:
    """Handles work under their own key alone."""
    assert STRANGERS.grant_of(HANDLES.new_jti(GRANT)) is None
    assert STRANGERS.read_refresh_token(HANDLES.refresh_token(GRANT, 0)) is None


@functools.cache
def _secrets() -> dict[Purpose, StoredKey]:
    master = MasterKey(bytes(32))
    return {purpose: create_secret(master, purpose, KeyState.ACTIVE, AT) for purpose in _NEEDED}


_NEEDED = (Purpose.HANDLES, Purpose.BINDING)


def test_handles_outlive_a_rotation() -> None:
    """What a retired key named is still found; new names come from the active key."""
    master = MasterKey(bytes(32))
    before = SivHandles(KeyRing(master, list(_secrets().values())))
    old = _secrets()[Purpose.HANDLES]
    retired = StoredKey(old.key_id, old.purpose, old.algorithm, KeyState.RETIRED, old.sealed, None, AT)
    new = create_secret(master, Purpose.HANDLES, KeyState.ACTIVE, AT)
    after = SivHandles(KeyRing(master, [retired, new, _secrets()[Purpose.BINDING]]))
    assert after.grant_of(before.new_jti(GRANT)) == GRANT
    assert after.read_refresh_token(before.refresh_token(GRANT, 1)) == (GRANT, 1)
    assert before.grant_of(after.new_jti(GRANT)) is None


@given(st.text(max_size=60))
def test_keyed_hashes_are_apart(value: str) -> None:
    """A code's and a cookie's hash never coincide, depend on the key, and take any text."""
    code, browser = HANDLES.code_hash(value), HANDLES.browser(value)
    assert len(code) == len(browser) == 32
    assert code != browser
    assert code == HANDLES.code_hash(value)
    assert code != STRANGERS.code_hash(value)


@given(st.text(max_size=30), st.text(max_size=30), st.uuids(), st.uuids())
def test_pairwise_subjects_differ_by_sector_and_person(text: str, more: str, one: UUID, two: UUID) -> None:
    """The same person at the same sector has one subject; anything else has another."""
    pairwise, sector, other = HmacPairwise(keyring()), Sector(text), Sector(more)
    subject = pairwise.subject(sector, PersonId(one))
    assert subject == pairwise.subject(sector, PersonId(one))
    assert (subject == pairwise.subject(other, PersonId(two))) == ((sector, one) == (other, two))
    assert len(subject) == 43
    assert subject != HmacPairwise(other_keyring()).subject(sector, PersonId(one))


@given(st.text(max_size=30), st.text(max_size=30))
def test_sessions_look_unrelated_to_each_client(sid: str, other: str) -> None:
    """Each client sees a `sid` of its own, and never one that could be a subject."""
    pairwise = HmacPairwise(keyring())
    seen = pairwise.session(Sid(sid), ClientId("a"))
    assert seen == pairwise.session(Sid(sid), ClientId("a"))
    assert seen != pairwise.session(Sid(sid), ClientId("b"))
    assert (seen == pairwise.session(Sid(other), ClientId("a"))) == (sid == other)
    assert seen != pairwise.subject(Sector(sid), PersonId(UUID(int=7)))


def test_the_owner_of_a_page_is_told_to_nobody() -> None:
    """One keyed value per person and flow: nobody makes one, and two flows of one person can't be compared."""
    one, other = PersonId(UUID(int=1)), PersonId(UUID(int=2))
    made = {HANDLES.owner(person, flow) for person in (one, other) for flow in ("a", "b")}
    assert len(made) == 4
    assert all(len(value) == 43 for value in made)
    assert HANDLES.owner(one, "a") == SivHandles(keyring()).owner(one, "a")
    assert HANDLES.owner(one, "a") != STRANGERS.owner(one, "a")


def test_a_proof_names_one_mandate() -> None:
    """The same paper has the same name, which shows nothing of the mandate, and that nobody else can make or bend."""
    mandate_id = MandateId(uuid4())
    proof = HANDLES.mandate_proof(mandate_id)
    assert HANDLES.mandate_proof(mandate_id) == proof
    assert HANDLES.read_mandate_proof(proof) == mandate_id
    assert mandate_id.bytes not in from_base64url(proof)
    bent = ("B" if proof[0] == "A" else "A") + proof[1:]
    for other in (bent, proof[:-1], proof + "A", "", STRANGERS.mandate_proof(mandate_id)):
        assert HANDLES.read_mandate_proof(other) is None
    assert HANDLES.grant_of(HANDLES.new_jti(GRANT)) == GRANT
