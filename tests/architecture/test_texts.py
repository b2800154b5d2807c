"""What no file of the project may hold, whatever it is for; read from every file that is or could be committed."""

import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VENDOR = "vad/web/static/vendor/"

# Told in pieces, so that this file does not hold what it looks for.
REGISTRIES = tuple(
    ".".join(reversed(parts))
    for parts in (
        ("org", "pypi"),
        ("org", "pythonhosted"),
        ("org", "python", "pypi"),
        ("org", "npmjs"),
        ("com", "npmjs"),
        ("com", "yarnpkg"),
        ("com", "unpkg"),
        ("net", "jsdelivr"),
        ("com", "cloudflare", "cdnjs"),
        ("org", "jsr"),
        ("io", "docker"),
        ("com", "docker", "hub"),
        ("io", "ghcr"),
        ("io", "quay"),
        ("io", "gcr"),
        ("org", "rubygems"),
        ("io", "crates"),
        ("org", "maven"),
        ("org", "golang", "proxy"),
        ("com", "googleapis", "fonts"),
        ("com", "gstatic", "fonts"),
        ("org", "anaconda"),
    )
)
REGISTRY = re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, REGISTRIES))})(?![\w-])", re.IGNORECASE)
HOMES = tuple("/" + name for name in ("root", "home", "work", "Users", "mnt", "workspace"))
MACHINE_PATH = re.compile(rf"(?<![\w./:~*-])(?:{'|'.join(map(re.escape, HOMES))})/[\w.-]+")
BUILT_ASSETS = (".woff", ".woff2", ".ttf", ".otf", ".eot", ".min.css", ".min.js", ".map", ".whl", ".jar")
TEXT_LIMIT = 2_000_000
"""Bytes: a file larger than this has no place here at all."""


@cache
def files() -> tuple[str, ...]:
    """Every file that git holds or would take: tracked, or new and not ignored."""
    run = subprocess.run(
        ["git", "-c", "core.quotepath=off", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode != 0:
        pytest.skip("not a git checkout: nobody knows which files belong to the project")
    return tuple(sorted(name for name in run.stdout.split("\0") if name and (ROOT / name).is_file()))


@cache
def texts() -> dict[str, str]:
    """Each of those files as text; what is no text is left out."""
    found = {}
    for name in files():
        content = (ROOT / name).read_bytes()
        if b"\0" not in content[:8192]:
            found[name] = content.decode("utf-8")
    return found


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    """Name every place where a pattern occurs."""
    return [
        f"{name}:{number}: {line.strip()[:100]}"
        for name, text in texts().items()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_files_are_found() -> None:
    """The rules below are about something: the list holds this file, and the code."""
    assert Path(__file__).relative_to(ROOT).as_posix() in files()
    assert len([name for name in files() if name.startswith("vad/")]) > 100


def test_licence() -> None:
    """README.md: the licence is EUPL-1.2, and the package says the same."""
    assert "EUPL-1.2" in texts()["LICENSE"]
    assert 'license = "EUPL-1.2"' in texts()["pyproject.toml"]


def test_no_package_registry() -> None:
    """Where packages come from is a matter of the machine that installs them, not of the project."""
    assert lines_with(REGISTRY) == []


@pytest.mark.parametrize("host", REGISTRIES)
def test_a_registry_would_be_found(host: str) -> None:
    """The pattern finds each host, also below another name and inside an address, but not a name that only ends so."""
    assert REGISTRY.search(f"https://cdn.{host.upper()}/simple")
    assert REGISTRY.search(f"from {host}.")
    assert not REGISTRY.search(f"not-{host}")


def test_no_vendor_assets() -> None:
    """Style sheet and fonts of others are brought by `make assets`, checked by their hash, and never committed."""
    assert [name for name in files() if name.startswith(VENDOR)] == []
    assert [name for name in files() if name.endswith(BUILT_ASSETS)] == []


def test_no_machine_paths() -> None:
    """No file knows the folders of the machine on which it was written."""
    assert lines_with(MACHINE_PATH) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("see " + HOMES[0] + "/x.py", True),
        ('"' + HOMES[1] + '/anna/vad"', True),
        ("https://example.nl" + HOMES[1] + "/page", False),
        ("vad" + HOMES[2] + "/x", False),
        ("a " + HOMES[2] + " of art", False),
    ],
)
def test_a_machine_path_would_be_found(text: str, found: bool) -> None:  # noqa: FBT001
    """The pattern finds absolute paths of a home or working folder, and no path within an address."""
    assert (MACHINE_PATH.search(text) is not None) is found


def test_no_file_is_too_large() -> None:
    """A repository is read by people: no file is larger than two megabytes."""
    assert [name for name in files() if (ROOT / name).stat().st_size > TEXT_LIMIT] == []
