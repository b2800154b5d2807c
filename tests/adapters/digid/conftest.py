"""The mock DigiD and VAD's key set, served over HTTP."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path

import pytest
from joserfc.jwk import ECKey

from tests.adapters.digid.digid_visit import AT, CALLBACK, OurSide
from vad.sandbox.digid import app as digid
from vad.sandbox.persons import load_persons
from vad.sandbox.ports import free_port
from vad.sandbox.serving import serve


@pytest.fixture(scope="module")
def neighbours() -> Iterator[OurSide]:
    """Serve both for the tests of one module."""
    ours = OurSide()
    with ExitStack() as stack:
        keys = stack.enter_context(serve(ours.app()))
        port = free_port()
        config = digid.Config(
            issuer=f"http://localhost:{port}",
            client_id="vad",
            redirect_uris=(CALLBACK,),
            jwks_uri=f"{keys}/digid/jwks",
            signing_key=ECKey.generate_key("P-256", {"kid": "digid-1"}).as_dict(private=True),
            persons=load_persons([Path(__file__).parents[3] / "config/demo/persons.toml"], date(2026, 11, 21)),
        )
        ours.issuer = stack.enter_context(serve(digid.create_app(config, AT.timestamp), port))
        yield ours


@pytest.fixture
def ours(neighbours: OurSide) -> Iterator[OurSide]:
    """Give VAD's side; whatever fault DigiD shows ends with the test."""
    yield neighbours
    neighbours.fault("ok")
