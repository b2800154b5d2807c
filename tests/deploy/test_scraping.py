"""What Prometheus is told to ask is there: the example in docs/operations.md, and the network of Compose."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.dockerfile import final
from tests.deploy.manifests import DEPLOY, compose
from tests.deploy.test_lint import COMPOSE, lint
from tests.support.documents import blocks

(EXAMPLE,) = (block.text for block in blocks("docs/operations.md", "yaml") if "scrape_configs" in block.text)
(JOINED,) = (block.text for block in blocks("docs/deployment.md", "yaml") if "vad_figures" in block.text)
JOBS: dict[str, dict[str, Any]] = {each["job_name"]: each for each in yaml.safe_load(EXAMPLE)["scrape_configs"]}


@pytest.mark.skipif(shutil.which("promtool") is None, reason="no promtool (Debian: apt-get install prometheus)")
def test_promtool_takes_the_example(tmp_path: Path) -> None:
    """With the files beside it that the document names: the rules of the project, and the token."""
    (tmp_path / "prometheus.yaml").write_text(EXAMPLE)

    def said() -> tuple[bool, str]:
        check = ["promtool", "check", "config", "prometheus.yaml"]
        run = subprocess.run(check, cwd=tmp_path, capture_output=True, text=True, check=False)
        return run.returncode == 0, run.stdout + run.stderr

    assert not said()[0], "neither file is there"
    shutil.copy(DEPLOY / "prometheus" / "alerts.yaml", tmp_path)
    (tmp_path / "vad.token").write_text("secret")
    good, text = said()
    assert good, text


def test_each_target_is_there_for_prometheus() -> None:
    """A service of the Compose file, on the network that Prometheus joins, at the port where it listens."""
    services = compose()["services"]
    listening = {
        "vad": final().only("EXPOSE").text,
        "worker": services["worker"]["environment"]["VAD__METRICS__WORKER_BIND"].removeprefix("0.0.0.0:"),
    }
    asked = [target for job in JOBS.values() for each in job["static_configs"] for target in each["targets"]]
    assert asked == [f"{name}:{port}" for name, port in listening.items()]
    on_it = {name for name, service in services.items() if "figures" in service["networks"]}
    assert on_it == set(listening)
    assert "ports" not in services["worker"]


def test_only_vad_is_shown_the_token() -> None:
    """The worker asks for none, and VAD tells nothing without."""
    assert {name: "authorization" in job for name, job in JOBS.items()} == {"vad": True, "vad-worker": False}


def test_prometheus_joins_the_network_of_compose(tmp_path: Path) -> None:
    """What the document lets one write is Compose, and names the network as Compose names it."""
    file = tmp_path / "compose.yaml"
    file.write_text(JOINED)
    status, told = lint(*COMPOSE, file)
    assert status == 0, told
    joined = yaml.safe_load(JOINED)
    name = f"{compose()['name']}_figures"
    assert joined["networks"] == {name: {"external": True}}
    assert name in joined["services"]["prometheus"]["networks"]
