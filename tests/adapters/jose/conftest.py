"""The check of client assertions, with a real Redis and with none."""

from typing import Protocol

import pytest

from tests.adapters.jose.assertions_under_test import ENDPOINT, guard, published
from tests.adapters.jose.tokens_under_test import ISSUER
from vad.adapters.jose.client_assertions import JwtClientAssertions
from vad.adapters.jose.client_signatures import ClientSignatures
from vad.sandbox.ports import free_port


class Server(Protocol):
    """The Redis of this test run."""

    @property
    def url(self) -> str:
        """Its address."""


@pytest.fixture
def assertions(redis_server: Server) -> JwtClientAssertions:
    """Give what is under test."""
    return JwtClientAssertions(ISSUER, ENDPOINT, guard(redis_server.url), ClientSignatures(published()))


@pytest.fixture(scope="module")
def without_store() -> JwtClientAssertions:
    """Give the same, without a Redis that answers."""
    return JwtClientAssertions(
        ISSUER, ENDPOINT, guard(f"redis://127.0.0.1:{free_port()}"), ClientSignatures(published())
    )
