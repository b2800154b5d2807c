"""The figures of several processes, whichever of them is asked: sums that outlive a process, states that do not."""

import os
import re
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from tests.faults.serving import UNLIMITED, Served, Start
from tests.faults.test_registers_hang import returning
from tests.support.town import Town

pytestmark = pytest.mark.slow

TOKEN = "shown to whoever scrapes"


def scrape(served: Served) -> dict[str, float]:
    """Every figure, by its name and labels."""
    text = requests.get(f"{served.address}/metrics", headers={"Authorization": f"Bearer {TOKEN}"}, timeout=10).text
    return {
        f"{sample.name} {' '.join(sorted(sample.labels.values()))}".strip(): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def processes(served: Served) -> set[int]:
    """Whose files a scrape has to read, apart from those of all that are gone."""
    (known,) = re.findall(rb"PROMETHEUS_MULTIPROC_DIR=([^\0]+)", Path(f"/proc/{served.child.pid}/environ").read_bytes())
    return {int(file.stem.rpartition("_")[2]) for file in Path(known.decode()).glob("*_[0-9]*.db")}


def always(served: Served, true: Callable[[dict[str, float]], bool]) -> bool:
    """Whether it holds whoever answers: there are two, and a new connection goes to either."""
    return all(true(scrape(served)) for _ in range(8))


def test_figures_of_all_processes(start: Start, vad_town: Town) -> None:
    """Requests are added up; a circuit that is open in one process is told by all, until that process is gone."""
    served = start(VAD__METRICS__TOKEN=TOKEN, **UNLIMITED)
    for _ in range(40):
        assert requests.get(f"{served.address}/jwks", timeout=10).status_code == 200
    jwks = "vad_http_request_seconds_count 200 GET metadata.jwks"
    assert always(served, lambda told: told[jwks] == 40.0)
    assert always(served, lambda told: any(name.startswith("vad_build_info") and "web" in name for name in told))
    assert always(served, lambda told: told["vad_register_circuit_open digid"] == 0.0)
    assert scrape(served)["vad_key_activated_timestamp_seconds ES256 signing"] > 0
    people = [returning(served, vad_town.settings.digid.issuer) for _ in range(24)]
    with vad_town.misbehaving("digid", "error500", endpoints=["/token"]):
        for session, address in people:
            with session:
                session.get(address, timeout=30, allow_redirects=False)
    assert always(served, lambda told: told["vad_register_circuit_open digid"] == 1.0)
    failed = "vad_register_call_seconds_count digid failed"
    before = scrape(served)[failed]
    for worker in served.workers():
        os.kill(worker, signal.SIGKILL)
    served.until(lambda: served.ready() == 200)
    served.until(lambda: always(served, lambda told: told["vad_register_circuit_open digid"] == 0.0))
    assert scrape(served)[failed] == before
    assert scrape(served)[jwks] == 40.0
    served.until(lambda: scrape(served)[jwks] == 40.0 and processes(served) == served.workers())
