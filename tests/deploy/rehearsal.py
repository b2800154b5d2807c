"""The steps of the Dockerfile, done outside a container.

Each stage is made in the same folder, which stands for `/`: scripts of a virtual environment hold its path. An absolute
path of the Dockerfile is one in that folder. The base image is a fresh virtual environment of a Python that the image's
user can run. Nothing else of this machine is taken: no package of ours, and only the variables that say where packages
come from.
"""

import os
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.deploy.dockerfile import Stage, context, final, sent, stages
from tests.support.documents import PROJECT
from vad.sandbox.accounts import Account, can_reach

_IN_THE_IMAGE = re.compile(r"(?<![\w.}/-])/(?=(?:opt|src|etc/vad|run/secrets)\b)")
"""Paths that the Dockerfile makes, and those that files are mounted at; not a part of another path or address."""
_UMASK = 0o022
_OF_THE_MACHINE = re.compile(
    r"(?i)(?:https?|no|all)_proxy|pip_(?!no_cache).*|npm_config_.*|ssl_cert_.*|node_extra_.*|lang"
)


@dataclass
class Image:
    """What the Dockerfile makes, under `folder`."""

    folder: Path
    account: Account | None = field(init=False)
    """Whom the image runs as; None is ourselves, when we are not root and can be nobody else."""

    def __post_init__(self) -> None:
        uid, gid = map(int, final().only("USER").text.split(":"))
        self.account = Account("image", uid, gid) if os.geteuid() == 0 else None

    @property
    def root(self) -> Path:
        """What stands for `/`."""
        return self.folder / "image"

    @property
    def temporary(self) -> Path:
        """What stands for `/tmp`: the only folder in which the image's user may write."""
        return self.folder / "tmp"

    def inside(self, text: str) -> str:
        """The text with paths of the image as paths of this machine."""
        return _IN_THE_IMAGE.sub(f"{self.root}/", text)

    def build(self) -> None:
        """Do every stage, in order; the last one stays at `root`, and nobody can write in it."""
        self.folder.mkdir(mode=0o711)
        self.temporary.mkdir()
        subprocess.run([_python(self.account), "-m", "venv", self.folder / "python"], check=True, umask=_UMASK)
        for stage in stages():
            self.root.mkdir()
            self._make(stage)
            if stage is not final():
                self.root.rename(self._finished(stage.name))
        if self.account is not None:
            os.chown(self.temporary, self.account.uid, self.account.gid)

    def close(self) -> None:
        """Let nobody write: what is read-only in a container is read-only here."""
        for path in (self.root, *self.root.rglob("*")):
            if not path.is_symlink():
                path.chmod(stat.S_IMODE(path.stat().st_mode) & ~0o222)

    def open(self) -> None:
        """Let the owner write again, so that it can be thrown away."""
        for folder in (self.root, *self.root.rglob("*")):
            if folder.is_dir() and not folder.is_symlink():
                folder.chmod(0o755)

    def forget(self) -> None:
        """Throw everything away."""
        self.open()
        shutil.rmtree(self.folder)

    def content(self) -> dict[str, tuple[int, int]]:
        """Every path of the image, with when it was changed and its size."""
        found = ((path, path.lstat()) for path in self.root.rglob("*"))
        return {str(path.relative_to(self.root)): (told.st_mtime_ns, told.st_size) for path, told in found}

    def environment(self, given: Mapping[str, str]) -> dict[str, str]:
        """What a program in the image finds in its environment; `given` comes from who starts it."""
        path = f"{self.folder / 'python' / 'bin'}:{os.defpath}"
        known = {name: self.inside(value).replace("$PATH", path) for name, value in final().environment.items()}
        return known | {"TMPDIR": str(self.temporary)} | {name: self.inside(value) for name, value in given.items()}

    def extended(self, folder: Path, extras: str) -> "Image":
        """Another image: this one after the step of the Dockerfile that adds what EXTRAS names."""
        other = Image(folder)
        folder.mkdir(mode=0o711)
        other.temporary.mkdir()
        (folder / "python").symlink_to(self.folder / "python")
        (packages,) = (stage for stage in stages() if stage.all("ARG"))
        (step,) = (run for run in packages.all("RUN") if "${EXTRAS}" in run.text)
        _linked(self.root, other.root)
        _linked(self._finished(packages.name) / "src", other.root / "src")
        other._run(other.inside(step.text), other.root, {"EXTRAS": extras})
        return other

    def _finished(self, stage: str) -> Path:
        return self.folder / f"stage-{stage}"

    def _make(self, stage: Stage) -> None:
        place, arguments = self.root, dict[str, str]()
        for instruction in stage.instructions:
            if instruction.name == "ARG":
                arguments |= instruction.pairs
            elif instruction.name == "WORKDIR":
                place = Path(self.inside(instruction.text))
                place.mkdir(parents=True, exist_ok=True)
            elif instruction.name == "COPY":
                self._copy(instruction.words, place)
            elif instruction.name == "RUN":
                self._run(self.inside(instruction.text), place, arguments)
            else:
                assert instruction.name in {"LABEL", "ENV", "USER", "EXPOSE", "HEALTHCHECK", "ENTRYPOINT", "CMD"}

    def _copy(self, words: list[str], place: Path) -> None:
        options = [word for word in words if word.startswith("--")]
        *sources, target = (word for word in words if not word.startswith("--"))
        into = place / self.inside(target)
        if options:
            (stage,) = (option.removeprefix("--from=") for option in options)
            (source,) = sources
            _linked(self._finished(stage) / source.lstrip("/"), into)
            return
        for source in sources:
            if (PROJECT / source).is_dir():
                for file in context():
                    if file.is_relative_to(source):
                        _put(PROJECT / file, into / file.relative_to(source))
            else:
                assert sent(source), f"{source} does not reach the builder"
                _put(PROJECT / source, into / Path(source).name if target.endswith("/") else into)

    def _run(self, command: str, place: Path, arguments: Mapping[str, str]) -> None:
        machine = {name: value for name, value in os.environ.items() if _OF_THE_MACHINE.fullmatch(name)}
        known = {"PATH": f"{self.folder / 'python' / 'bin'}:{os.defpath}", "HOME": str(self.folder / "home")}
        # A download that this machine has kept need not be made again; the image has nothing to keep it for.
        said = subprocess.run(
            ["/bin/sh", "-c", command.replace(" --no-cache-dir", "")],
            cwd=place,
            env={**machine, **known, "XDG_CACHE_HOME": _cache_folder(), **arguments},
            umask=_UMASK,
            capture_output=True,
            text=True,
            check=False,
        )
        assert said.returncode == 0, f"RUN {command}\n{said.stdout[-2000:]}{said.stderr[-2000:]}"


def _linked(source: Path, target: Path) -> None:
    """Make the same tree of the same files: nothing is ever written into one that is there, and there are thousands."""
    shutil.copytree(source, target, symlinks=True, copy_function=os.link)


def _put(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def _cache_folder() -> str:
    return os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")


def _python(account: Account | None) -> Path:
    """The Python that stands for the base image's: ours, or the machine's when ours lies in a closed home."""
    found = (Path(sys.executable).resolve(), Path("/usr/bin/python3"))
    usable = [python for python in found if python.exists() and can_reach(account, python, "x")]
    assert usable, f"no Python that {account} can run: {found}"
    return usable[0]
