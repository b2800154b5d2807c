from pathlib import Path

from tests.benchmarks.floor import create
from tests.benchmarks.load import FLOWS, Figures
from tests.benchmarks.run import floor_callers, floor_configuration, table
from tests.support.relying_party_client import new_key
from vad.sandbox.ports import free_port
from vad.sandbox.redis import RedisServer
from vad.sandbox.serving import serve


def test_the_floor_answers_every_flow(server_directory: Path) -> None:
    """What VAD is measured against does the same work: a flow that is refused would cost nothing."""
    key, port = new_key("rp-one", use="sig", alg="ES256"), free_port()
    issuer = f"http://127.0.0.1:{port}"
    with RedisServer(server_directory / "floor-redis", free_port()) as store:
        app = create(floor_configuration(issuer, store.url, key))
        with serve(app, port):
            (caller,) = floor_callers(issuer, store.url, key, 1)
            for flow in (FLOWS["W4"], *FLOWS.values()):
                flow(caller)
            caller.close()


def test_the_table_says_what_is_over_budget() -> None:
    """A ratio within the budget is quiet; beyond it the line says so."""
    found = {(flow, name): [Figures(10, 1.0, 1.0, 1.0)] for flow in FLOWS for name in ("floor", "VAD")}
    assert not any("over budget" in line for line in table(found))
    found["W4", "VAD"] = [Figures(10, 1.5, 1.0, 1.0)]
    assert [line[:2] for line in table(found) if "over budget" in line] == ["W4"]
