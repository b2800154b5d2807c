"""(k) A part of the log to take away: events with checkpoint, proofs and a signed manifest, in one archive (rule 43).

Written while it is read, in the memory of a few hundred events. The signature comes last: an archive that broke off,
for whatever reason, has none and is no whole archive either.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Self

from vad.domain.audit_people import concerning
from vad.domain.errors import NotPermittedError
from vad.domain.identifiers import Sid
from vad.domain.justification import Justification
from vad.domain.log_events import LogExported, LogExportFinished
from vad.domain.log_proofs import InclusionProofs
from vad.domain.staff import StaffAction, StaffMember, check
from vad.services import time_limit
from vad.services.log_fhir import FhirAuditEvents
from vad.services.log_filter_kept import Registered, kept
from vad.services.log_formats import as_csv, as_json_lines
from vad.services.log_manifest import MANIFEST_TYPE, Contents, manifest, named
from vad.services.ports.log_export import Archive, LogMoment, LogStream, Member, SealedEvent, StatementSigner
from vad.services.ports.log_search import LogFilter
from vad.services.ports.records import UnitOfWorkFactory
from vad.services.ports.tokens import PersonReferences, Randomness

LONGEST = 3600.0
"""Seconds that one export may take, however slowly it is read."""


LOOKED_EVERY = 5000
"""Events after which it is looked at whether the account of who takes them still holds."""


class ExportFormat(StrEnum):
    """How the events are written."""

    CSV = "csv"
    JSON_LINES = "jsonl"
    FHIR = "fhir"

    @property
    def file(self) -> str:
        """The file of the events within the archive."""
        return {"csv": "events.csv", "jsonl": "events.jsonl", "fhir": "events.fhir.ndjson"}[self.value]


@dataclass(frozen=True, slots=True)
class LogExports:
    """The use case."""

    work: UnitOfWorkFactory
    stream: LogStream
    references: PersonReferences
    signer: StatementSigner
    archive: Archive
    random: Randomness
    clock: Callable[[], datetime]
    issuer: str
    registered: Registered

    def begin(
        self,
        member: StaffMember,
        wanted: LogFilter,
        how: ExportFormat,
        why: Justification,
        at: datetime,
        *,
        sid: Sid | None = None,
    ) -> "Export":
        """Write down that it is taken away, and begin. Close what comes back, read or not.

        Raises `NotPermittedError`, `OwnCaseError`, and `StoreUnavailableError`, also while too many are under way.
        """
        people = [each for each in (wanted.represented, wanted.person, wanted.actor) if each is not None]
        check(member, StaffAction.LOG_EXPORT, people)
        # A case of one's own nobody takes away, whatever else the filter finds. The manifest says so.
        others = replace(wanted, without=member.person)
        time_limit.extend(LONGEST)
        export_id = str(self.random.uuid())
        opened = ExitStack()
        said, apart = kept(wanted, self.registered)
        try:
            moment = opened.enter_context(self.stream())
            begun = LogExported(
                staff=member.account,
                represented=people[0] if people else None,
                sid=sid,
                evidence={
                    "export": export_id,
                    "format": how.value,
                    "filter": named(said, str),
                    **concerning(people[1:]),
                },
                erasable={**{f"filter_{name}": words for name, words in apart.items()}, **why.erasable},
            )
            with self.work() as tx:
                tx.audit.append(begun, at=at)
                tx.commit()
        except BaseException:
            opened.close()
            raise
        writing = _Writing(self, moment, others, how, Contents(export_id, at, member.account, self.issuer), sid)
        return Export(f"vad-log-{export_id}.zip", self.archive(writing.members()), opened)


class Export:
    """The archive, in pieces."""

    def __init__(self, name: str, pieces: Iterator[bytes], opened: ExitStack) -> None:
        self.name = name
        self._pieces = pieces
        self._opened = opened

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> bytes:
        return next(self._pieces)

    def close(self) -> None:
        """Let go of the database, whether all was read or not."""
        self._opened.close()


@dataclass(slots=True)
class _Writing:
    """One export under way."""

    use: LogExports
    moment: LogMoment
    wanted: LogFilter
    how: ExportFormat
    contents: Contents
    sid: Sid | None
    signed: bytes = b""

    def members(self) -> Iterator[Member]:
        checkpoint = self.moment.checkpoint()
        self.contents.checkpoint = checkpoint
        yield self.how.file, self._kept(self.how.file, self._events)
        if checkpoint is not None:
            proofs = InclusionProofs(checkpoint, self.moment.tile)
            yield "proofs.jsonl", self._kept("proofs.jsonl", lambda: self._proofs(proofs))
            yield "checkpoint.txt", self._kept("checkpoint.txt", lambda: [checkpoint.note()])
        yield "manifest.json", self._manifest
        yield "manifest.jws", self._signature

    def _kept(self, name: str, lines: Callable[[], Iterable[str]]) -> Callable[[], Iterable[bytes]]:
        return lambda: self.contents.pieces(name, lines())

    def _events(self) -> Iterable[str]:
        events = self._counted(self.moment.events(self.wanted))
        if self.how is ExportFormat.FHIR:
            return FhirAuditEvents(self.use.issuer, self.use.references).lines(events)
        write = as_csv if self.how is ExportFormat.CSV else as_json_lines
        return write(events, self.use.references)

    def _counted(self, events: Iterable[SealedEvent]) -> Iterator[SealedEvent]:
        for each in events:
            if self.contents.events % LOOKED_EVERY == 0:
                self._check_account()
            self.contents.events += 1
            self.contents.sealed += each.leaf_index is not None
            yield each

    def _check_account(self) -> None:
        with self.use.work() as tx:
            if tx.staff_accounts.ended(self.contents.account):
                raise NotPermittedError(StaffAction.LOG_EXPORT)

    def _proofs(self, proofs: InclusionProofs) -> Iterator[str]:
        """One object a line, in the order of the events; the same moment is read once more."""
        for each in self.moment.events(self.wanted):
            told: dict[str, object] = {"event_id": str(each.event.event_id), "leaf_index": each.leaf_index}
            if each.leaf_index is not None and proofs.covers(each.leaf_index):
                told["proof"] = proofs.of(each.leaf_index, each.entry).text()
            yield json.dumps(told, separators=(",", ":"), ensure_ascii=False) + "\n"

    def _manifest(self) -> Iterator[bytes]:
        self.signed = manifest(self.contents, self.how.value, named(self.wanted, self.use.references.of))
        yield self.signed

    def _signature(self) -> Iterator[bytes]:
        """No signature without its event, and none for whose account was ended meanwhile."""
        self._check_account()
        signature = self.use.signer.sign(self.signed, MANIFEST_TYPE)
        contents = self.contents
        evidence: Mapping[str, object] = {
            "export": contents.export_id,
            "events": contents.events,
            "sealed": contents.sealed,
            "files": {name: kept.hash for name, kept in contents.files.items()},
        }
        finished = LogExportFinished(staff=contents.account, sid=self.sid, evidence=evidence)
        with self.use.work() as tx:
            tx.audit.append(finished, at=self.use.clock())
            tx.commit()
        yield signature.encode()
