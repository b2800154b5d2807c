"""docs/operations.md is right: its SQL and commands lead to a VAD that is ready, in production's own mode."""

import json
import os
import re
import secrets
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg2
import pytest
import requests
from click.testing import CliRunner
from requests.adapters import HTTPAdapter
from sqlalchemy import make_url
from urllib3.util.retry import Retry

from tests.support.database import Server
from tests.support.documents import PROJECT, adapted, blocks
from vad.cli.main import cli
from vad.sandbox.ports import free_port
from vad.sandbox.redis import RedisServer

DOCUMENT = "docs/operations.md"
VAD = [sys.executable, "-c", "from vad.cli.main import main; main()"]
OTHERS = "VAD__DATABASE__URL" in os.environ
"""The test run uses somebody else's PostgreSQL, where making roles may not be ours."""


@pytest.fixture
def operator(tmp_path: Path, postgres: Server, redis_server: RedisServer) -> Iterator[dict[str, str]]:
    """Give the environment of an operator who has done everything up to the commands."""
    mark = secrets.token_hex(4)
    roles = {f"vad_{each}": f"{each}_{mark}" for each in ("migrate", "app", "worker", "admin")}
    names = roles | {"DATABASE vad ": f"DATABASE vad_{mark} "}
    statements = adapted(blocks(DOCUMENT, "sql")[0].text, names)
    superuser = make_url(postgres.superuser_url)
    _execute(superuser.render_as_string(hide_password=False), statements.split(";\n"))
    (tmp_path / "ours.toml").write_text(blocks(DOCUMENT, "toml")[0].text)
    made = next(block.text for block in blocks(DOCUMENT, "sh") if "master.key" in block.text)
    subprocess.run(["/bin/sh", "-e", "-c", made], cwd=tmp_path, check=True)

    def url(role: str, password: str) -> str:
        named = superuser.set(username=role, password=password, database=f"vad_{mark}")
        return named.render_as_string(hide_password=False)

    yield {name: value for name, value in os.environ.items() if not name.startswith("VAD")} | {
        "VAD_CONFIG": f"{PROJECT / 'config'}{os.pathsep}{tmp_path}",
        "VAD__DATABASE__URL": url(f"app_{mark}", "another secret"),
        "VAD__DATABASE__MIGRATE_URL": url(f"migrate_{mark}", "one secret"),
        "VAD__WORKER__DATABASE_URL": url(f"worker_{mark}", "a third secret"),
        "VAD__REDIS__URL": redis_server.url,
        "VAD__KEYS__MASTER_KEY_FILE": str(tmp_path / "master.key"),
        "VAD__BRP__API_KEY": "secret",
    }
    cleaning = [f"DROP DATABASE vad_{mark} WITH (FORCE)", *(f"DROP ROLE {role}" for role in roles.values())]
    _execute(superuser.render_as_string(hide_password=False), cleaning)


def _execute(url: str, statements: "list[str] | tuple[str, ...]") -> None:
    with closing(psycopg2.connect(url.replace("+psycopg2", "", 1))) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            for statement in filter(str.strip, statements):
                cursor.execute(statement)


@pytest.mark.slow
@pytest.mark.skipif(OTHERS, reason="roles are made in the test run's own PostgreSQL only")
def test_the_commands_lead_to_a_vad_that_is_ready(operator: dict[str, str]) -> None:
    """Everything as it stands there, in the order that it is told in, with deployment = production."""
    text = next(block.text for block in blocks(DOCUMENT, "sh") if "vad serve" in block.text)
    commands = [line.split()[1:] for line in text.splitlines()]
    *once, serve, worker = commands
    assert worker == ["worker"]
    for command in once:
        done = subprocess.run([*VAD, *command], env=operator, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    others = dict.fromkeys(name for name in os.environ if name not in operator)
    for command in once:  # "may be repeated": here, where all that they need is loaded
        repeated = CliRunner().invoke(cli, command, env={**others, **operator})
        assert repeated.exit_code == 0, repeated.output
    working = {name: value for name, value in operator.items() if name != "VAD__DATABASE__MIGRATE_URL"}
    served = {name: value for name, value in working.items() if name != "VAD__WORKER__DATABASE_URL"}
    port = free_port()
    moved = [argument.replace(":8000", f":{port}") for argument in serve]
    with (
        subprocess.Popen([*VAD, *moved], env=served, stderr=subprocess.DEVNULL) as vad,
        subprocess.Popen([*VAD, *worker], env=working, stderr=subprocess.PIPE, text=True) as background,
    ):
        try:
            answer = _ready(f"http://127.0.0.1:{port}")
            assert set(answer["parts"].values()) == {True}
            assert background.stderr is not None
            assert json.loads(background.stderr.readline())["event"] == "worker_ready"
        finally:
            for process in (vad, background):
                process.send_signal(signal.SIGTERM)
        assert (vad.wait(20), background.wait(20)) == (0, 0)


def _ready(address: str) -> dict[str, dict[str, bool]]:
    """What VAD says once it listens."""
    with requests.Session() as session:
        session.mount("http://", HTTPAdapter(max_retries=Retry(60, backoff_factor=0.1, backoff_max=1)))
        assert session.get(f"{address}/healthz", timeout=5).json() == {"status": "ok"}
        return dict(session.get(f"{address}/readyz", timeout=5).json())


def test_the_events_of_the_log_exist() -> None:
    """Every event of the table is logged somewhere, and none is left out."""
    part = (PROJECT / DOCUMENT).read_text("utf-8").partition("## The log")[2].partition("\n## ")[0]
    told = set(re.findall(r"^\| `(\w+)` \|", part, re.MULTILINE))
    code = "".join(file.read_text("utf-8") for file in (PROJECT / "vad").rglob("*.py") if "sandbox" not in file.parts)
    logged = set(re.findall(r"(?:\.(?:debug|info|warning|error|critical)|\breport)\(\s*\"(\w+)\"", code))
    assert told == logged
