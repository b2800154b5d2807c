"""The image works: its steps, its settings and its commands, as the Dockerfile, Compose and docs/deployment.md say."""

import json
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
from requests.adapters import HTTPAdapter
from sqlalchemy import make_url
from urllib3.util.retry import Retry

from tests.conftest import CacheServer
from tests.deploy.dockerfile import Instruction, context, final
from tests.deploy.manifests import Start, compose, ours, starts
from tests.deploy.rehearsal import Image
from tests.deploy.test_postgres_roles import OTHERS, ROLES, SCRIPT, forget, free, run
from tests.support.database import Server
from tests.support.documents import adapted, blocks
from vad.sandbox.ports import free_port

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

STYLE = "/static/vendor/govuk-frontend.min.css"


@pytest.fixture(scope="module")
def image(server_directory: Path) -> Iterator[Image]:
    """Give the image, built by the steps of the Dockerfile."""
    built = Image(server_directory / "image-steps")
    built.build()
    yield built
    built.forget()


@dataclass(frozen=True)
class Installation:
    """The image with the files that Compose mounts, on stores of the tests."""

    image: Image

    def start(self, service: str) -> Start:
        """How Compose starts this service."""
        (found,) = (start for start in starts() if start.where == f"compose.yaml: {service}")
        return found

    def popen(self, command: list[str], given: dict[str, str]) -> "subprocess.Popen[str]":
        """Start a command as the image's user, in its working directory, with nothing but its own environment."""
        environment = self.image.environment(given)
        account = self.image.account
        return subprocess.Popen(
            [shutil.which(command[0], path=environment["PATH"]) or command[0], *command[1:]],
            cwd=self.image.inside(final().only("WORKDIR").text),
            env=environment,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, command: list[str], given: dict[str, str]) -> tuple[int, str]:
        """Run a command to its end; gives its status and what it said."""
        with self.popen(command, given) as process:
            said, _ = process.communicate(timeout=60)
        return process.returncode, said

    @contextmanager
    def running(self, command: list[str], given: dict[str, str]) -> Iterator["subprocess.Popen[str]"]:
        """Keep a command running; it must end well when it is told to."""
        with self.popen(command, given) as process:
            try:
                yield process
            finally:
                process.send_signal(signal.SIGTERM)
                said, _ = process.communicate(timeout=30)
                sys.stdout.write(said)  # pytest shows it when something is wrong
        assert process.returncode == 0


@pytest.fixture
def installation(image: Image, postgres: Server, redis_server: CacheServer, tmp_path: Path) -> Iterator[Installation]:
    """Give the image with everything that docs/deployment.md lets an operator make, on the stores of the tests."""
    script = next(block.text for block in blocks("docs/deployment.md", "sh") if "mkdir" in block.text)
    (tmp_path / "deploy").mkdir()
    subprocess.run(["/bin/sh", "-e", "-c", script], cwd=tmp_path, check=True)
    made = tmp_path / "deploy" / "installation"
    assert made.stat().st_mode & 0o777 == 0o700
    (made / "settings.toml").write_text(blocks("docs/operations.md", "toml")[0].text)
    mark = secrets.token_hex(4)
    names = free(mark)
    files = {f"{role.upper()}_PASSWORD_FILE": str(made / f"{role}.password") for role in ROLES}
    done = run(postgres, adapted(SCRIPT.read_text("utf-8"), names), files)
    assert done.returncode == 0, done.stderr

    server = make_url(postgres.superuser_url)
    store = f"@{server.host}:{server.port}/vad_{mark}"
    redis_url = f"redis://:{(made / 'redis.password').read_text().strip()}@redis/0"
    moves = {
        "app.toml": {"vad_app": names["vad_app"], "@postgres/vad": store, redis_url: redis_server.url},
    }
    for role in {*ROLES} - {"app"}:
        moves[f"{role}.toml"] = {f"vad_{role}": names[f"vad_{role}"], "@postgres/vad": store}
    for file, changes in moves.items():
        (made / file).write_text(adapted((made / file).read_text("utf-8"), changes))
    keyed = next(block.text for block in blocks("docs/deployment.md", "sh") if "checkpoint.key" in block.text)
    (command,) = re.findall(r'-ec "(.*)" > deploy/installation/checkpoint\.key', keyed)
    (made / "checkpoint.key").write_text(_made_by(image, command))
    _mount(image, made)
    image.close()
    yield Installation(image)
    image.open()
    forget(postgres, mark)


