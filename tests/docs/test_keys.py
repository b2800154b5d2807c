"""The section "Keys" of docs/operations.md: every command in it, as it stands there, does what the text says."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import jwt
import pytest
from sqlalchemy import make_url

from tests.adapters.postgres.postgres_records import AT, a_person
from tests.docs.key_operator import Operator
from tests.support.database import Server, ask, new_database
from tests.support.documents import PROJECT, Block, blocks
from tests.support.signing_certificates import Hierarchy, pem
from vad.adapters.jose.errors import TokenRefusedError
from vad.adapters.jose.own_tokens import OwnTokens
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.key_ring import OLDEST_SECONDS, LiveKeyRing
from vad.adapters.postgres.unit_of_work import PostgresWork
from vad.adapters.vault.keyring import Key, Purpose
from vad.adapters.vault.lookup import BsnLookup
from vad.adapters.vault.sealing import Sealer
from vad.domain.contact import Contact, ContactState, EmailAddress
from vad.domain.identifiers import Bsn, ContactId

DOCUMENT = "docs/operations.md"
BSN = Bsn("999991103")
ISSUER = "https://vad.example"

pytestmark = pytest.mark.slow


def told() -> list[Block]:
    """The commands of the section, in order."""
    text = (PROJECT / DOCUMENT).read_text("utf-8").partition("\n## Keys\n")[2].partition("\n## ")[0]
    return [block for block in blocks(DOCUMENT, "sh") if block.text in text]


@pytest.fixture(scope="module")
def beginner(postgres: Server, migrated_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    """Give an operator who has just made the keys, and does nothing else: others begin where this one ended."""
    folder = tmp_path_factory.mktemp("beginner")
    (folder / "ours.toml").write_text(blocks(DOCUMENT, "toml")[0].text)
    program = folder / "vad"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -c "from vad.cli.main import main; main()" "$@"\n')
    program.chmod(0o755)
    made = next(block.text for block in blocks(DOCUMENT, "sh") if "> master.key" in block.text)
    with new_database(postgres, migrated_template) as database:
        operator = Operator(folder, database)
        operator.does(f"{made}\nvad keys init")
        yield operator


@pytest.fixture
def operator(postgres: Server, beginner: Operator, tmp_path: Path) -> Iterator[Operator]:
    """Give an operator of a VAD that has its keys."""
    folder = shutil.copytree(beginner.folder, tmp_path / "operator")
    with new_database(postgres, str(make_url(beginner.database.app_url).database)) as database:
        yield Operator(folder, database)


@pytest.fixture
def app(operator: Operator) -> Iterator[Database]:
    """Give the connections of a process that runs meanwhile."""
    with closing(Database(operator.database.app_url)) as opened:
        yield opened


@pytest.fixture
def work(operator: Operator, app: Database) -> PostgresWork:
    """Give the work of a process that runs meanwhile."""
    live = LiveKeyRing(app, operator.masters)
    return PostgresWork(app, Sealer(live), BsnLookup(live), live.refresh_if)


def test_every_command_is_told() -> None:
    """What follows runs every block of the section; a new one needs a test."""
    first_words = [block.text.splitlines()[0] for block in told()]
    assert first_words == [
        "vad keys rotate signing",
        "vad keys reseal",
        "vad keys retire KEY_ID",
        "vad keys rotate signing --algorithm ES256 --now",
        "vad keys rotate binding --now",
        "vad keys rotate lookup",
        "vad keys rehash",
        "umask 077",
        "vad keys rewrap",
        "umask 077",
        "vad keys csr KEY_ID --oin 00000003123456780000 --identifier NTRNL-12345678 > request.pem",
        "vad keys certify KEY_ID chain.pem",
    ]


def test_keys_are_rotated_and_destroyed(operator: Operator, work: PostgresWork) -> None:
    """Published, refused while it is too early, made active, and the old ones destroyed, each when the text says so."""
    rotate, reseal, retire, _, binding = (block.text for block in told()[:5])
    person = a_person(work, BSN)
    contact = Contact(ContactId(uuid4()), person, EmailAddress("a@post.example"), "nl", ContactState.PENDING, AT)
    with work() as tx:
        tx.contacts.ask(contact)
        tx.commit()
    before = operator.keys("active")
    assert "not known to everybody yet" in operator.does(rotate, status=1), "init has published it just now"
    operator.lets_time_pass("10 minutes")
    moved = operator.does(rotate)
    assert moved.count(" is next; rotate again from ") == 3, "seal, handles, cache"
    operator.lets_time_pass("10 seconds")
    assert operator.does("vad keys init") == "3 keys made\n"
    moved += operator.does(rotate.partition("\n")[2])
    after = operator.keys("active")
    assert len([use for use in operator.keys("next") if use[0] == "signing"]) == 3
    changed = {use for use in before if before[use] != after[use]}
    assert {purpose for purpose, _ in changed} == {"signing", "seal", "handles", "cache"}
    for use in changed:
        assert before[use] in moved
        assert operator.keys("retired")[use] == before[use]
    seal = before["seal", "A256GCM"]
    operator.lets_time_pass("1 minute")
    assert "needed by 2 rows" in operator.does(retire.replace("KEY_ID", seal), status=1)
    assert operator.does(reseal) == "1 persons and 1 other values sealed anew\n"
    assert "is destroyed" in operator.does(retire.replace("KEY_ID", seal))
    assert "may be needed until" in operator.does(retire.replace("KEY_ID", before["cache", "A256GCM"]), status=1)
    operator.lets_time_pass("3 hours")
    assert "is destroyed" in operator.does(retire.replace("KEY_ID", before["cache", "A256GCM"]))
    with work() as tx:
        assert tx.contacts.pending(person) == contact
    operator.does(binding)
    assert operator.keys("active")["binding", "HS256"] != before["binding", "HS256"]
    assert a_person(work, BSN) == person


def test_a_key_that_leaked_is_worth_nothing_at_once(operator: Operator, app: Database) -> None:
    """What the thief signs is believed until then, and refused by a process that runs all the while after 5 seconds."""
    passed = [0.0]
    live = LiveKeyRing(app, operator.masters, lambda: passed[0])
    tokens, stolen = OwnTokens(live, ISSUER), live.current.active(Purpose.SIGNING, "ES256")

    def believed(key: Key) -> bool:
        forged = jwt.encode({"iss": ISSUER}, key.private, "ES256", headers={"kid": key.key_id, "typ": "at+jwt"})
        try:
            return tokens.claims(forged, "at+jwt")["iss"] == ISSUER
        except TokenRefusedError:
            return False

    assert believed(stolen)
    operator.does(told()[3].text.replace("KEY_ID", stolen.key_id))
    passed[0] += OLDEST_SECONDS
    assert not believed(stolen)
    assert believed(live.current.active(Purpose.SIGNING, "ES256"))


def test_a_next_key_gets_a_certificate_before_it_signs(operator: Operator) -> None:
    """With the settings that the text gives: it waits, is asked for, published, and signs ten minutes later."""
    asks, publishes = (block.text for block in told()[10:])
    known = Hierarchy.made()
    demanded = next(block.text for block in blocks(DOCUMENT, "toml") if "certificate_ca_file" in block.text)
    (operator.folder / "root.pem").write_text(pem(known.root.certificate))
    named = demanded.replace("/etc/vad/pkioverheid-root.pem", str(operator.folder / "root.pem"))
    (operator.folder / "certified.toml").write_text(named)
    operator.lets_time_pass("10 minutes")
    key_id = operator.keys("next")["signing", "PS256"]
    rotate = "vad keys rotate signing --algorithm PS256"
    assert f"{key_id} has no certificate" in operator.does(rotate, status=1)
    operator.does(asks.replace("KEY_ID", key_id))
    (operator.folder / "chain.pem").write_text(known.answers((operator.folder / "request.pem").read_text()))
    assert f"{key_id} has 4 certificates" in operator.does(publishes.replace("KEY_ID", key_id))
    assert "not known to everybody yet" in operator.does(rotate, status=1)
    operator.certifies_earlier("10 minutes")
    operator.does(rotate)
    assert operator.keys("active")["signing", "PS256"] == key_id


def test_the_look_up_key_is_changed(operator: Operator, work: PostgresWork) -> None:
    """A process that runs all the while finds the same person; in the end the old key and its hash are gone."""
    replace, remove = (block.text for block in told()[5:7])
    person, before = a_person(work, BSN), operator.keys("active")
    key_id = before.pop(("lookup", "HS256"))
    publish, rehash, activate = replace.splitlines()
    operator.does(publish)
    newcomer = a_person(work, Bsn("999990457"))
    assert "1 persons are not found by the next look-up key" in operator.does(activate, status=1)
    assert operator.does(rehash) == "1 persons hashed anew\n"
    operator.does(activate)
    assert operator.keys("retired")["lookup", "HS256"] == key_id
    operator.lets_time_pass("10 seconds")
    assert f"{key_id} is destroyed" in operator.does(remove.replace("KEY_ID", key_id))
    assert (a_person(work, BSN), a_person(work, Bsn("999990457"))) == (person, newcomer)
    made_by = "SELECT DISTINCT bsn_lookup_key_id, bsn_lookup_next_key_id FROM persons"
    assert ask(operator.database.migrate_url, made_by) == [(None, operator.keys("active")["lookup", "HS256"])]


def test_the_master_key_is_changed(operator: Operator, work: PostgresWork) -> None:
    """A process that runs all the while finds the same person at each step; in the end the old key opens nothing."""
    prepend, rewrap, remove = (block.text for block in told()[7:10])
    person, old = a_person(work, BSN), operator.masters()
    operator.does(prepend)
    assert [key.key_id for key in operator.masters().older] == [old.key_id]
    count = len(ask(operator.database.migrate_url, "SELECT key_id FROM keys"))
    assert operator.does(rewrap).startswith(f"{count} keys wrapped anew; ")
    assert a_person(work, BSN) == person
    operator.does(rewrap)
    operator.does(remove)
    assert operator.masters().older == ()
    assert a_person(work, BSN) == person
    told_of = operator.does("vad keys rotate seal --now").splitlines()
    assert [line.rpartition(" ")[2] for line in told_of if line.startswith("seal ")] == ["retired", "active"]
    assert a_person(work, BSN) == person
    for key_id, sealed in ask(operator.database.migrate_url, "SELECT key_id, sealed FROM keys"):
        assert operator.masters().wraps(bytes(sealed), key_id)
        assert not old.wraps(bytes(sealed), key_id)
    assert {file.name for file in operator.folder.glob("*.key")} == {"master.key"}
    assert (operator.folder / "master.key").stat().st_mode & 0o077 == 0
