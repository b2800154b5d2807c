"""When a key may move: published ahead, used when everybody has it, destroyed when nothing needs it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from vad.adapters.vault.errors import RotationRefusedError
from vad.adapters.vault.keys import KeyState, Purpose, StoredKey
from vad.adapters.vault.rotation import OUTLIVES, PUBLISHED_AHEAD, SPREAD, check_destroyable, next_moves

AT = datetime(2026, 11, 25, 12, tzinfo=UTC)
MOMENT = timedelta(seconds=1)


def a_key(purpose: Purpose, state: KeyState, algorithm: str = "A", retired_at: datetime | None = None) -> StoredKey:
    """Give a key that was made at `AT`."""
    return StoredKey(f"{purpose}-{state}-{algorithm}", purpose, algorithm, state, b"", None, AT, None, retired_at)


@pytest.mark.parametrize(
    ("purpose", "ahead"),
    [
        (Purpose.SIGNING, PUBLISHED_AHEAD),
        (Purpose.DIGID_SIGNING, PUBLISHED_AHEAD),
        (Purpose.DIGID_ENCRYPTION, PUBLISHED_AHEAD),
        (Purpose.STAFF_IDP_SIGNING, PUBLISHED_AHEAD),
        (Purpose.REQUEST_ENCRYPTION, PUBLISHED_AHEAD),
        (Purpose.SEAL, SPREAD),
        (Purpose.HANDLES, SPREAD),
        (Purpose.CACHE, SPREAD),
    ],
)
def test_a_key_is_used_when_everybody_has_it(purpose: Purpose, ahead: timedelta) -> None:
    """First the next key is made; it is active no sooner than those who need it can know it, unless told to."""
    active, coming = a_key(purpose, KeyState.ACTIVE), a_key(purpose, KeyState.NEXT)
    (published,) = next_moves([active], purpose, None, AT, at_once=False)
    assert (published.coming, published.activates) == (None, False)
    with pytest.raises(RotationRefusedError, match="rotate again from"):
        next_moves([active, coming], purpose, None, AT + ahead - MOMENT, at_once=False)
    for at, at_once in ((AT + ahead, False), (AT, True)):
        (move,) = next_moves([active, coming], purpose, None, at, at_once=at_once)
        assert (move.coming, move.leaving, move.activates) == (coming, active, True)


def test_every_algorithm_moves_or_the_one_that_is_named() -> None:
    """Without a name all keys of the purpose move together, and none when one may not."""
    keys = [a_key(Purpose.SIGNING, KeyState.ACTIVE, name) for name in ("ES256", "RS256")]
    assert len(next_moves(keys, Purpose.SIGNING, None, AT, at_once=False)) == 2
    (move,) = next_moves(keys, Purpose.SIGNING, "RS256", AT, at_once=False)
    assert move.leaving is keys[1]
    with pytest.raises(RotationRefusedError):
        next_moves([*keys, a_key(Purpose.SIGNING, KeyState.NEXT, "RS256")], Purpose.SIGNING, None, AT, at_once=False)
    with pytest.raises(RotationRefusedError, match="no such active key"):
        next_moves(keys, Purpose.SIGNING, "PS256", AT, at_once=True)


def test_pairwise_keys_stay() -> None:
    """Not even at once: nobody would be who they were."""
    with pytest.raises(RotationRefusedError):
        next_moves([a_key(Purpose.PAIRWISE, KeyState.ACTIVE)], Purpose.PAIRWISE, None, AT, at_once=True)


@pytest.mark.parametrize(("slot", "free"), [(1, 2), (2, 1)])
def test_the_next_look_up_key_takes_the_free_slot(slot: int, free: int) -> None:
    """It is never active at once, for nobody is found by it yet; while the one before is there, no slot is free."""
    active = replace(a_key(Purpose.LOOKUP, KeyState.ACTIVE), slot=slot)
    (move,) = next_moves([active], Purpose.LOOKUP, None, AT, at_once=True)
    assert (move.slot, move.activates) == (free, False)
    coming = replace(a_key(Purpose.LOOKUP, KeyState.NEXT), slot=free)
    (move,) = next_moves([active, coming], Purpose.LOOKUP, None, AT, at_once=True)
    assert (move.coming, move.activates) == (coming, True)
    retired = replace(a_key(Purpose.LOOKUP, KeyState.RETIRED), slot=free)
    with pytest.raises(RotationRefusedError, match="destroy it first"):
        next_moves([active, retired], Purpose.LOOKUP, None, AT, at_once=False)


def test_logging_everybody_out_is_said_in_so_many_words() -> None:
    """The key that binds browsers moves only when the operator says now."""
    keys = [a_key(Purpose.BINDING, KeyState.ACTIVE)]
    with pytest.raises(RotationRefusedError, match="logs everybody out"):
        next_moves(keys, Purpose.BINDING, None, AT, at_once=False)
    assert next_moves(keys, Purpose.BINDING, None, AT, at_once=True)[0].activates


@pytest.mark.parametrize(("purpose", "life"), [(Purpose.SIGNING, OUTLIVES), (Purpose.SEAL, SPREAD)])
def test_a_key_is_destroyed_when_nothing_needs_it(purpose: Purpose, life: timedelta) -> None:
    """Not while it is in use, not while rows need it, and not before what it made has ended."""
    retired = a_key(purpose, KeyState.RETIRED, retired_at=AT)
    check_destroyable(retired, 0, AT + life)
    with pytest.raises(RotationRefusedError, match="needed by 3 rows"):
        check_destroyable(retired, 3, AT + life)
    with pytest.raises(RotationRefusedError, match="may be needed until"):
        check_destroyable(retired, 0, AT + life - MOMENT)
    for state in (KeyState.ACTIVE, KeyState.NEXT):
        for at_once in (False, True):
            with pytest.raises(RotationRefusedError, match="only a retired key"):
                check_destroyable(replace(retired, state=state), 0, AT + life, at_once=at_once)


def test_a_key_that_leaked_is_destroyed_at_once() -> None:
    """What it made is worth nothing from then on; but no person is lost for it."""
    for purpose, rows in ((Purpose.SIGNING, 0), (Purpose.HANDLES, 3), (Purpose.CACHE, 0), (Purpose.SEAL, 0)):
        check_destroyable(a_key(purpose, KeyState.RETIRED, retired_at=AT), rows, AT, at_once=True)
    for purpose in (Purpose.SEAL, Purpose.LOOKUP):
        with pytest.raises(RotationRefusedError, match="needed by 1 rows"):
            check_destroyable(a_key(purpose, KeyState.RETIRED, retired_at=AT), 1, AT, at_once=True)
