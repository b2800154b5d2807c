"""When a key may move: next, active, retired, gone. Rules without a store or a clock of their own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from vad.adapters.vault.errors import RotationRefusedError
from vad.adapters.vault.keys import KeyState, Purpose, StoredKey

SPREAD = timedelta(seconds=10)
"""By then every process knows of a new key: twice the longest that one goes without a look."""
PUBLISHED_AHEAD = timedelta(minutes=10)
"""Others may keep a key set for 5 minutes; the rest is for their clocks and for those that keep it longer."""
OUTLIVES = timedelta(hours=3)
"""Longer than anything that a key without rows of its own has made: an ID token is a hint until its session ends."""

_FOR_GOOD: Mapping[Purpose, str] = {
    Purpose.PAIRWISE: "pairwise keys never change: every app would take everybody for a new person",
}
_PUBLISHED = frozenset(
    {
        *(Purpose.SIGNING, Purpose.REQUEST_ENCRYPTION),
        *(Purpose.DIGID_SIGNING, Purpose.DIGID_ENCRYPTION, Purpose.STAFF_IDP_SIGNING),
    }
)
_READ_BACK = frozenset({Purpose.SEAL, Purpose.LOOKUP})
"""Without these keys a person is lost; without the others somebody logs in again."""
_WITH_ROWS = frozenset({Purpose.SEAL, Purpose.HANDLES, Purpose.LOOKUP})


@dataclass(frozen=True, slots=True)
class Move:
    """What happens to the keys of one purpose and algorithm. `coming` is None: the next key is yet to be made."""

    algorithm: str
    coming: StoredKey | None
    leaving: StoredKey
    activates: bool
    slot: int = 1
    """Of the next key, if that is yet to be made."""


def next_moves(
    keys: Sequence[StoredKey], purpose: Purpose, algorithm: str | None, at: datetime, *, at_once: bool
) -> tuple[Move, ...]:
    """What comes next for this purpose: publish a key where none is waiting, else make the waiting one active.

    `at_once` does both, however short ago a key was published; but a new look-up key always waits until everybody is
    found by it. Raises `RotationRefusedError`.
    """
    if purpose in _FOR_GOOD:
        raise RotationRefusedError(_FOR_GOOD[purpose])
    if purpose is Purpose.BINDING and not at_once:
        raise RotationRefusedError("a new binding key logs everybody out: stop VAD, rotate with --now, then start it")
    active = [
        key
        for key in keys
        if key.purpose is purpose and key.state is KeyState.ACTIVE and algorithm in {None, key.algorithm}
    ]
    if not active:
        raise RotationRefusedError(f"there is no such active key for {purpose}")
    return tuple(_move(keys, key, at, at_once=at_once) for key in active)


def may_activate_at(coming: StoredKey) -> datetime:
    """When a key that was published may be used: when everybody who needs it has it."""
    return coming.created_at + (PUBLISHED_AHEAD if coming.purpose in _PUBLISHED else SPREAD)


def check_destroyable(key: StoredKey, rows: int, at: datetime, *, at_once: bool = False) -> None:
    """Refuse to destroy a key that is in use, or that `rows` rows still need. Raises `RotationRefusedError`.

    `at_once` is for a key that leaked: what it made is worth nothing any more. No row is lost for that.
    """
    if key.state is not KeyState.RETIRED:
        raise RotationRefusedError(f"{key.key_id} is {key.state}: only a retired key can be destroyed")
    if rows and (key.purpose in _READ_BACK or not at_once):
        raise RotationRefusedError(f"{key.key_id} is needed by {rows} rows")
    if at_once:
        return
    ends = (key.retired_at or key.created_at) + (SPREAD if key.purpose in _WITH_ROWS else OUTLIVES)
    if at < ends:
        raise RotationRefusedError(f"{key.key_id} may be needed until {ends:%Y-%m-%d %H:%M:%S} UTC")


def _move(keys: Sequence[StoredKey], leaving: StoredKey, at: datetime, *, at_once: bool) -> Move:
    use = (leaving.purpose, leaving.algorithm, KeyState.NEXT)
    coming = next((key for key in keys if (key.purpose, key.algorithm, key.state) == use), None)
    if coming is None and leaving.purpose is Purpose.LOOKUP:
        return Move(leaving.algorithm, None, leaving, activates=False, slot=_free_slot(keys))
    if coming is None:
        return Move(leaving.algorithm, None, leaving, activates=at_once)
    if not at_once and at < may_activate_at(coming):
        raise RotationRefusedError(
            f"the next {coming.algorithm} key for {coming.purpose} is not known to everybody yet: "
            f"rotate again from {may_activate_at(coming):%Y-%m-%d %H:%M:%S} UTC on"
        )
    return Move(leaving.algorithm, coming, leaving, activates=True)


def check_certified(coming: StoredKey, fault: str, at: datetime) -> None:
    """Refuse to make a key active whose certificate has a `fault`, or is not known to everybody yet.

    Raises `RotationRefusedError`. Who sees certificates has what a key set held up to some minutes ago.
    """
    named = f"the next {coming.algorithm} key {coming.key_id}"
    if fault:
        raise RotationRefusedError(
            f"{named} {fault}; `vad keys csr` asks for one and `vad keys certify` publishes it. Where the key in use "
            "leaked, --now goes on without"
        )
    since = (coming.certified_at or at) + PUBLISHED_AHEAD
    if at < since:
        raise RotationRefusedError(
            f"the certificate of {named} is not known to everybody yet: "
            f"rotate again from {since:%Y-%m-%d %H:%M:%S} UTC on"
        )


def check_found(persons: int) -> None:
    """Refuse to make a look-up key active by which so many `persons` are not found. Raises `RotationRefusedError`."""
    if persons:
        raise RotationRefusedError(f"{persons} persons are not found by the next look-up key: run `vad keys rehash`")


def _free_slot(keys: Sequence[StoredKey]) -> int:
    taken = {key.slot for key in keys if key.purpose is Purpose.LOOKUP}
    free = {1, 2} - taken
    if not free:
        raise RotationRefusedError("a retired look-up key is still there: run `vad keys rehash` and destroy it first")
    return min(free)
