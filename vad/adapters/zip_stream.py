"""A ZIP archive that is written while it is read: no file of it is ever whole in memory or on disk."""

from collections.abc import Callable, Iterable, Iterator
from zipfile import ZIP_DEFLATED

from zipstream import ZipStream

from vad.services.ports.log_export import Member

_LEVEL = 5


def zip_stream(members: Iterable[Member]) -> Iterator[bytes]:
    """`vad.services.ports.log_export.Archive`. What a member raises leaves it without its directory: not an archive."""
    archive = ZipStream(compress_type=ZIP_DEFLATED, compress_level=_LEVEL)
    for name, content in members:
        archive.add(_begun_later(content), name)
    yield from archive


def _begun_later(content: Callable[[], Iterable[bytes]]) -> Iterator[bytes]:
    yield from content()
