"""`vad keys`: what an operator sees and does with keys, without ever seeing one."""

from datetime import timedelta
from typing import Literal
from uuid import UUID

from tests.test_cli import Operator, empty_database, operator, ready
from vad.adapters.configuration.sections import Keys, Service
from vad.adapters.vault.master_key import MasterKey
from vad.adapters.vault.rotation import OUTLIVES
from vad.cli.second_person import require_two
from vad.domain.identifiers import RequestId
from vad.domain.justification import Justification
from vad.services.agreed_commands import Alone
from vad.settings import Settings

__all__ = ["empty_database", "operator", "ready"]


def test_keys_are_rotated_step_by_step(ready: Operator) -> None:
    """Published first, refused too early, active later, destroyed when nothing needs it; the list shows no material."""
    assert ready.run("keys", "init").exit_code == 0
    assert "not known to everybody yet" in ready.fails("keys", "rotate", "signing"), "init has published the next one"
    published = ready.run("keys", "rotate", "digid_signing")
    assert published.exit_code == 0, published.output
    assert " is next; rotate again from " in published.output
    assert "not known to everybody yet" in ready.fails("keys", "rotate", "digid_signing")
    moved = ready.run("keys", "rotate", "signing", "--algorithm", "ES256", "--now")
    states = {line.rpartition(" ")[2]: line.split()[2] for line in moved.output.splitlines()}
    assert states.keys() == {"retired", "active"}
    old = states["retired"]
    assert "may be needed until" in ready.fails("keys", "retire", old)
    listed = ready.run("keys", "list").output
    assert f"{old} " in listed
    for (sealed,) in ready.rows("SELECT encode(sealed, 'base64') FROM keys"):
        assert str(sealed)[:20] not in listed
    past = (OUTLIVES + timedelta(minutes=1)).total_seconds()
    ready.rows(f"UPDATE keys SET retired_at = retired_at - interval '{past} seconds' RETURNING key_id")  # noqa: S608
    assert ready.run("keys", "retire", old).output == f"signing ES256 {old} is destroyed\n"
    assert ready.run("keys", "reseal").output == "0 persons and 0 other values sealed anew\n"


def test_some_keys_are_left_alone(ready: Operator) -> None:
    """Keys that say who somebody is stay, and the one that binds browsers asks for a word more."""
    assert ready.run("keys", "init").exit_code == 0
    assert "every app would take everybody for a new person" in ready.fails("keys", "rotate", "pairwise", "--now")
    assert "logs everybody out" in ready.fails("keys", "rotate", "binding")
    assert "there is no key" in ready.fails("keys", "retire", "-nothing")


def test_the_master_key_is_changed(ready: Operator) -> None:
    """The new one before the old one, wrap anew, the old one away; the events name keys, and no key is shown."""
    file = ready.folder / "master.key"
    assert ready.run("keys", "init").exit_code == 0
    ((count,),) = ready.rows("SELECT count(*) FROM keys")
    old, new = file.read_text(), MasterKey.generate_text(demo=True)
    file.write_text(f"{new}\n{old}\n")
    done = ready.run("keys", "rewrap").output
    assert done.startswith(f"{count} keys wrapped anew; master key ")
    assert ready.run("keys", "rewrap").output.startswith("0 keys wrapped anew; ")
    file.write_text(old)
    assert "can't be opened with this master key" in ready.fails("keys", "rotate", "seal")
    file.write_text(new)
    assert ready.run("keys", "rotate", "seal").exit_code == 0
    (evidence,) = ready.rows("SELECT evidence::text FROM audit_events WHERE type = 'keys.rewrapped'")
    for text in (old, new):
        assert text.removeprefix("vad-demo:")[:20] not in done + str(evidence)


def test_keys_wait_for_two_people_in_production(ready: Operator) -> None:
    """`keys.second_person`: neither command does anything without a request, nor with one that nobody made.

    In an emergency `--alone` does, with the reason apart in the event, and an alarm.
    """
    assert ready.run("keys", "init").exit_code == 0
    told = {"VAD__KEYS__SECOND_PERSON": "true"}
    for command in (("rotate", "digid_signing"), ("retire", "nothing")):
        assert "give --request" in ready.fails("keys", *command, **told)
    made_up = ("--request", "00000000-0000-0000-0000-000000000000")
    assert "nobody asked for this" in ready.fails("keys", "rotate", "digid_signing", *made_up, **told)
    why = "The key stood in a chat, and nobody answers"
    for wrong in (("--alone", "short"), ("--alone", "of 999993653 it was"), ("--alone", why, *made_up)):
        assert ready.run("keys", "rotate", "digid_signing", *wrong, **told).exit_code == 2
    assert ready.rows("SELECT count(*) FROM outbox") == [(0,)]
    done = ready.run("keys", "rotate", "digid_signing", "--alone", why, **told)
    assert (done.exit_code, "NOBODY ELSE AGREED" in done.output) == (0, True)
    assert ready.rows(
        "SELECT evidence ->> 'alone', fields ->> 'reason' FROM audit_events JOIN audit_erasable USING (event_id)"
        " WHERE type = 'keys.rotated'"
    ) == [("true", why)]
    assert ready.rows("SELECT payload ->> 'reason', payload ->> 'purpose' FROM outbox") == [
        ("key_moved_alone", "digid_signing")
    ]


def test_production_takes_two_people_unless_it_says_no() -> None:
    """Nobody has to switch it on."""
    known: tuple[tuple[Literal["production", "development"], bool | None, bool], ...] = (
        ("production", None, True),
        ("development", None, False),
        ("production", False, False),
        ("development", True, True),
    )
    for deployment, said, two in known:
        service = Service(issuer="https://vad.example", deployment=deployment)
        assert Settings.model_construct(service=service, keys=Keys(second_person=said)).commands_take_two is two


def test_who_needs_nobody_in_production_is_heard() -> None:
    """One setting takes the second person away: the log and an alarm say so each time."""
    keys, why = Keys(second_person=False), Justification("The key stood in a chat", "CHG-1")
    for deployment, given, expected in (
        ("production", None, Alone("keys.second_person is false")),
        ("production", why, Alone(why.reason, why.case_number)),
        ("production", RequestId(UUID(int=1)), RequestId(UUID(int=1))),
        ("development", None, None),
        ("development", why, why),
    ):
        service = Service.model_construct(issuer="https://vad.example", deployment=deployment)
        assert require_two(Settings.model_construct(service=service, keys=keys), given, "a page") == expected
