"""What a file of tests finds in the stores of the town is what was there when it was built (`support.as_built`)."""

from contextlib import closing

import psycopg2
import pytest

from tests.support.as_built import AsBuilt
from tests.support.database import ask
from tests.support.person import Person, tokens
from tests.support.relying_party_client import RelyingParty
from vad.bootstrap.redis import connection

_FOUND = """
    SELECT (SELECT count(*) FROM persons), (SELECT count(*) FROM grants), (SELECT count(*) FROM audit_events),
        (SELECT string_agg(name, ', ' ORDER BY client_id) FROM clients)
"""


def test_nothing_is_left_of_the_files_before(town_as_built: AsBuilt, rp: RelyingParty, person: Person) -> None:
    """Neither of people nor of registrations. VAD hears that those changed; the log is append-only as ever."""
    url = town_as_built.town.database.superuser_url
    found, version = ask(url, _FOUND), ask(url, "SELECT version FROM configuration_version")
    tokens(rp, person, (), "openid")
    ask(url, "UPDATE clients SET name = 'Another'")
    assert all(before != now for before, now in zip(found[0], ask(url, _FOUND)[0], strict=True))
    with closing(connection(town_as_built.town.settings.redis)) as redis:
        assert list(redis.client.scan_iter()) != []
        town_as_built.restore()
        assert list(redis.client.scan_iter(match="vad:*")) == []
    assert ask(url, _FOUND) == found
    assert ask(url, "SELECT version FROM configuration_version") > version
    with pytest.raises(psycopg2.errors.InsufficientPrivilege, match="append-only"):
        ask(url, "TRUNCATE audit_events")
    tokens(rp, person, (), "openid")
