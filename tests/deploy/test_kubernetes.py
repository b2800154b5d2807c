"""The base for Kubernetes: pods that may nothing, probes that ask the right thing, and who may talk to whom."""

from typing import Any

import pytest
import yaml
from flask import Flask

from tests.deploy import dockerfile
from tests.deploy.manifests import BASE, kustomization, objects, of_kind, pods
from tests.support.documents import blocks
from vad import wsgi
from vad.adapters.heartbeat import PATH
from vad.web.health import blueprint

USER, GROUP = map(int, dockerfile.final().only("USER").text.split(":"))
PORT = int(dockerfile.final().only("EXPOSE").text)
SECRETS = "/run/secrets/vad"


def labels_of(maker: dict[str, Any]) -> dict[str, str]:
    """The labels of the pods that a deployment or job makes."""
    return dict(maker["spec"]["template"]["metadata"]["labels"])


def test_the_base_holds_every_file_and_no_namespace() -> None:
    """No file is forgotten; where VAD runs is the overlay's business, and so is the registry."""
    assert sorted(kustomization()["resources"]) == sorted(
        path.name for path in BASE.glob("*.yaml") if path.name != "kustomization.yaml"
    )
    assert "namespace" not in kustomization()
    assert [found["metadata"]["name"] for found in objects() if "namespace" in found["metadata"]] == []


@pytest.mark.parametrize("name", pods())
def test_pods_are_restricted(name: str) -> None:
    """The pod security standard `restricted`, and a root that is read-only; nothing of the cluster is told to VAD."""
    pod = pods()[name]
    context = pod["securityContext"]
    assert (context["runAsUser"], context["runAsGroup"], context["fsGroup"]) == (USER, GROUP, GROUP)
    assert context["runAsNonRoot"] is True
    assert context["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    assert pod["enableServiceLinks"] is False, "a service named vad would put VAD_… into the environment"
    for container in pod["containers"]:
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }
        assert set(container["resources"]["requests"]) == {"cpu", "memory"}
        assert "memory" in container["resources"]["limits"]
        assert {mount["mountPath"]: mount.get("readOnly", False) for mount in container["volumeMounts"]} == {
            "/etc/vad": True,
            SECRETS: True,
            "/tmp": False,  # noqa: S108 - a mount in the container
        }


def test_only_the_job_knows_the_owner_of_the_tables() -> None:
    """Secrets come by name, for the group to read. That of the migrating role goes to the migration alone.

    The migration gives each role its rights, so it knows their names; the key of the log is the worker's alone.
    """
    found: dict[str, list[str]] = {}
    parts: dict[str, dict[str, object]] = {}
    for name, pod in pods().items():
        (volume,) = (each for each in pod["volumes"] if each["name"] == "secrets")
        source = volume.get("projected") or volume["secret"]
        assert source["defaultMode"] == 0o440
        sources = [each["secret"] for each in source.get("sources", ())] or [{"name": source["secretName"]}]
        found[name] = [each["name"] for each in sources if "items" not in each and "optional" not in each]
        parts[name] = {each["name"]: each for each in sources if "items" in each or "optional" in each}
    assert found == {"vad": ["vad"], "vad-worker": ["vad", "vad-worker"], "vad-migrate": ["vad", "vad-migrate"]}
    assert parts.pop("vad-migrate") == {
        "vad-worker": {"name": "vad-worker", "items": [{"key": "worker.toml", "path": "worker.toml"}]},
        "vad-admin": {"name": "vad-admin", "optional": True},
    }
    assert parts == {"vad": {}, "vad-worker": {}}