def _made_by(image: Image, command: str) -> str:
    """What the image writes to standard output by this command, with a folder for files of the moment."""
    with tempfile.TemporaryDirectory() as moment:
        Path(moment).chmod(0o777)
        done = subprocess.run(
            ["/bin/sh", "-ec", command.replace("/tmp/key", f"{moment}/key")],  # noqa: S108 - the image's own
            env=image.environment({}),
            capture_output=True,
            text=True,
            check=True,
        )
    return done.stdout


def _mount(image: Image, made: Path) -> None:
    """Put the files where Compose puts them, with the rights that they have."""
    targets = {name: f"/run/secrets/{name}" for service in ours().values() for name in service["secrets"]}
    targets |= {each["source"]: each["target"] for service in ours().values() for each in service["configs"]}
    known = compose()["secrets"] | compose()["configs"]
    for name, target in targets.items():
        place = Path(image.inside(target))
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(made / Path(known[name]["file"]).name, place)


def test_the_image_has_the_command_and_no_sandbox(image: Image) -> None:
    """`vad --help` works without vad.sandbox, which can't be imported; no demo is offered; pip is gone."""
    vad = Installation(image)
    status, said = vad.run(["vad", "--help"], {})
    assert status == 0, said
    assert "serve" in said
    assert "demo" not in said
    status, said = vad.run(["python", "-c", "import vad.sandbox"], {})
    assert (status, said.splitlines()[-1]) == (1, "ModuleNotFoundError: No module named 'vad.sandbox'")
    status, said = vad.run(
        ["python", "-c", "import vad.bootstrap.web, vad.cli.main, sys; print('vad.sandbox' in sys.modules)"], {}
    )
    assert (status, said) == (0, "False\n")
    environment = image.environment({})
    for absent in ("pip", "npm", "pytest"):
        found = shutil.which(absent, path=environment["PATH"])
        assert found is None or not Path(found).is_relative_to(image.root)


def test_the_image_holds_all_of_vad(image: Image) -> None:
    """Every file that reached the builder, templates and translations too, and the assets; nothing of the sandbox."""
    (place,) = image.root.glob("opt/vad/lib/python3*/site-packages")
    installed = {path.relative_to(place) for path in place.joinpath("vad").rglob("*") if path.is_file()}
    here = {path for path in installed if path.suffix != ".pyc"}
    vendor = Path("vad/web/static/vendor")
    assert {path for path in here if not path.is_relative_to(vendor)} == {
        path for path in context() if path.is_relative_to("vad")
    }
    known = json.loads((SCRIPT.parent / "assets.json").read_text("utf-8"))
    assert {path.name for path in here if path.is_relative_to(vendor)} == {
        Path(name).name for sums in known.values() for name in sums
    }


def test_the_image_holds_what_requirements_say(image: Image) -> None:
    """VAD and the packages of requirements.txt, and no other: nothing of the build, the sandbox or the tests."""
    code = "import importlib.metadata as m; print(*sorted(d.name.lower() for d in m.distributions()))"
    status, said = Installation(image).run(["python", "-c", code], {})
    assert status == 0, said
    lines = [line for line in _lines("requirements.txt") if "==" in line.split(" ")[0]]
    pinned = {line.split("==")[0].partition("[")[0].lower() for line in lines}  # without extras
    assert "vad" in said.split()
    assert {name.replace("_", "-") for name in said.split()} - {"vad"} <= pinned


@pytest.mark.parametrize("extras", ["otel", "granian otel"])
def test_extras_are_added_and_nothing_else(image: Image, server_directory: Path, extras: str) -> None:
    """Each brings what its own file pins, in the versions that it pins, and can be used; VAD itself stays as it was."""
    code = "import importlib.metadata as m; print(*sorted(f'{d.name.lower()}=={d.version}' for d in m.distributions()))"
    plain = set(Installation(image).run(["python", "-c", code], {})[1].split())
    extended = image.extended(server_directory / f"image-{extras.replace(' ', '-')}", extras)
    try:
        status, said = Installation(extended).run(["python", "-c", code], {})
        assert status == 0, said
        added = set(said.split()) - plain
        assert plain <= set(said.split())
        lines = [line for extra in extras.split() for line in _lines(f"requirements-{extra}.txt")]
        pinned = {re.sub(r"\[.*?\]", "", line.split(" ")[0].lower()) for line in lines if "==" in line}
        assert {each.replace("_", "-") for each in added} <= pinned
        for extra, module in (("granian", "granian"), ("otel", "opentelemetry.sdk")):
            status, said = Installation(extended).run(["python", "-c", f"import {module}"], {})
            assert (status == 0) is (extra in extras.split()), said
    finally:
        extended.forget()


