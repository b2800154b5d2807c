"""Verifying the log: every event against its leaf, every leaf against the tree, the tree against all that was signed.

One pass, in pieces, of which nothing is kept but the right edge of the tree. What is wrong is named by its place.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from vad.domain.checkpoint import CheckpointError, SignedCheckpoint, VerifierKey, Verify
from vad.domain.log_tiles import WIDTH, GrowingTree, LogTreeError, Tile, TiledTree, TileReader, right_edge, split
from vad.domain.merkle import EMPTY, leaf_hash
from vad.services.log_kept_checkpoints import KeptCheckpoints
from vad.services.log_report import Fault, Report
from vad.services.ports.log_reading import Apart, LogReading, ReadCheckpoint, ReadLeaf, ReadPurge

PIECE = 8 * WIDTH
_ELSEWHERE = "a checkpoint that is known elsewhere"
_MOST = 20
"""Events that are named where more of them are not in the tree."""


@dataclass(frozen=True, slots=True)
class Trusted:
    """What whoever verifies already believes."""

    keys: Sequence[VerifierKey]
    verify: Verify
    outside: Sequence[SignedCheckpoint] = ()
    """Checkpoints kept elsewhere."""
    start: SignedCheckpoint | None = None
    """A checkpoint up to which everything was verified before."""
    published: TileReader | None = None
    """The tiles as they were published."""
    kept_from: str | None = None
    """The first month (`2021-11`) that can't have been purged yet."""
    untold: int = 0
    """How many events may have been erased without a word, because somebody knows of them."""
    part: bool = False
    """Nobody verified what came before `start`: it is there to save time, and events before it are left alone."""


def first_kept(years: int, today: date) -> str:
    """The first month of which the events must be there, when the log is kept for so many years."""
    return f"{today.year - years:04}-{today.month:02}"


