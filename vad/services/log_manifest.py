"""What an export says of itself: what was asked, and the hash of every file. VAD signs these bytes."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from vad.domain.checkpoint import SignedCheckpoint
from vad.domain.identifiers import PersonId, StaffId
from vad.services.log_formats import moment
from vad.services.ports.log_search import LogFilter

MANIFEST_TYPE: Final = "vad-log-export+json"
"""`typ` of the JWS: no token has it, so neither passes for the other."""
_PIECE: Final = 64 * 1024
_PEOPLE: Final = frozenset({"person", "actor", "represented"})


@dataclass(slots=True)
class Kept:
    """What is remembered of a file once it is written."""

    hash: str
    size: int


@dataclass(slots=True)
class Contents:
    """What an export holds; known when all of it is written."""

    export_id: str
    made_at: datetime
    account: StaffId
    issuer: str
    checkpoint: SignedCheckpoint | None = None
    events: int = 0
    sealed: int = 0
    files: dict[str, Kept] = field(default_factory=dict)

    def pieces(self, name: str, lines: Iterable[str]) -> Iterator[bytes]:
        """The file of these lines, in pieces that are worth sending."""
        hashed, size, waiting = hashlib.sha256(), 0, bytearray()
        for line in lines:
            waiting += line.encode()
            if len(waiting) >= _PIECE:
                hashed.update(waiting)
                size += len(waiting)
                yield bytes(waiting)
                waiting.clear()
        hashed.update(waiting)
        self.files[name] = Kept(hashed.hexdigest(), size + len(waiting))
        yield bytes(waiting)


def manifest(contents: Contents, how: str, wanted: Mapping[str, object]) -> bytes:
    """The manifest, as it is signed."""
    checkpoint = contents.checkpoint.checkpoint if contents.checkpoint is not None else None
    told = {
        "issuer": contents.issuer,
        "export_id": contents.export_id,
        "made_at": moment(contents.made_at),
        "made_by": str(contents.account),
        "format": how,
        "filter": wanted,
        "left_out": ["events about the person who made it"],
        "events": contents.events,
        "sealed": contents.sealed,
        "checkpoint": checkpoint
        and {"origin": checkpoint.origin, "size": checkpoint.size, "root": checkpoint.root.hex()},
        "files": {name: {"sha256": kept.hash, "bytes": kept.size} for name, kept in contents.files.items()},
    }
    return json.dumps(told, ensure_ascii=False, indent=2).encode() + b"\n"


def named(wanted: LogFilter, person: Callable[[PersonId], str]) -> dict[str, object]:
    """The criteria of a filter, people as `person` names them."""
    told: dict[str, object] = {"since": moment(wanted.since), "until": moment(wanted.until)}
    for name in sorted(wanted.named - {"without"}):
        value = getattr(wanted, name)
        if name in _PEOPLE:
            told[name] = person(value)
        elif name == "types":
            told[name] = sorted(value)
        else:
            told[name] = value if isinstance(value, bool) else str(value)
    return told
