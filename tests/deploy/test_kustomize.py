"""What kustomize makes of the base, and of the overlay of docs/deployment.md: whole, valid, and nothing dangling."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.manifests import BASE, objects
from tests.deploy.test_lint import KUBERNETES, lint
from tests.support.documents import PROJECT, adapted, blocks

pytestmark = pytest.mark.skipif(
    shutil.which("kubectl") is None, reason="no kubectl (Debian: apt-get install kubernetes-client)"
)
Made = list[dict[str, Any]]


def build(folder: Path) -> subprocess.CompletedProcess[str]:
    """Let kustomize build a folder; it reads files and asks no cluster."""
    return subprocess.run(["kubectl", "kustomize", folder], capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def overlay(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder with the overlay of the document, on a copy of the base, with the example's own settings."""
    folder = tmp_path_factory.mktemp("kustomize")
    shutil.copytree(BASE, folder / "deploy" / "kubernetes")
    (told,) = (block.text for block in blocks("docs/deployment.md", "yaml") if "kind: Kustomization" in block.text)
    place = folder / "overlay"
    place.mkdir()
    if (
        "v1.20."
        in subprocess.run(["kubectl", "version", "--client"], capture_output=True, text=True, check=True).stdout
    ):
        told = adapted(told, {"resources: [": "bases: ["})  # Debian 12 has a kustomize that knows folders by this name
    (place / "kustomization.yaml").write_text(told)
    (place / "settings.toml").write_text(blocks("docs/operations.md", "toml")[0].text)
    return place


@pytest.fixture(scope="module", params=["base", "overlay"])
def made(request: pytest.FixtureRequest, overlay: Path) -> Made:
    """Give every object that comes out."""
    done = build(BASE if request.param == "base" else overlay)
    assert (done.returncode, done.stderr) == (0, "")
    return list(yaml.safe_load_all(done.stdout))


def inside(value: object) -> Iterator[dict[str, Any]]:
    """Every object within this one."""
    if isinstance(value, dict):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from inside(each)


def named(made: Made, kind: str) -> set[str]:
    """What the objects of a kind are called."""
    return {each["metadata"]["name"] for each in made if each["kind"] == kind}


def test_nothing_is_lost_and_settings_come_along(made: Made) -> None:
    """Every object of the files, and the config map, whose name tells its content."""
    names = sorted((each["kind"], each["metadata"]["name"]) for each in objects())
    found = sorted((each["kind"], each["metadata"]["name"]) for each in made if each["kind"] != "ConfigMap")
    assert found == names
    (settings,) = (each for each in made if each["kind"] == "ConfigMap")
    assert settings["metadata"]["name"].startswith("vad-settings-")
    assert "[service]" in settings["data"]["settings.toml"]


def test_what_comes_out_is_valid(made: Made, tmp_path: Path) -> None:
    """By the schema of Kubernetes, with no member that it does not know."""
    file = tmp_path / "made.yaml"
    file.write_text(yaml.safe_dump_all(made))
    status, said = lint(*KUBERNETES, file)
    assert status == 0, said
    assert said.count("passed for resource") == len(made)


def test_every_reference_leads_somewhere(made: Made) -> None:
    """Config maps by their new name; mounts by a volume of the pod; selectors by labels that some pod carries."""
    maps = {each["configMap"]["name"] for one in made for each in inside(one) if "configMap" in each}
    assert maps == named(made, "ConfigMap")
    secrets = {each["secretName"] for one in made for each in inside(one) if "secretName" in each}
    secrets |= {each["secret"]["name"] for one in made for each in inside(one) if "name" in each.get("secret", {})}
    assert secrets == {"vad", "vad-migrate", "vad-worker", "vad-admin"}, "those that documents let an operator make"
    pods = [each["spec"]["template"] for each in made if each["kind"] in {"Deployment", "Job"}]
    for pod in pods:
        volumes = {volume["name"] for volume in pod["spec"]["volumes"]}
        for container in pod["spec"]["containers"]:
            assert {mount["name"] for mount in container["volumeMounts"]} == volumes
            ports = {port["name"] for port in container.get("ports", ())}
            probed = {each["httpGet"]["port"] for each in inside(container) if "httpGet" in each}
            assert probed <= ports
    labels = [pod["metadata"]["labels"] for pod in pods]
    for one in made:
        selector = one["spec"].get("selector") or one["spec"].get("podSelector") if "spec" in one else None
        if selector:
            wanted = selector.get("matchLabels", selector)
            assert any(wanted.items() <= each.items() for each in labels), one["metadata"]["name"]


def test_the_overlay_says_where_and_what(overlay: Path) -> None:
    """Its namespace, its image and its settings reach every object; other settings give the map another name."""
    first = list(yaml.safe_load_all(build(overlay).stdout))
    assert {each["metadata"]["namespace"] for each in first} == {"vad"}
    images = {each["image"] for one in first for each in inside(one) if "image" in each}
    assert images == {"registry.example/vad:0.1.0"}
    settings = overlay / "settings.toml"
    settings.write_text(settings.read_text().replace("digid.example", "digid.elsewhere"))
    second = list(yaml.safe_load_all(build(overlay).stdout))
    assert named(first, "ConfigMap") != named(second, "ConfigMap"), "so that pods are replaced"


@pytest.mark.parametrize(
    ("fault", "instead"), [("resources:", "resources_:"), ("  - web.yaml", "  - wep.yaml"), ("settings.toml", "absent")]
)
def test_a_fault_in_the_base_is_found(tmp_path: Path, fault: str, instead: str) -> None:
    """The check of the check: an unknown member, a file that is not there."""
    folder = tmp_path / "kubernetes"
    shutil.copytree(PROJECT / "deploy" / "kubernetes", folder)
    file = folder / "kustomization.yaml"
    file.write_text(adapted(file.read_text(), {fault: instead}))
    assert build(folder).returncode != 0