class LogVerification:
    """One verification. Raises `CheckpointError` when what is to be trusted was not signed by a key of the log.

    `passed` hears of each checkpoint up to which nothing is wrong: from there another verification can go on.
    """

    def __init__(
        self,
        log: LogReading,
        trusted: Trusted,
        progress: Callable[[int, int], None],
        passed: Callable[[ReadCheckpoint], None] = lambda _: None,
    ) -> None:
        self._log = log
        self._trusted = trusted
        self._progress = progress
        self._passed = passed
        self._report = Report()
        self._tree = GrowingTree()
        self._held = 0
        """The size of the last tree that is as it was signed."""
        self._good: ReadCheckpoint | None = None
        """The last checkpoint that is kept here of such a tree."""
        self._purged: Mapping[str, ReadPurge] = {}
        self._gone: dict[str, list[int]] = {}
        """Of each month that was purged: the first leaf without an event, and how many there are."""
        self._erasures: frozenset[str] = frozenset()
        for each in (*trusted.outside, *filter(None, [trusted.start])):
            each.signed_by(trusted.keys, trusted.verify)
        self._outside: dict[int, list[SignedCheckpoint]] = {}
        for each in trusted.outside:
            self._outside.setdefault(each.checkpoint.size, []).append(each)

    def run(self) -> Report:
        """Look at everything."""
        report, newest = self._report, self._log.newest()
        report.size, report.root = (newest.size, newest.root) if newest else (0, b"")
        report.part = self._trusted.part
        if self._begin(report.size):
            self._check_before(self._tree.size)
            self._purged, self._erasures = self._log.purged(), self._log.erasures()
            self._kept = KeptCheckpoints(self._log, report, self._purged)
            while self._tree.size < report.size and self._piece(report.size):
                if self._good is not None and not report.trouble:
                    self._passed(self._good)
                self._progress(self._tree.size, report.size)
            self._check_purges()
        beyond = self._log.beyond()
        if beyond:
            report.add(report.size, Fault.EXTRA, f"{beyond} leaves that were never signed")
        for event in self._log.unsealed(_MOST, report.begun if report.part else 0):
            report.add(report.size, Fault.EXTRA, "an event that is not in the tree", event)
        for size in self._outside:
            if size > report.size:
                self._contradicted(report.size, Fault.MISSING, f"a checkpoint of {size} events is known elsewhere")
        return report

    def _begin(self, size: int) -> bool:
        """Go to where a verification before this one ended; False when that is not what is there."""
        start = self._trusted.start
        if start is None:
            return True
        said = start.checkpoint
        if said.size > size:
            self._contradicted(size, Fault.MISSING, f"a checkpoint of {said.size} events is known elsewhere")
            return False
        try:
            self._tree = GrowingTree.resume(said.size, self._log.tiles)
        except LogTreeError as error:
            self._contradicted(0, Fault.CONTRADICTED, str(error))
            return False
        if self._tree.root() != said.root:
            self._contradicted(0, Fault.CONTRADICTED, f"the first {said.size} events are not those of the checkpoint")
            return False
        self._held = self._report.begun = said.size
        return True

    def _check_before(self, size: int) -> None:
        """Hold the tree up to where we begin against what is known elsewhere of it; the pass comes by later ones."""
        for before in sorted(each for each in self._outside if each <= size):
            try:
                root = TiledTree(before, self._log.tiles).root() if before else EMPTY
            except LogTreeError as error:
                self._contradicted(0, Fault.CONTRADICTED, str(error))
                continue
            for each in self._outside[before]:
                if each.checkpoint.root != root:
                    self._contradicted(0, Fault.CONTRADICTED, f"{_ELSEWHERE} of {before} events says otherwise")

    def _piece(self, size: int) -> bool:
        """Verify the next piece; False when no more can be said."""
        first = self._tree.size
        end = min(first - first % PIECE + PIECE, size)
        signed = {each.size: each for each in self._kept.within(first, end)}
        for leaf in self._log.leaves(first, end):
            if leaf.index != self._tree.size:
                break
            self._leaf(leaf)
            self._tree.add(leaf.leaf_hash)
            self._check_signed(signed.get(self._tree.size))
        if self._tree.size < end:
            self._report.add(self._tree.size, Fault.MISSING, "a leaf is missing")
            return False
        self._check_tiles(size)
        return True

    def _leaf(self, leaf: ReadLeaf) -> None:
        report = self._report
        if leaf.entry is None:
            if leaf.month in self._purged:
                report.purged += 1
                self._gone.setdefault(leaf.month, [leaf.index, 0])[1] += 1
            else:
                report.add(leaf.index, Fault.MISSING, "the event is gone, or its time or id was changed", leaf.event_id)
            return
        report.checked += 1
        untold = leaf.apart is Apart.ERASED and leaf.event_id not in self._erasures
        report.erased += leaf.apart is Apart.ERASED
        report.untold += untold
        if leaf_hash(leaf.entry) != leaf.leaf_hash:
            report.add(leaf.index, Fault.CHANGED, "the event is not what was sealed", leaf.event_id)
        elif leaf.apart is Apart.CHANGED:
            report.add(leaf.index, Fault.CHANGED, "what it keeps apart is not what was sealed", leaf.event_id)
        elif untold and report.untold > self._trusted.untold:
            report.add(leaf.index, Fault.ERASED, "what it kept apart was erased without a word", leaf.event_id)

    def _check_purges(self) -> None:
        """See that of each purged month all is gone that was said to be, and no more, and not too soon."""
        report, kept_from = self._report, self._trusted.kept_from
        for month, purge in sorted(self._purged.items()):
            report.purges.append(purge)
            first, gone = self._gone.get(month, (self._tree.size, 0))
            if purge.left:
                report.add(first, Fault.MISSING, f"{month} was purged, and there are events of it")
            # From a checkpoint on, leaves of that month may have been passed by before.
            if gone > purge.events or (gone < purge.events and self._trusted.start is None):
                report.add(first, Fault.MISSING, f"{month} was purged of {purge.events} events, and {gone} are gone")
            if kept_from is not None and month >= kept_from:
                report.add(first, Fault.MISSING, f"{month} was purged, and is to be kept (operator.log_years)")

    def _check_signed(self, kept: ReadCheckpoint | None) -> None:
        """Hold the tree against what was signed of it at this size, kept here and elsewhere."""
        size = self._tree.size
        known = self._outside.get(size, ())
        if kept is None and not known:
            return
        root = self._tree.root()
        wrong = [_ELSEWHERE for each in known if each.checkpoint.root != root]
        if kept is not None and not self._is_of(kept, root):
            wrong.append("a checkpoint")
        for what in wrong:
            self._contradicted(self._held, Fault.CONTRADICTED, f"{what} of {size} events says otherwise")
        if not wrong:
            self._held, self._good = size, kept or self._good

    def _is_of(self, kept: ReadCheckpoint, root: bytes) -> bool:
        try:
            signed = SignedCheckpoint.parse(kept.note)
            signed.signed_by(self._trusted.keys, self._trusted.verify)
        except CheckpointError:
            return False
        return (signed.checkpoint.size, signed.checkpoint.root, kept.root) == (kept.size, root, root)

    def _check_tiles(self, size: int) -> None:
        """Hold each tile that became full, and at the end the edge, against those that are kept and published."""
        done = list(self._tree.finished)
        self._tree.finished.clear()
        if self._tree.size == size:
            done += [(tile, b"".join(self._tree.edge(tile.level))) for tile in right_edge(size)]
        for tile, hashes in done:
            # The tiles that are not full are made of the very leaves that were just read.
            readers = [self._log.tiles] if tile.width == WIDTH else []
            if self._trusted.published is not None:
                readers.append(self._trusted.published)
            for read in readers:
                self._check_tile(tile, split(hashes), read)

    def _check_tile(self, tile: Tile, ours: Sequence[bytes], read: TileReader) -> None:
        theirs = read(tile)
        for at in range(tile.width):
            if at >= len(theirs) or theirs[at] != ours[at]:
                index = (tile.number * WIDTH + at) * WIDTH**tile.level
                self._report.add(index, Fault.MOVED, f"{tile.path} has another hash there")
                return

    def _contradicted(self, index: int, fault: Fault, text: str) -> None:
        where = f"somewhere from event {index} on: " if fault is Fault.CONTRADICTED else ""
        self._report.add(index, fault, where + text)
