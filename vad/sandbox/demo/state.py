"""The folder in which a demo keeps its data, and the lock that lets only one demo use it."""

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from vad.sandbox.errors import SandboxError
from vad.sandbox.postgres import PostgresServer


class State:
    """One state folder. Everything in it is readable by ourselves alone; PostgreSQL's account may pass through."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self.configuration = self.folder / "config"
        self.keys = self.folder / "keys"
        self.programs = self.folder / "programs"
        self.logs = self.folder / "logs"
        self.tls = self.folder / "tls"
        self.ca_file = self.tls / "ca.pem"
        """Who vouches for the addresses of a demo with TLS."""
        self.client_ca_file = self.tls / "clients.pem"
        """Who vouches for the certificates of its apps."""
        self.signing_ca_file = self.tls / "signing.pem"
        """Who vouches for the keys with which VAD signs: PKIoverheid, elsewhere."""
        self.postgres = self.folder / "postgres"
        self.redis = self.folder / "redis"
        self.published_log = self.folder / "log"
        """What the demo's worker publishes of the audit log."""
        self.description = self.folder / "demo.json"
        self.registration_token = self.keys / "registration-token"
        """By which apps register themselves."""
        self._lock = self.folder / "demo.pid"

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Make the folder and hold it. Raises `SandboxError` when another demo holds it, or it cannot be made."""
        self._make()
        try:
            descriptor = os.open(self._lock, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise SandboxError(f"the state folder {self.folder} cannot be used: {error.strerror}") from error
        with os.fdopen(descriptor, "r+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                holder = lock.read().strip() or "unknown"
                raise SandboxError(f"a demo is running in {self.folder} (process {holder}); stop it first") from None
            lock.truncate()
            lock.write(f"{os.getpid()}\n")
            lock.flush()
            yield

    def forget(self) -> None:
        """Delete everything this demo kept. Raises `SandboxError` while it runs."""
        if not self.folder.exists():
            return
        if not self._lock.exists() and any(self.folder.iterdir()):
            raise SandboxError(f"{self.folder} is not the state folder of a demo; nothing was deleted")
        with self.locked():
            PostgresServer(self.postgres, 0).erase()
            shutil.rmtree(self.folder)

    def _make(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.folder.chmod(0o711 if os.geteuid() == 0 else 0o700)
            for private in (self.configuration, self.keys, self.tls, self.programs, self.logs, self.published_log):
                private.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise SandboxError(f"the state folder {self.folder} cannot be made: {error.strerror}") from error


def write_private(file: Path, text: str) -> None:
    """Replace `file` by one that only we can read; a reader sees the former or the new text, never half of one."""
    unfinished = file.with_name(f".{file.name}.new")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as new:
        new.write(text)
    unfinished.replace(file)
