"""The linters of others have nothing to say about the files for containers."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.manifests import BASE, DEPLOY
from tests.support.documents import PROJECT

TOOLS = Path(sys.executable).parent
KUBERNETES = ("kubernetes-validate", "--strict", "-k", "1.33")
COMPOSE = ("check-jsonschema", "--builtin-schema", "vendor.compose-spec")
OBJECTS = sorted(path.name for path in BASE.glob("*.yaml") if path.name != "kustomization.yaml")


def lint(*command: str | Path) -> tuple[int, str]:
    """Run a linter from the virtual environment."""
    program, *arguments = map(str, command)
    run = subprocess.run([TOOLS / program, *arguments], capture_output=True, text=True, check=False)
    return run.returncode, run.stdout + run.stderr


def test_dockerfile() -> None:
    """Hadolint finds nothing, and nothing is ignored."""
    assert lint("hadolint", "--no-color", PROJECT / "Dockerfile") == (0, "")
    assert "hadolint ignore" not in (PROJECT / "Dockerfile").read_text("utf-8")


def test_compose() -> None:
    """The Compose file is one by the published schema."""
    status, said = lint(*COMPOSE, DEPLOY / "compose.yaml")
    assert status == 0, said


@pytest.mark.parametrize("name", OBJECTS)
def test_kubernetes(name: str) -> None:
    """Every object is one by the schema of Kubernetes, and no member is unknown to it."""
    status, said = lint(*KUBERNETES, BASE / name)
    assert status == 0, said
    assert "passed for resource" in said


def test_the_linters_see_what_is_wrong(tmp_path: Path) -> None:
    """The check of the checks: a fault of each kind is found."""
    dockerfile, compose, network = (tmp_path / name for name in ("Dockerfile", "compose.yaml", "network.yaml"))
    dockerfile.write_text("FROM debian\n")
    compose.write_text("services: {vad: {image: vad, reed_only: true}}\n")
    network.write_text((BASE / "network.yaml").read_text("utf-8").replace("podSelector", "podSelecter"))
    for command in (("hadolint", dockerfile), (*COMPOSE, compose), (*KUBERNETES, network)):
        assert lint(*command)[0] != 0, command
