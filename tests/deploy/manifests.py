"""The Compose file and the base for Kubernetes, read, with what they start."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.deploy import dockerfile
from tests.support.documents import PROJECT

DEPLOY = PROJECT / "deploy"
BASE = DEPLOY / "kubernetes"
IMAGE = "vad"


@dataclass(frozen=True)
class Start:
    """One way in which a file starts VAD's image: what it runs and in which environment."""

    where: str
    commands: tuple[tuple[str, ...], ...]
    environment: dict[str, str]


@cache
def compose() -> dict[str, Any]:
    """The Compose file."""
    return dict(yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8")))


@cache
def kustomization() -> dict[str, Any]:
    """What the base consists of."""
    return dict(yaml.safe_load((BASE / "kustomization.yaml").read_text("utf-8")))


@cache
def objects() -> tuple[dict[str, Any], ...]:
    """Every object of the base for Kubernetes."""
    files = (BASE / name for name in kustomization()["resources"])
    return tuple(found for file in files for found in yaml.safe_load_all(file.read_text("utf-8")))


def of_kind(kind: str) -> dict[str, dict[str, Any]]:
    """The objects of a kind, by name."""
    return {found["metadata"]["name"]: found for found in objects() if found["kind"] == kind}


def pods() -> dict[str, dict[str, Any]]:
    """The specification of every pod, by the name of what makes it."""
    return {
        name: found["spec"]["template"]["spec"]
        for kind in ("Deployment", "Job")
        for name, found in of_kind(kind).items()
    }


def ours() -> dict[str, dict[str, Any]]:
    """The services of the Compose file that run VAD's image."""
    return {name: service for name, service in compose()["services"].items() if service["image"].split(":")[0] == IMAGE}


def starts() -> list[Start]:
    """Every start of VAD's image: by itself, by Compose and by Kubernetes."""
    found = [Start("Dockerfile", _commands(None, None), dockerfile.final().environment)]
    for name, service in ours().items():
        run = _commands(service.get("entrypoint"), service.get("command"))
        found.append(Start(f"compose.yaml: {name}", run, dict(service["environment"])))
    for name, pod in pods().items():
        for container in pod["containers"]:
            environment = {each["name"]: each["value"] for each in container["env"]}
            run = _commands(container.get("command"), container.get("args"))
            found.append(Start(f"kubernetes: {name}", run, environment))
    return found


def _commands(entry: list[str] | None, arguments: list[str] | None) -> tuple[tuple[str, ...], ...]:
    """What is run: another entry point drops the image's command, and a shell's script is several commands."""
    image = dockerfile.final()
    whole = [*(entry or image.only("ENTRYPOINT").words)]
    whole += arguments or ([] if entry else image.only("CMD").words)
    if whole[:2] == ["/bin/sh", "-ec"]:
        (script,) = whole[2:]
        return tuple(tuple(command.split()) for command in script.split(";"))
    return (tuple(whole),)


def settings_file() -> Path:
    """The example of the settings from which the config map is made."""
    (generated,) = kustomization()["configMapGenerator"]
    (name,) = generated["files"]
    return BASE / str(name)
