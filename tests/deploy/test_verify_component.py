"""The log verified each night, and all of it each week, on Kubernetes, by a pod that may no more."""

from typing import Any

import yaml

from tests.architecture.test_docs import fault_of
from tests.deploy.manifests import BASE, pods

FOLDER = BASE / "verify"


def objects(file: str = "verify.yaml") -> dict[str, dict[str, Any]]:
    """What a file of the component makes, by kind."""
    return {each["kind"]: each for each in yaml.safe_load_all((FOLDER / file).read_text("utf-8"))}


def test_it_goes_on_where_it_was_and_may_no_more_than_vad() -> None:
    """The same pod as VAD's, with a place of its own for what was verified, and without any key that signs."""
    job, web = objects()["CronJob"]["spec"], pods()["vad"]
    made = yaml.safe_load((FOLDER / "kustomization.yaml").read_text("utf-8"))
    assert made["resources"] == ["verify.yaml", "whole.yaml"]
    pod = job["jobTemplate"]["spec"]["template"]["spec"]
    (container,), (web_container,) = pod["containers"], web["containers"]
    assert fault_of(["vad", *container["args"]]) is None
    told = dict(zip(container["args"], container["args"][1:], strict=False))
    assert told["--from"] == told["--save"]
    assert "--record" in container["args"]
    (kept,) = (each for each in container["volumeMounts"] if each not in web_container["volumeMounts"])
    assert told["--save"].startswith(kept["mountPath"] + "/")
    (volume,) = (each for each in pod["volumes"] if each["name"] == kept["name"])
    claim = objects()["PersistentVolumeClaim"]["metadata"]["name"]
    assert volume["persistentVolumeClaim"] == {"claimName": claim}
    for same in ("securityContext", "automountServiceAccountToken", "enableServiceLinks"):
        assert pod[same] == web[same]
    assert container["securityContext"] == web_container["securityContext"]
    (secrets,) = (each for each in pod["volumes"] if each["name"] == "secrets")
    assert [each["secret"]["name"] for each in secrets["projected"]["sources"]] == ["vad"]
    assert job["concurrencyPolicy"] == "Forbid"


def test_every_week_all_of_it_is_read_by_the_same_pod() -> None:
    """A look at what is new makes up for nothing that was found before it, and finds nothing that was changed there."""
    job, nightly = (objects(file)["CronJob"]["spec"] for file in ("whole.yaml", "verify.yaml"))
    assert job["schedule"].split()[2:] == ["*", "*", "0"]
    pod, other = (each["jobTemplate"]["spec"]["template"]["spec"] for each in (job, nightly))
    (container,), (other_container,) = pod["containers"], other["containers"]
    assert fault_of(["vad", *container["args"]]) is None
    assert not {"--from", "--save"} & set(container["args"])
    assert "--record" in container["args"]
    for whole, part in ((container, other_container), (pod, other)):
        for key in {*whole, *part} - {"args", "volumeMounts", "volumes", "containers"}:
            assert whole[key] == part[key]
