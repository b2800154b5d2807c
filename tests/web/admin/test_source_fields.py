"""What the page of apps and organisations says of a data source (A7)."""

from collections.abc import Iterator
from dataclasses import fields

import pytest

from tests.support.backroom import Backroom
from tests.support.colleague import Colleague
from vad.domain.client import ResourceServer

SOURCE = "https://source.example"
_IN_THE_LINE = {"identifier", "name", "active", "encryption_jwk"}
"""What stands before what unfolds."""


@pytest.fixture
def encrypted(backroom: Backroom) -> Iterator[None]:
    """Have answers about tokens encrypted for one source."""
    change = "UPDATE resource_servers SET introspection_encrypted_response_{} = %s WHERE identifier = %s"
    for member, value in (("alg", "ECDH-ES"), ("enc", "A128CBC-HS256")):
        backroom.ask(change.format(member), value, SOURCE)
    yield
    for member in ("alg", "enc"):
        backroom.ask(change.format(member), "", SOURCE)


@pytest.mark.usefixtures("encrypted")
def test_all_that_is_registered_is_shown(colleague: Colleague) -> None:
    """Each member by its name in the files, with its value."""
    colleague.log_in_as("anneke")
    [shown] = [part for part in colleague.go("/apps").text.split("<li>") if f"({SOURCE})" in part]
    facts = shown.partition("</li>")[0]
    names = {each.name for each in fields(ResourceServer)} - _IN_THE_LINE
    assert sorted(name for name in names if f"({name})" not in facts) == []
    for value in ("ECDH-ES", "A128CBC-HS256", "ES256", "substantieel", "rp-one: "):
        assert value in facts, value
    assert "Antwoorden over tokens: versleuteld met" in facts
