"""A4, (j): the page that says whether the log is whole."""

import html
import re
from contextlib import closing
from datetime import UTC, datetime

from tests.support.backroom import Backroom
from tests.support.colleague import Colleague
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.log_sealer import PostgresSealedLog
from vad.adapters.tlog.ed25519 import CheckpointKey


def test_where_nothing_is_sealed_nothing_is_called_whole(colleague: Colleague, backroom: Backroom) -> None:
    """A4, (j): the worker of this town does not run; what other tests sealed is forgotten, as only a superuser can."""
    colleague.log_in_as("iris")
    tables = ("log_leaves", "log_tiles", "log_checkpoints")
    backroom.ask("".join(f"ALTER TABLE {table} DISABLE TRIGGER USER;" for table in tables))
    backroom.ask(f"TRUNCATE {', '.join(tables)}")
    backroom.ask("".join(f"ALTER TABLE {table} ENABLE TRIGGER USER;" for table in tables))
    assert "nothing-sealed" in colleague.go("/logboek/klopt").elements
    page = colleague.press("look")
    assert ("nothing-sealed" in page.elements, "is-whole" in page.elements) == (True, False)
    assert backroom.events("log.verified") == []


def test_what_is_no_checkpoint_of_our_log_is_said_to_be_none(colleague: Colleague, backroom: Backroom) -> None:
    """A4, (j): what was signed last can be kept; what another key signed is refused, and still there to mend."""
    key = CheckpointKey.from_text(CheckpointKey.generate_text("log.example/vad"))
    colleague.log_in_as("iris")
    with closing(Database(backroom.town.database.worker_url)) as worker:
        while PostgresSealedLog(worker).seal(key, datetime.now(UTC)).more:
            pass
    signed = re.search(r'id="signed"[^>]*>([^<]+)<', colleague.go("/logboek/klopt").text)
    assert signed is not None
    for given in (html.unescape(signed[1]), "log.example/vad\nnonsense"):
        page = colleague.press("look", {"checkpoint": given})
        assert (page.status, "grew" in page.elements) == (400, False)
        assert "geen controlepunt dat ons logboek heeft ondertekend" in page.text
        assert "log.example/vad" in page.text