def test_an_extra_that_is_not_there_ends_the_build(image: Image, server_directory: Path) -> None:
    """A misspelt name makes no image that lacks what somebody asked for; the first of two does not hide the second."""
    with pytest.raises(AssertionError, match="requirements-oteel"):
        image.extended(server_directory / "image-misspelt", "oteel granian")


def _lines(name: str) -> list[str]:
    return (SCRIPT.parent.parent / name).read_text("utf-8").splitlines()


@pytest.mark.skipif(OTHERS, reason="roles are made in the test run's own PostgreSQL only")
def test_the_image_does_its_work(installation: Installation) -> None:
    """Migrated, ready and working: as a user without a name, from a tree that can't be written in."""
    image, before = installation.image, installation.image.content()
    if image.account is not None:
        status, said = installation.run(["python", "-c", "open('x', 'w')"], {})
        assert (status, "Permission denied" in said) == (1, True)
    migrate = installation.start("migrate")
    for command in migrate.commands:
        status, said = installation.run([*command], migrate.environment)
        assert status == 0, said

    token = tomllib.loads(Path(image.inside("/run/secrets/app.toml")).read_text("utf-8"))["metrics"]["token"]
    vad, worker = installation.start("vad"), installation.start("worker")
    port = str(free_port())
    (serve,) = vad.commands
    moved = [word.replace("0.0.0.0:8000", f"127.0.0.1:{port}") for word in serve]
    assert moved != [*serve]
    healthcheck = _healthcheck(port)
    assert installation.run(healthcheck, {})[0] == 1, "nobody listens yet"
    door_port = free_port()
    door = {"VAD__METRICS__WORKER_BIND": f"127.0.0.1:{door_port}"}
    asked = [
        word.replace(":9102", f":{door_port}") for word in compose()["services"]["worker"]["healthcheck"]["test"][1:]
    ]
    assert installation.run(asked, {})[0] == 1, "nobody listens yet"
    with (
        installation.running(moved, vad.environment),
        installation.running([*worker.commands[0]], worker.environment | door) as delivery,
    ):
        assert delivery.stdout is not None
        assert json.loads(delivery.stdout.readline())["event"] == "worker_ready"
        with requests.Session() as session:
            session.mount("http://", HTTPAdapter(max_retries=Retry(60, backoff_factor=0.1, backoff_max=1)))
            ready = session.get(f"http://127.0.0.1:{port}/readyz", timeout=10)
            assert ready.status_code == 200
            assert all(ready.json()["parts"].values())
            assert session.get(f"http://127.0.0.1:{port}{STYLE}", timeout=10).status_code == 200
            figures = f"http://127.0.0.1:{port}/metrics"
            assert session.get(figures, timeout=10).status_code == 401
            told = session.get(figures, headers={"Authorization": f"Bearer {token}"}, timeout=10)
            assert (told.status_code, 'program="web"' in told.text) == (200, True)
            worker_told = session.get(f"http://127.0.0.1:{door_port}/metrics", timeout=10)
            assert (worker_told.status_code, 'program="worker"' in worker_told.text) == (200, True)
        assert installation.run(healthcheck, {}) == (0, "")
        assert installation.run(asked, {}) == (0, "")
        if image.account is not None:
            assert _owners(delivery.pid) == {image.account.uid}
    assert image.content() == before


def _healthcheck(port: str) -> list[str]:
    """The command of HEALTHCHECK, at another port."""
    text = final().only("HEALTHCHECK").text.partition(" CMD ")[2]
    return [word.replace(":8000", f":{port}") for word in Instruction("CMD", text).words]


def _owners(pid: int) -> set[int]:
    """Whom a process runs as: its real, effective, saved and file system user."""
    (line,) = (line for line in Path(f"/proc/{pid}/status").read_text("utf-8").splitlines() if line.startswith("Uid:"))
    return {int(each) for each in line.split()[1:]}
