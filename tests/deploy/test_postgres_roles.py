"""The roles that a container's PostgreSQL begins with are those of docs/operations.md."""

import os
import re
import secrets
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
from sqlalchemy import make_url

from tests.deploy.manifests import DEPLOY
from tests.support.database import Server, ask
from tests.support.documents import adapted, blocks
from vad.sandbox.postgres_binaries import installed

SCRIPT = DEPLOY / "postgres-roles.sql"
OTHERS = "VAD__DATABASE__URL" in os.environ
"""The test run uses somebody else's PostgreSQL, where making roles may not be ours."""
ROLES = ("migrate", "app", "worker", "admin")
AWKWARD = "a'b\"c $d `e` \\f"


def statements(text: str) -> list[str]:
    """The SQL of a text, without comments, psql's own commands and what the passwords are."""
    lines = [line for line in text.splitlines() if line and not line.startswith(("--", "\\"))]
    return [re.sub(r"PASSWORD .*;", "PASSWORD;", line) for line in lines]


def test_the_statements_are_the_documented_ones() -> None:
    """No role may more than docs/operations.md says, in a container either."""
    assert statements(SCRIPT.read_text("utf-8")) == statements(blocks("docs/operations.md", "sql")[0].text)


@pytest.fixture
def names(postgres: Server) -> Iterator[dict[str, str]]:
    """Give names for roles and database that are free on the tests' server."""
    mark = secrets.token_hex(4)
    yield free(mark)
    forget(postgres, mark)


def free(mark: str) -> dict[str, str]:
    """Names of one test's own, for those of the script."""
    return {f"vad_{role}": f"{role}_{mark}" for role in ROLES} | {"DATABASE vad": f"DATABASE vad_{mark}"}


def forget(postgres: Server, mark: str) -> None:
    """Drop what has those names."""
    ask(postgres.superuser_url, f"DROP DATABASE IF EXISTS vad_{mark} WITH (FORCE)")
    for role in ROLES:
        ask(postgres.superuser_url, f"DROP ROLE IF EXISTS {role}_{mark}")


def run(postgres: Server, script: str, environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    """Let psql read the script, as the superuser and with the options that the image of PostgreSQL gives it."""
    url = make_url(postgres.superuser_url).set(drivername="postgresql").render_as_string(hide_password=False)
    return subprocess.run(
        [installed() / "psql", "--no-psqlrc", "--no-password", "--set", "ON_ERROR_STOP=1", "--dbname", url],
        input=script,
        env={"PATH": os.defpath} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.skipif(OTHERS, reason="roles are made in the test run's own PostgreSQL only")
def test_the_roles_log_in_with_what_is_in_the_files(postgres: Server, names: dict[str, str], tmp_path: Path) -> None:
    """The passwords come from files, whatever is in them, and psql prints none of them."""
    passwords = {f"vad_{role}": AWKWARD if role == "app" else secrets.token_hex(32) for role in ROLES}
    files = {f"{role.upper()}_PASSWORD_FILE": tmp_path / f"of the {role}'s" for role in ROLES}
    for file, password in zip(files.values(), passwords.values(), strict=True):
        file.write_text(f"{password}\n")
    script = adapted(SCRIPT.read_text("utf-8"), names)
    done = run(postgres, script, {name: str(file) for name, file in files.items()})
    assert done.returncode == 0, done.stderr
    assert not any(password in done.stdout + done.stderr for password in passwords.values())
    database = names["DATABASE vad"].removeprefix("DATABASE ")
    for role, password in passwords.items():
        url = make_url(postgres.superuser_url).set(username=names[role], password=password, database=database)
        assert ask(url.render_as_string(hide_password=False), "SELECT current_user") == [(names[role],)]
        if role != "vad_migrate":
            with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                ask(url.render_as_string(hide_password=False), "CREATE TABLE public.mine (x int)")


@pytest.mark.skipif(OTHERS, reason="roles are made in the test run's own PostgreSQL only")
def test_without_the_files_nobody_can_log_in(postgres: Server, names: dict[str, str], tmp_path: Path) -> None:
    """A secret that is not mounted gives a role no password at all: it never gets an empty or guessable one."""
    absent = {f"{role.upper()}_PASSWORD_FILE": str(tmp_path / "absent") for role in ROLES}
    run(postgres, adapted(SCRIPT.read_text("utf-8"), names), absent)
    found = ask(
        postgres.superuser_url,
        "SELECT count(*) FROM pg_authid WHERE rolname = ANY (%s) AND rolpassword IS NOT NULL",
        ([names[f"vad_{role}"] for role in ROLES],),
    )
    assert found == [(0,)]
