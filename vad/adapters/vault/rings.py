"""The ring that is in force now, and what users of keys make of it once per ring."""

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

from vad.adapters.vault.keyring import KeyRing

Made = TypeVar("Made")


class Rings(Protocol):
    """Where the ring of this moment comes from. A `KeyRing` by itself is one that never changes."""

    @property
    def current(self) -> KeyRing:
        """The ring to use now. The same object for as long as nothing changed."""

    def newer(self, known: KeyRing) -> KeyRing | None:
        """A ring that came after `known`, after a look for one if need be; None when there is none."""


class PerRing(Generic[Made]):
    """What is made of a ring once, and made anew when a newer one is in force. Reading it takes no lock.

    Two threads that see a new ring at once both make it, and either is right.
    """

    __slots__ = ("_held", "_make", "_rings")

    def __init__(self, rings: Rings, make: Callable[[KeyRing], Made]) -> None:
        self._rings = rings
        self._make = make
        ring = rings.current
        self._held: tuple[KeyRing, Made] = (ring, make(ring))

    def __call__(self) -> Made:
        """What belongs to the ring of this moment."""
        return self._of(self._rings.current)

    def newer(self) -> Made | None:
        """What belongs to a ring that came after the one last used here; None when there is none.

        For whoever meets a key id that this process does not know: another one may have been told sooner.
        """
        ring = self._rings.newer(self._held[0])
        return None if ring is None else self._of(ring)

    def _of(self, ring: KeyRing) -> Made:
        known, made = self._held
        if known is not ring:
            made = self._make(ring)
            self._held = (ring, made)
        return made