@pytest.mark.parametrize("name", ["vad", "vad-worker"])
def test_one_may_go_and_one_stays(name: str) -> None:
    """Two of each, spread over zones and machines, replaced one by one, and never both evicted."""
    deployment, budget = of_kind("Deployment")[name], of_kind("PodDisruptionBudget")[name]
    assert deployment["spec"]["replicas"] >= 2
    assert deployment["spec"]["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
    assert budget["spec"]["maxUnavailable"] == 1
    labels = labels_of(deployment)
    spread = deployment["spec"]["template"]["spec"]["topologySpreadConstraints"]
    assert {each["topologyKey"] for each in spread} == {"topology.kubernetes.io/zone", "kubernetes.io/hostname"}
    selectors = [
        deployment["spec"]["selector"],
        budget["spec"]["selector"],
        *(each["labelSelector"] for each in spread),
    ]
    assert selectors == [{"matchLabels": labels}] * 4


def test_probes_and_service_ask_the_right_port() -> None:
    """/readyz decides about traffic and /healthz about life, as docs/operations.md says; both exist."""
    (container,) = pods()["vad"]["containers"]
    assert container["ports"] == [{"name": "http", "containerPort": PORT}]
    probes = {kind: container[kind]["httpGet"] for kind in ("startupProbe", "readinessProbe", "livenessProbe")}
    assert {probe["port"] for probe in probes.values()} == {"http"}
    paths = {kind: probe["path"] for kind, probe in probes.items()}
    assert paths == {"startupProbe": "/healthz", "readinessProbe": "/readyz", "livenessProbe": "/healthz"}
    assert set(paths.values()) <= addresses()
    service = of_kind("Service")["vad"]["spec"]
    assert service["selector"] == labels_of(of_kind("Deployment")["vad"])
    assert service["ports"] == [{"name": "http", "port": PORT, "targetPort": "http"}]


def test_a_worker_that_hangs_is_ended() -> None:
    """It has no traffic to be ready for; where its loop stands still, as its own /healthz tells, it is started anew."""
    (container,) = pods()["vad-worker"]["containers"]
    assert "readinessProbe" not in container
    for kind in ("startupProbe", "livenessProbe"):
        assert container[kind]["httpGet"] == {"path": PATH, "port": "metrics"}
    assert worker_port() in {port["containerPort"] for port in container["ports"]}


def addresses() -> set[str]:
    """What vad/web/health.py answers."""
    app = Flask("map")
    app.register_blueprint(blueprint)
    return {rule.rule for rule in app.url_map.iter_rules()}


def test_requests_end_before_the_pod_does() -> None:
    """Time for the endpoints to hear of it, then gunicorn's own 10 seconds, fit in what the pod is given."""
    pod = pods()["vad"]
    (container,) = pod["containers"]
    delay = next(float(each["value"]) for each in container["env"] if each["name"] == "VAD__HTTP__STOP_DELAY")
    assert container["readinessProbe"]["periodSeconds"] < delay
    assert delay + wsgi.graceful_timeout < pod["terminationGracePeriodSeconds"]


def test_nothing_is_reachable_that_no_policy_names() -> None:
    """Default deny for all of VAD's pods, in and out; in only at VAD's port, out only to what VAD needs."""
    policies = {name: found["spec"] for name, found in of_kind("NetworkPolicy").items()}
    everything = {"matchLabels": {"app.kubernetes.io/name": "vad"}}
    assert policies["vad-nothing"] == {"podSelector": everything, "policyTypes": ["Ingress", "Egress"]}
    ingress = {name: spec["ingress"] for name, spec in policies.items() if "ingress" in spec}
    namespaces = {
        name: (rule["from"], rule["ports"]) for name, rules in ingress.items() for rule in rules if len(rules) == 1
    }
    assert namespaces == {
        "vad-from-proxy": ([{"namespaceSelector": {"matchLabels": {"vad-proxy": "true"}}}], [{"port": PORT}]),
        "vad-from-monitoring": (
            [{"namespaceSelector": {"matchLabels": {"vad-monitoring": "true"}}}],
            [{"port": PORT}, {"port": worker_port()}],
        ),
    }
    egress = [rule for spec in policies.values() for rule in spec.get("egress", ())]
    assert {port["port"] for rule in egress for port in rule["ports"]} == {53, 5432, 6379, 26379, 443, 465, 587}
    assert policies["vad-to-mail"]["podSelector"]["matchLabels"] == labels_of(of_kind("Deployment")["vad-worker"])
    assert all(rule["to"] for rule in egress)
    makers = (*of_kind("Deployment").values(), *of_kind("Job").values())
    components = {labels_of(maker)["app.kubernetes.io/component"] for maker in makers}
    assert {labels_of(maker)["app.kubernetes.io/name"] for maker in makers} == {"vad"}
    assert policies["vad-from-proxy"]["podSelector"]["matchLabels"] == labels_of(of_kind("Deployment")["vad"])
    for name in ("vad-to-registers", "vad-from-monitoring"):
        (chosen,) = policies[name]["podSelector"]["matchExpressions"]
        assert set(chosen["values"]) == components - {"migrate"}


def worker_port() -> int:
    """Where the worker tells its figures: the port that it is told to open is the one it says it has."""
    (container,) = pods()["vad-worker"]["containers"]
    bind = next(each["value"] for each in container["env"] if each["name"] == "VAD__METRICS__WORKER_BIND")
    (port,) = (each["containerPort"] for each in container["ports"] if each["name"] == "metrics")
    assert bind == f"0.0.0.0:{port}"
    return int(port)


def test_the_monitors_of_the_document_find_the_pods() -> None:
    """The PodMonitors of docs/deployment.md choose the pods and ports that there are, and the token's secret."""
    found = [
        each
        for block in blocks("docs/deployment.md", "yaml")
        for each in yaml.safe_load_all(block.text)
        if each.get("kind") == "PodMonitor"
    ]
    ports = {}
    for monitor in found:
        labels = monitor["spec"]["selector"]["matchLabels"]
        (maker,) = (each for each in of_kind("Deployment").values() if labels_of(each) == labels)
        (container,) = maker["spec"]["template"]["spec"]["containers"]
        (endpoint,) = monitor["spec"]["podMetricsEndpoints"]
        assert endpoint["port"] in {port["name"] for port in container["ports"]}
        ports[maker["metadata"]["name"]] = endpoint
    assert ports.keys() == {"vad", "vad-worker"}
    assert ports["vad"]["authorization"]["credentials"] == {"name": "vad-metrics", "key": "token"}


def test_the_document_and_the_base_use_the_same_names() -> None:
    """docs/deployment.md makes the secrets, the config map and the cluster that the base refers to."""
    commands = "".join(block.text for block in blocks("docs/deployment.md", "sh"))
    assert "create secret generic vad " in commands
    assert "create secret generic vad-migrate " in commands
    assert "create secret generic vad-worker " in commands
    assert "job/vad-migrate" in commands
    yaml = "".join(block.text for block in blocks("docs/deployment.md", "yaml"))
    (generated,) = kustomization()["configMapGenerator"]
    assert f"name: {generated['name']}\n    behavior: replace\n    files: {generated['files']}".replace("'", "") in yaml
    network = (BASE / "network.yaml").read_text("utf-8")
    assert "cnpg.io/cluster: vad-postgres" in network
    assert "name: vad-postgres\n" in yaml
