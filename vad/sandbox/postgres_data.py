"""The folder of an embedded PostgreSQL: where it lies, whose it is, its passwords, and making the data in it.

`passwords.json` (superuser and roles, made once) is readable by us alone, `data/` belongs to the server's account, and
`server.log` is what the server wrote.
"""

import contextlib
import hashlib
import json
import os
import secrets
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from vad.sandbox import postgres_binaries
from vad.sandbox.accounts import Account, account_for, can_reach
from vad.sandbox.errors import SandboxError

SUPERUSER = "postgres"
MIGRATE_ROLE = "vad_migrate"
APP_ROLE = "vad_app"
ADMIN_ROLE = "vad_admin"
WORKER_ROLE = "vad_worker"
_ROLES = (SUPERUSER, MIGRATE_ROLE, APP_ROLE, ADMIN_ROLE, WORKER_ROLE)
_LATER = {ADMIN_ROLE, WORKER_ROLE}
"""Those that data of an earlier release lacks."""
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"}

_PREVIOUS_SECONDS = 15.0
_HASTY = ("--no-sync", "--set=scram_iterations=1")
"""Of initdb. Thousands of log-ins with a password of chance need not be made slow to guess, as a person's should."""


class DataFolder:
    """The place of one server's data: the folder that was asked for, or as root another that its account can reach."""

    def __init__(self, asked: Path, say: Callable[[str], None]) -> None:
        self._asked = asked.absolute()
        self._say = say
        self.place = self._asked
        self.account: Account | None = None

    @property
    def data(self) -> Path:
        """PostgreSQL's own folder."""
        return self.place / "data"

    def settle(self) -> None:
        """Make the folder and choose the account; as root, move out of a folder that the account cannot reach."""
        self.place = self._asked
        self.account = account_for(self.data)
        self._make_place()
        if self.account is None or can_reach(self.account, self.place, "x"):
            return
        with contextlib.suppress(OSError):
            self._asked.rmdir()
        postgres_binaries.shared_state()
        self.place = self._elsewhere()
        self.account = account_for(self.data) or self.account
        self._make_place()
        self._say(f"PostgreSQL runs as user {self.account.name}, who cannot reach {self._asked}: data in {self.place}")

    def passwords(self) -> dict[str, str]:
        """Return the passwords by role, made on first use; raises `SandboxError` when data is there without them."""
        file = self.place / "passwords.json"
        try:
            kept = json.loads(file.read_text())
            known = {role: str(kept[role]) for role in _ROLES if role in kept or role not in _LATER}
        except FileNotFoundError:
            if self.data.exists():
                raise SandboxError(f"{file} is gone, without which {self.data} cannot be used") from None
            known = {}
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise SandboxError(f"{file} cannot be read, without which {self.data} cannot be used") from error
        if known.keys() >= set(_ROLES):
            return known
        # None yet, or made before the administration or the worker had a role.
        made = {role: secrets.token_urlsafe(24) for role in _ROLES} | known
        _write_private(file, json.dumps(made))
        return made

    def prepare(self, programs: Path, superuser_password: str, *, fast: bool) -> None:
        """Make the data if there is none; otherwise see that nobody serves it. Raises `SandboxError`."""
        if not self.data.exists():
            self._initialise(programs, superuser_password, fast=fast)
            return
        try:
            version = (self.data / "PG_VERSION").read_text().strip()
        except OSError as error:
            raise SandboxError(f"{self.data} cannot be read by this user: {error.strerror}") from error
        if version != postgres_binaries.MAJOR_VERSION:
            raise SandboxError(f"{self.data} was made by PostgreSQL {version}, not {postgres_binaries.MAJOR_VERSION}")
        _wait_for_previous(self.data, _PREVIOUS_SECONDS)

    def erase(self) -> None:
        """Forget data, passwords and log, wherever they were put; raises `SandboxError` while a server runs there."""
        for place in (self._asked, self._elsewhere()):
            if place.exists():
                _wait_for_previous(place / "data", 0)
                shutil.rmtree(place)

    def _make_place(self) -> None:
        try:
            self.place.mkdir(parents=True, exist_ok=True)
            # The account passes through to `data`, which alone is its own.
            self.place.chmod(0o700 if self.account is None else 0o711)
        except OSError as error:
            raise SandboxError(f"no data can be kept in {self.place}: {error.strerror}") from error

    def _elsewhere(self) -> Path:
        name = hashlib.sha256(os.fsencode(self._asked)).hexdigest()[:16]
        return postgres_binaries.SHARED_STATE / f"postgres-{name}"

    def _initialise(self, programs: Path, superuser_password: str, *, fast: bool) -> None:
        """Run initdb beside the final place, so that an interrupted first start leaves nothing half-made."""
        account, unfinished, password = self.account, self.place / "data.new", self.place / "superuser.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        _write_private(password, superuser_password)
        if account is not None:
            os.chown(unfinished, account.uid, account.gid)
            os.chown(password, account.uid, account.gid)
        arguments = [f"--pgdata={unfinished}", f"--username={SUPERUSER}", f"--pwfile={password}"]
        arguments += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8"]
        try:
            subprocess.run(
                [programs / "initdb", *arguments, *(_HASTY if fast else ())],
                check=True,
                capture_output=True,
                text=True,
                cwd=unfinished,
                env=ENVIRONMENT,
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
            )
        except subprocess.CalledProcessError as error:
            reason = (error.stderr.strip().splitlines() or ["no reason given"])[0]
            raise SandboxError(f"PostgreSQL could not make its data in {self.place}: {reason}") from error
        finally:
            password.unlink(missing_ok=True)
        unfinished.rename(self.data)


def _write_private(file: Path, text: str) -> None:
    file.unlink(missing_ok=True)
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as new:
        new.write(text)


def _wait_for_previous(data: Path, seconds: float) -> None:
    """Let a server that is still ending on `data` end; then remove the lock file that a killed one left.

    Raises `SandboxError` when one goes on running there.
    """
    lock = data / "postmaster.pid"
    deadline = time.monotonic() + seconds
    while (pid := _first_number(lock)) is not None and _serves(pid, data):
        if time.monotonic() >= deadline:
            raise SandboxError(f"PostgreSQL already runs on {data} (process {pid}); stop that one first")
        time.sleep(0.05)
    # PostgreSQL itself goes by the number alone, and refuses when another program has it by now.
    lock.unlink(missing_ok=True)


def _first_number(file: Path) -> int | None:
    try:
        return int(file.read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None


def _serves(pid: int, data: Path) -> bool:
    """Tell whether process `pid` is a PostgreSQL server on `data`, and not somebody who got its number later."""
    try:
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return os.fsencode(data) in arguments
