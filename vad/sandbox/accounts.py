"""The unprivileged account that PostgreSQL runs under when we are root, since it refuses to run as root itself."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from vad.sandbox.errors import SandboxError

_CANDIDATES = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """A user of this machine, to start a program as."""

    name: str
    uid: int
    gid: int


def account_for(data: Path) -> Account | None:
    """Return the account to run a server as that owns `data`, or None when that is simply ourselves.

    As root: the owner of existing data, so that data made by a plain user goes on working, else `postgres` or `nobody`.
    """
    if os.geteuid() != 0:
        return None
    if data.exists() and (owner := data.stat().st_uid) != 0:
        return _account(owner)
    for name in _CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    raise SandboxError("PostgreSQL cannot run as root, and this machine has no user postgres or nobody to run it as")


def _account(uid: int) -> Account:
    try:
        entry = pwd.getpwuid(uid)
    except KeyError:
        return Account(str(uid), uid, uid)
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def can_reach(account: Account | None, path: Path, permission: str) -> bool:
    """Tell whether `account` has `permission` (r, w or x) on `path`, all its parent folders considered.

    The account itself is asked, by test(1): mode bits alone would miss access lists and mount options.
    """
    program = shutil.which("test", path=os.defpath)
    if account is None or program is None:
        return os.access(path, {"r": os.R_OK, "w": os.W_OK, "x": os.X_OK}[permission])
    try:
        asked = subprocess.run(
            [program, f"-{permission}", str(path)],
            user=account.uid,
            group=account.gid,
            extra_groups=[],
            cwd="/",
            check=False,
        )
    except PermissionError as error:
        raise SandboxError(f"this root may not become user {account.name}; start as a plain user") from error
    return asked.returncode == 0
