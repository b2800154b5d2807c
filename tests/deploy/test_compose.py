"""The Compose file: who sees which secret, who can reach whom, and that nobody has more than they need."""

import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.dockerfile import final
from tests.deploy.manifests import DEPLOY, compose, ours
from tests.support.documents import blocks
from vad.adapters.heartbeat import PATH

SERVICES: dict[str, dict[str, Any]] = compose()["services"]


@pytest.mark.parametrize("name", SERVICES)
def test_no_service_may_more_than_it_needs(name: str) -> None:
    """Read-only, no capability, no way to get one, nothing of the machine's mounted but what we name."""
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "cap_add", "network_mode", "pid", "env_file"} & set(service)
    assert "/tmp" in service["tmpfs"]  # noqa: S108 - a mount in the container
    if name not in ours():
        assert service["user"] not in {"root", "0"}


def test_who_sees_which_secret() -> None:
    """The role that owns the tables is known to the migration alone, and the key of the log to the worker alone."""
    holders = {
        name: {who for who, each in SERVICES.items() if name in each["secrets"]} for name in compose()["secrets"]
    }
    assert holders == {
        "app.toml": {"vad", "worker", "admin", "migrate"},
        "master.key": {"vad", "worker", "admin", "migrate"},
        "checkpoint.key": {"worker"},
        "migrate.toml": {"migrate"},
        "worker.toml": {"worker", "migrate"},
        "admin.toml": {"admin", "migrate"},
        "postgres.password": {"postgres"},
        "app.password": {"postgres"},
        "migrate.password": {"postgres"},
        "worker.password": {"postgres"},
        "admin.password": {"postgres"},
        "redis.conf": {"redis"},
    }


def test_every_file_is_made_by_the_document_or_is_here() -> None:
    """What the files name is in the project, in the image, or in the folder that docs/deployment.md lets one make."""
    made = next(block.text for block in blocks("docs/deployment.md", "sh") if "mkdir" in block.text)
    made += next(block.text for block in blocks("docs/deployment.md", "sh") if "docker compose" in block.text).replace(
        "> deploy/installation/", "> "
    )
    named = [each["file"] for kind in ("configs", "secrets") for each in compose()[kind].values()]
    for file in named:
        folder, name = file.removeprefix("./").split("/")
        assert folder == "installation"
        assert name == "settings.toml" or f"> {name}" in made or name.endswith(".password")
    for password in ("postgres", "app", "migrate", "worker", "admin"):
        assert f" {password} " in made.partition("for name in")[2].partition(";")[0] + " "
    binds = [volume for each in SERVICES.values() for volume in each.get("volumes", ()) if volume.startswith(".")]
    assert binds == ["./postgres-roles.sql:/docker-entrypoint-initdb.d/postgres-roles.sql:ro"]
    assert (DEPLOY / "postgres-roles.sql").is_file()


def test_the_steps_leave_the_shell_as_it_was(tmp_path: Path) -> None:
    """Whoever goes on in the same shell is in the root of the project, and makes files with the rights as before."""
    script = next(block.text for block in blocks("docs/deployment.md", "sh") if "mkdir" in block.text)
    (tmp_path / "deploy").mkdir()
    run = subprocess.run(
        ["/bin/sh", "-e", "-c", f"umask 027\n{script}\numask\npwd -P"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.split() == ["0027", str(tmp_path.resolve())]
    made = tmp_path / "deploy" / "installation"
    assert made.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in made.iterdir()} == {0o644}


def test_who_can_reach_whom() -> None:
    """The stores have no way out and no port; VAD's port is open to this machine's proxy alone."""
    port = final().only("EXPOSE").text
    for closed in ("stores", "figures"):
        assert compose()["networks"][closed] == {"internal": True}
    networks = {name: set(service["networks"]) for name, service in SERVICES.items()}
    assert networks == {
        "vad": {"stores", "outside", "figures"},
        "worker": {"stores", "outside", "figures"},
        "admin": {"stores", "outside"},
        "migrate": {"stores"},
        "postgres": {"stores"},
        "redis": {"stores"},
    }
    ports = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert ports == {"vad": [f"127.0.0.1:{port}:{port}"], "admin": [f"127.0.0.1:8001:{port}"]}
    assert {name: each["profiles"] for name, each in SERVICES.items() if "profiles" in each} == {"admin": ["staff"]}


def test_each_waits_for_what_it_needs() -> None:
    """VAD starts on a schema that is up to date, the migration on a PostgreSQL that answers; stores are asked."""
    for name in ("vad", "worker", "admin"):
        conditions = {who: each["condition"] for who, each in SERVICES[name]["depends_on"].items()}
        assert conditions == {"migrate": "service_completed_successfully", "redis": "service_healthy"}
    assert SERVICES["migrate"]["depends_on"] == {"postgres": {"condition": "service_healthy"}}
    assert {name for name, service in SERVICES.items() if "test" in service.get("healthcheck", {})} == {
        "postgres",
        "redis",
        "worker",
    }
    unasked = {name for name, service in SERVICES.items() if service.get("healthcheck", {}).get("disable")}
    assert unasked == {"migrate"}, "vad has the HEALTHCHECK of its image"
    port = SERVICES["worker"]["environment"]["VAD__METRICS__WORKER_BIND"].removeprefix("0.0.0.0:")
    assert f"'http://127.0.0.1:{port}{PATH}'" in SERVICES["worker"]["healthcheck"]["test"][-1]


def test_the_stores_are_those_that_vad_needs() -> None:
    """PostgreSQL of the version that the tests use, and a Redis that keeps nothing."""
    assert SERVICES["postgres"]["image"] == "postgres:18"
    assert SERVICES["redis"]["command"][2:] == ["--save", "", "--appendonly", "no"]
