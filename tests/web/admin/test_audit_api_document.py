"""What the API of the log promises of itself, in a town of its own."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import requests
from openapi_spec_validator import OpenAPIV31SpecValidator, validate

from tests.support.backroom import Backroom
from tests.support.colleague import Colleague
from tests.support.database import Server, new_database
from tests.support.person import Person, tokens
from tests.support.relying_party_client import RelyingParty
from tests.support.town import Town, town
from tests.support.trying import assert_as_documented
from tests.web.admin.test_audit_api import happened, token
from vad.domain.identifiers import PersonId
from vad.sandbox.redis import RedisServer


@pytest.fixture(scope="module")
def the_town(
    postgres: Server, migrated_template: str, redis_server: RedisServer, server_directory: Path, overlay: Path
) -> Iterator[Town]:
    """Give a town whose log is short: many of the requests take all of it away, or look through all of it."""
    with (
        new_database(postgres, migrated_template) as database,
        town(server_directory / "town-of-the-document", database, redis_server.url, [overlay]) as built,
    ):
        yield built


def test_the_document_and_a_program_that_tries_everything(
    colleague: Colleague, person: Person, rp: RelyingParty, backroom: Backroom, tmp_path: Path
) -> None:
    """The document is valid, and every answer to whatever fits it or not is as it says (schemathesis)."""
    colleague.log_in_as("tom")
    colleague.go("/")
    address = f"{colleague.admin}/v1/audit/openapi.json"
    answer = requests.get(address, timeout=20)
    assert (answer.status_code, answer.headers["API-Version"]) == (200, "1.1.0")
    validate(answer.json(), cls=OpenAPIV31SpecValidator)
    tokens(rp, person, ("https://source.example",), "openid 51")
    event = happened(backroom, PersonId(uuid4()))
    assert_as_documented(address, token(colleague), tmp_path, 3, eventId=str(event))
