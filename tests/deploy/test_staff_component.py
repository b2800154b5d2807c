"""The pages for staff on Kubernetes: apart from all else, and as restricted."""

from typing import Any

import yaml

from tests.deploy.manifests import BASE, pods

FOLDER = BASE / "staff"


def objects() -> dict[str, dict[str, Any]]:
    """What the component makes, by kind."""
    return {each["kind"]: each for each in yaml.safe_load_all((FOLDER / "admin.yaml").read_text("utf-8"))}


def test_it_is_as_restricted_as_vad_itself() -> None:
    """The same pod but for what it runs, whose secret it has and who may reach it."""
    deployment = objects()["Deployment"]
    pod, web = deployment["spec"]["template"]["spec"], pods()["vad"]
    assert yaml.safe_load((FOLDER / "kustomization.yaml").read_text("utf-8"))["resources"] == ["admin.yaml"]
    (container,), (web_container,) = pod["containers"], web["containers"]
    assert container["args"] == ["serve", "--admin", "--bind", "0.0.0.0:8000"]
    assert pod["securityContext"] == web["securityContext"]
    for same in ("securityContext", "volumeMounts", "env", "startupProbe", "readinessProbe", "livenessProbe", "ports"):
        assert container[same] == web_container[same]
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    assert labels["app.kubernetes.io/component"] == "admin", "or the policies and the service of VAD would fit it too"
    assert objects()["Service"]["spec"]["selector"] == labels
    (secrets,) = (each for each in pod["volumes"] if each["name"] == "secrets")
    assert [each["secret"]["name"] for each in secrets["projected"]["sources"]] == ["vad", "vad-admin"]
