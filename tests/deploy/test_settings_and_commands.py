"""What the files for containers set and start is what VAD knows."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.test_docs import fault_of
from tests.deploy import dockerfile
from tests.deploy.manifests import Start, compose, kustomization, objects, of_kind, ours, pods, settings_file, starts
from tests.support.documents import PROJECT, blocks
from vad import settings
from vad.adapters.configuration.files import ConfigurationFileError

COMMANDS = (("vad", "db", "upgrade"), ("vad", "keys", "init"), ("vad", "clients", "apply"))
SECRETS = {
    "VAD__DATABASE__URL": "postgresql+psycopg2://vad_app:x@vad-postgres-rw/vad",
    "VAD__REDIS__URL": "redis://:x@valkey/0",
    "VAD__BRP__API_KEY": "x",
}


def is_setting(variable: str) -> bool:
    """Whether VAD knows an environment variable."""
    if variable == "VAD_CONFIG":
        return True
    section, _, name = variable.removeprefix("VAD__").lower().partition("__")
    model = settings.Settings.model_fields.get(section)
    fields: Mapping[str, Any] = getattr(model.annotation, "model_fields", {}) if model else {}
    return variable.startswith("VAD__") and name in fields


def loaded(content: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> settings.Settings:
    """The settings that VAD makes of this file, the common ones and secrets."""
    (tmp_path / "settings.toml").write_text(content)
    for name, value in (SECRETS | {"VAD__KEYS__MASTER_KEY_FILE": "/run/secrets/vad/master.key"}).items():
        monkeypatch.setenv(name, value)
    return settings.load((PROJECT / "config", tmp_path))


@pytest.mark.parametrize("start", starts(), ids=lambda start: start.where)
def test_every_variable_is_a_setting(start: Start) -> None:
    """A misspelt variable would stop VAD, or do nothing."""
    image = dockerfile.final().environment
    ours_alone = {name for name in start.environment if name.startswith("VAD") or name not in image}
    assert ours_alone
    assert [name for name in ours_alone if not is_setting(name)] == []


@pytest.mark.parametrize("start", starts(), ids=lambda start: start.where)
def test_every_command_exists(start: Start) -> None:
    """Each command is one of `vad`, with options that it has."""
    assert all(command[0] == "vad" for command in start.commands)
    assert [fault_of([*command]) for command in start.commands] == [None] * len(start.commands)


def test_what_is_started() -> None:
    """Each of the two brings the schema up to date, serves as the image does, and runs the worker."""
    found = {start.where: start.commands for start in starts()}
    served = found.pop("Dockerfile")
    assert found == {
        "compose.yaml: vad": served,
        "compose.yaml: worker": (("vad", "worker"),),
        "compose.yaml: admin": (("vad", "serve", "--admin", *served[0][2:]),),
        "compose.yaml: migrate": COMMANDS,
        "kubernetes: vad": served,
        "kubernetes: vad-worker": (("vad", "worker"),),
        "kubernetes: vad-migrate": COMMANDS,
    }


def test_a_setting_that_is_not_there_would_be_found() -> None:
    """The check of the check."""
    assert is_setting("VAD__KEYS__MASTER_KEY_FILE")
    assert not is_setting("VAD__KEYS__MASTERKEY")
    assert not is_setting("VAD__KEY__MASTER_KEY")
    assert not is_setting("VAD_SERVICE_HOST")


def test_the_folders_of_settings_are_mounted() -> None:
    """Every folder that VAD_CONFIG names is the image's own or a mount: VAD refuses one that is not there."""
    image = dockerfile.final().environment["VAD_CONFIG"]
    for service in ours().values():
        folders = service["environment"]["VAD_CONFIG"].split(":")
        mounted = {str(Path(each["target"]).parent) for each in service["configs"]} | {"/run/secrets"}
        assert folders[0] == image
        assert set(folders[1:]) == mounted
        assert Path(service["environment"]["VAD__KEYS__MASTER_KEY_FILE"]).name in service["secrets"]
    for pod in pods().values():
        (container,) = pod["containers"]
        environment = {each["name"]: each["value"] for each in container["env"]}
        folders = environment["VAD_CONFIG"].split(":")
        assert folders[0] == image
        assert set(folders[1:]) == {mount["mountPath"] for mount in container["volumeMounts"]} - {"/tmp"}  # noqa: S108
        assert str(Path(environment["VAD__KEYS__MASTER_KEY_FILE"]).parent) in folders


def test_the_example_of_settings_is_the_documented_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What the config map holds is what docs/operations.md shows; with the secrets, production accepts it."""
    content = settings_file().read_text("utf-8")
    assert tomllib.loads(content) == tomllib.loads(blocks("docs/operations.md", "toml")[0].text)
    assert loaded(content, monkeypatch, tmp_path).service.deployment == "production"
    with pytest.raises(ConfigurationFileError):
        loaded(content.replace("https://vad", "http://vad"), monkeypatch, tmp_path)


def test_no_secret_stands_in_a_file() -> None:
    """Passwords and keys come by secrets: no file of the project sets one."""
    text = " ".join(path.read_text("utf-8") for path in (PROJECT / "deploy").rglob("*") if _is_text(path))
    assert not re.search(r"://[^\s/]+:[^\s/]+@", text)
    assert of_kind("Secret") == {}
    assert not re.search(
        r"_(URL|API_KEY|MASTER_KEY)\b", " ".join(name for start in starts() for name in start.environment)
    )
    assert [name for name in compose()["services"]["postgres"]["environment"] if name == "POSTGRES_PASSWORD"] == []


def _is_text(path: Path) -> bool:
    return path.is_file() and "installation" not in path.parts and path.suffix in {".yaml", ".toml", ".sql"}


def test_the_version_is_the_same_everywhere() -> None:
    """pyproject.toml has the version; Compose and Kubernetes name that image, without a registry."""
    version = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    assert {service["image"] for service in ours().values()} == {f"vad:{version}"}
    assert kustomization()["images"] == [{"name": "vad", "newTag": version}]
    assert {container["image"] for pod in pods().values() for container in pod["containers"]} == {"vad"}
    assert {each["apiVersion"] for each in objects()} >= {"apps/v1", "batch/v1", "policy/v1"}
