"""The operator's commands: each may be run again, and a failure is one clear line."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import make_url

from tests.support.database import FreshDatabase, Server, ask, new_database
from tests.support.registration_keys import POINT
from vad.adapters.postgres import migrate
from vad.adapters.vault.master_key import MasterKey
from vad.cli.main import cli
from vad.sandbox.ports import free_port

JWK = f'{{ kty = "EC", kid = "k", {POINT}, use = "enc" }}'
SIGNING_JWK = f'{{ kty = "EC", kid = "k", {POINT}, use = "sig" }}'
CLIENT = f"""
[[clients]]
client_id = "app"
name = "App"
organisation = "App B.V."
redirect_uris = ["https://app.example/callback"]
jwks = {{ keys = [{SIGNING_JWK}] }}
"""


@dataclass(frozen=True)
class Operator:
    """Somebody at the command line, with a configuration folder and a database."""

    folder: Path
    database: FreshDatabase

    def run(self, *command: str, **environment: str | None) -> Result:
        """Run a command of `vad`."""
        known = {
            "VAD_CONFIG": str(self.folder),
            "VAD__DATABASE__URL": self.database.app_url,
            "VAD__DATABASE__MIGRATE_URL": self.database.migrate_url,
            "VAD__WORKER__DATABASE_URL": self.database.worker_url,
            "VAD__REDIS__URL": "redis://127.0.0.1:1/0",
        }
        return CliRunner().invoke(cli, command, env={**known, **environment})

    def write(self, name: str, text: str) -> None:
        """Put a file into the configuration."""
        (self.folder / name).write_text(text)

    def fails(self, *command: str, **environment: str | None) -> str:
        """Run a command that must fail, with one clear line and without a traceback; gives the line."""
        result = self.run(*command, **environment)
        assert result.exit_code == 1, result.output
        assert isinstance(result.exception, SystemExit)
        (line,) = result.output.splitlines()
        assert line.startswith("Error: ")
        for url in (self.database.app_url, self.database.migrate_url, self.database.worker_url):
            password = make_url(url).password
            assert not password or password not in result.output
        return line

    def rows(self, statement: str) -> list[tuple[object, ...]]:
        """Look into the database."""
        return ask(self.database.superuser_url, statement)


@pytest.fixture(scope="session")
def empty_database(postgres: Server) -> Iterator[FreshDatabase]:
    """Give a database without a schema, for whoever leaves it so."""
    with new_database(postgres) as database:
        yield database


@pytest.fixture
def operator(empty_database: FreshDatabase, tmp_path: Path) -> Operator:
    """Give an operator before the schema is made."""
    (tmp_path / "master.key").write_text(MasterKey.generate_text(demo=True))
    (tmp_path / "vad.toml").write_text(
        f"""
        [service]
        issuer = "http://localhost:8100"
        deployment = "development"
        [operator]
        name = "Stichting Voorbeeld"
        email = "hulp@vad.example"
        security_email = "veilig@vad.example"
        [keys]
        master_key_file = "{tmp_path / "master.key"}"
        [digid]
        issuer = "http://localhost:8101"
        client_id = "vad"
        [brp]
        base_url = "http://localhost:8102"
        api_key = "hidden"
        [prs]
        base_url = "http://localhost:8103"
        oin = "1"
        audience = "x"
        """
    )
    return Operator(tmp_path, empty_database)


@pytest.fixture
def ready(operator: Operator, postgres: Server, migrated_template: str) -> Iterator[Operator]:
    """Give an operator whose database has its schema."""
    with new_database(postgres, migrated_template) as database:
        yield replace(operator, database=database)


def test_the_schema_comes_up_to_date_and_stays(operator: Operator, postgres: Server) -> None:
    """`vad db upgrade` on an empty database makes the schema, and on a current one changes nothing."""
    with new_database(postgres) as database:
        first = replace(operator, database=database)
        for _ in range(2):
            result = first.run("db", "upgrade")
            assert result.exit_code == 0, result.output
            assert result.output == f"the schema is at {migrate.head()}\n"
        assert migrate.differences(database.migrate_url) == []


def test_keys_are_made_once(ready: Operator) -> None:
    """`vad keys init` makes what is missing, logs it, and never touches a key that is there."""
    first = ready.run("keys", "init")
    assert first.exit_code == 0, first.output
    made = ready.rows("SELECT key_id, sealed FROM keys ORDER BY key_id")
    assert first.output == f"{len(made)} keys made\n"
    assert len(made) >= 9
    assert ready.run("keys", "init").output == "0 keys made\n"
    assert ready.rows("SELECT key_id, sealed FROM keys ORDER BY key_id") == made
    assert ready.rows("SELECT count(*) FROM audit_events WHERE type = 'keys.created'") == [(1,)]


def test_the_next_signing_key_is_published_from_the_start(ready: Operator) -> None:
    """One per algorithm, in /jwks before it is needed; once it is active, the same command publishes the one after."""
    published = "SELECT algorithm, public_jwk->>'kid' FROM keys WHERE purpose = 'signing' AND state = 'next' ORDER BY 1"
    ready.run("keys", "init")
    first = ready.rows(published)
    assert [algorithm for algorithm, _ in first] == ["ES256", "PS256", "RS256"]
    assert ready.rows("SELECT count(*) FROM keys WHERE state = 'next' AND activated_at IS NULL") == [(3,)]
    assert ready.run("keys", "rotate", "signing", "--algorithm", "ES256", "--now").exit_code == 0
    active = "SELECT key_id FROM keys WHERE purpose = 'signing' AND state = 'active' AND algorithm = 'ES256'"
    assert ready.rows(active) == [(first[0][1],)]
    assert ready.run("keys", "init").output == "1 keys made\n"
    assert ready.rows(published)[1:] == first[1:]
    assert ready.rows(published)[0][1] != first[0][1]


def test_registrations_are_applied_once(ready: Operator) -> None:
    """`vad clients apply` says what it did; the same again does nothing; what is gone is deactivated, not deleted."""
    ready.write("clients.toml", CLIENT)
    first = ready.run("clients", "apply")
    assert first.exit_code == 0, first.output
    assert "clients: added app" in first.output
    version = first.output.rstrip().rpartition(" ")[2]
    again = ready.run("clients", "apply")
    assert again.output == f"nothing to change; the registrations are at version {version}\n"
    ready.write("clients.toml", CLIENT.replace('"App"', '"Another name"'))
    assert "clients: changed app" in ready.run("clients", "apply").output
    ready.write("clients.toml", "")
    assert "clients: deactivated app" in ready.run("clients", "apply").output
    assert ready.rows("SELECT client_id, active FROM clients") == [("app", False)]
    assert ready.rows("SELECT count(*) FROM audit_events WHERE type = 'registrations.applied'") == [(3,)]


def test_faulty_registrations_change_nothing(ready: Operator) -> None:
    """A fault anywhere: said under its place, and what stands goes on standing."""
    ready.write("clients.toml", CLIENT)
    assert ready.run("clients", "apply").exit_code == 0
    ready.write("clients.toml", CLIENT.replace("https://app", "http://app").replace('"App"', '"New"'))
    assert "http only on loopback" in ready.fails("clients", "apply")
    former = '[ministry]\nlegacy_sub_clients = "app=app.example"\nlegacy_sub_salt = "hidden"\n'
    ready.write("clients.toml", former + CLIENT.replace('"App"', '"New"'))
    assert "takes apps of profile ministry" in ready.fails("clients", "apply")
    assert ready.rows("SELECT name FROM clients") == [("App",)]


def test_registrations_of_another_shape_are_told(ready: Operator) -> None:
    """What is no table of registrations is a fault of configuration, not one of ours; in several files too."""
    for files in (1, 2):
        for entry in ("clients = 5", "clients = [5]", '[[clients]]\nclient_id = ["x"]', "[clients]\nx = 1"):
            ready.write("clients.toml", entry)
            told = ready.fails("clients", "apply")
            assert told.endswith("clients.toml: clients must be tables [[clients]], each with the text client_id")
        ready.write(f"another-{files}.toml", CLIENT)


COMMANDS = [("db", "upgrade"), ("keys", "init"), ("clients", "apply")]


@pytest.mark.parametrize("command", [*COMMANDS, ("worker",)])
def test_a_database_that_is_away_is_one_line(operator: Operator, command: tuple[str, ...]) -> None:
    """Nobody listening: which store, and nothing of its password."""
    urls = {
        name: make_url(url).set(port=free_port()).render_as_string(hide_password=False)
        for name, url in (
            ("VAD__DATABASE__URL", operator.database.app_url),
            ("VAD__DATABASE__MIGRATE_URL", operator.database.migrate_url),
        )
    }
    assert "PostgreSQL" in operator.fails(*command, **urls)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_wrong_password_is_one_line(operator: Operator, command: tuple[str, ...]) -> None:
    """Refused by the server: the same, without what was tried."""
    url = make_url(operator.database.migrate_url).set(password="not-the-password").render_as_string(hide_password=False)
    line = operator.fails(*command, VAD__DATABASE__MIGRATE_URL=url)
    assert "PostgreSQL" in line
    assert "not-the-password" not in line


@pytest.mark.parametrize("command", COMMANDS)
def test_the_role_that_migrates_must_be_named(operator: Operator, command: tuple[str, ...]) -> None:
    """Without `database.migrate_url` there is nothing to do these jobs with."""
    bare = replace(operator, database=operator.database)
    result = CliRunner().invoke(
        cli,
        command,
        env={
            "VAD_CONFIG": str(bare.folder),
            "VAD__DATABASE__URL": bare.database.app_url,
            "VAD__DATABASE__MIGRATE_URL": None,
            "VAD__REDIS__URL": "redis://127.0.0.1:1/0",
        },
    )
    assert (result.exit_code, result.output) == (1, "Error: set database.migrate_url: the role that owns the schema\n")


def test_the_worker_does_not_start_without_its_role(operator: Operator) -> None:
    """No other role can seal the log: it is not tried with that of the service."""
    line = operator.fails("worker", VAD__WORKER__DATABASE_URL=None)
    assert line == "Error: worker.database_url: set it, or nobody can seal the log"


def test_a_role_that_is_not_there_is_told(operator: Operator) -> None:
    """The service's role is the operator's to make."""
    url = make_url(operator.database.app_url).set(username="nobody").render_as_string(hide_password=False)
    assert "there is no role nobody" in operator.fails("db", "upgrade", VAD__DATABASE__URL=url)
    assert operator.rows("SELECT 1 FROM pg_tables WHERE schemaname = 'public'") == []


@pytest.mark.parametrize("command", [("keys", "init"), ("clients", "apply"), ("worker",)])
def test_before_the_schema_there_is_one_line(operator: Operator, command: tuple[str, ...]) -> None:
    """An empty database: a line that says what is missing, and no half-made anything."""
    line = operator.fails(*command)
    assert "vad db upgrade" in line if command != ("worker",) else "PostgreSQL" in line


def test_another_master_key_opens_nothing(ready: Operator, tmp_path: Path) -> None:
    """Keys of one master key with another: told, and nothing is made under the wrong one."""
    assert ready.run("keys", "init").exit_code == 0
    count = ready.rows("SELECT count(*) FROM keys")
    (tmp_path / "master.key").write_text(MasterKey.generate_text(demo=True))
    assert "master key" in ready.fails("worker")
    ready.run("keys", "init")
    assert ready.rows("SELECT count(*) FROM keys") == count


def test_a_broken_master_key_is_one_line(ready: Operator, tmp_path: Path) -> None:
    """Neither the file nor what is in it is a riddle."""
    for text in ("", "x", "vad-demo:", "A" * 43 + "=x", "é"):
        (tmp_path / "master.key").write_text(text)
        assert "master key" in ready.fails("keys", "init"), text
    (tmp_path / "master.key").unlink()
    assert "master.key" in ready.fails("keys", "init")


@pytest.mark.parametrize("command", [*COMMANDS, ("serve",), ("worker",)])
def test_a_faulty_configuration_stops_every_command(operator: Operator, command: tuple[str, ...]) -> None:
    """Nothing is begun; every fault has its line."""
    result = operator.run(*command, VAD__SERVICE__DEPLOYMENT="production", VAD__LOG__LEVEL="loud")
    assert result.exit_code == 1
    lines = result.output.splitlines()
    assert "service.issuer: must be https in production" in lines
    assert any("log.level: " in line for line in lines)
    assert isinstance(result.exception, SystemExit)
    assert "hidden" not in result.output


def test_granian_is_trusted_with_no_header_that_it_takes_for_another(operator: Operator) -> None:
    """`Client_Cert` is the same variable in WSGI, and a proxy that replaces `Client-Cert` may let it pass."""
    proxy = {"VAD__PROXY__TRUSTED": "10.1.0.7/32", "VAD__PROXY__CLIENT_CERTIFICATE_HEADER": "Client-Cert"}
    assert "Granian takes Client_Cert for Client-Cert" in operator.fails("serve", "--server", "granian", **proxy)
    told = operator.fails("serve", "--server", "granian", VAD__HTTP__TRUSTED_PROXIES="1")
    assert "Granian takes X_Forwarded_For for X-Forwarded-For" in told


@pytest.mark.parametrize("command", [*COMMANDS, ("serve",), ("worker",)])
def test_a_folder_that_is_not_there_is_one_line(operator: Operator, command: tuple[str, ...]) -> None:
    """VAD_CONFIG that leads nowhere says so."""
    assert "not a folder" in operator.fails(*command, VAD_CONFIG="/nowhere/at/all")
