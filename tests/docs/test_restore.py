"""Backup and restore as docs/operations.md tells: what was stopped since the copy was made does not live again."""

import os
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.adapters.postgres.mandate_records import added, an_offer, in_force
from tests.adapters.postgres.postgres_records import OTHER_BSN, PGO, a_consent, a_grant, a_person, make, make_known
from tests.support.database import Server, ask, new_database
from tests.support.documents import PROJECT, blocks
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.unit_of_work import PostgresWork
from vad.adapters.vault.generation import create_secret
from vad.adapters.vault.keyring import KeyRing, KeyState, Purpose
from vad.adapters.vault.lookup import BsnLookup
from vad.adapters.vault.master_key import MasterKey
from vad.adapters.vault.sealing import Sealer
from vad.domain.consent import Duration
from vad.domain.mandate import MandateState
from vad.sandbox.postgres_binaries import installed

DOCUMENT = "docs/operations.md"
VAD = f'{sys.executable} -c "from vad.cli.main import main; main()"'

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif("VAD__DATABASE__URL" in os.environ, reason="pg_dump must fit the test run's own PostgreSQL"),
]


@pytest.fixture
def keyring() -> KeyRing:
    """Give the keys that the stores need."""
    master = MasterKey(os.urandom(32))
    at = datetime.now(UTC)
    return KeyRing(
        master, [create_secret(master, each, KeyState.ACTIVE, at) for each in (Purpose.SEAL, Purpose.LOOKUP)]
    )


def commands(word: str) -> str:
    """The document's commands in which this word stands, with our programs; without the registrations of nobody."""
    text = next(block.text for block in blocks(DOCUMENT, "sh") if word in block.text)
    kept = [line for line in text.splitlines() if line != "vad clients apply"]
    return "\n".join(line.replace("vad ", f"{VAD} ", 1) if line.startswith("vad ") else line for line in kept)


def test_a_copy_that_is_put_back_gives_nobody_access(
    postgres: Server, migrated_template: str, keyring: KeyRing, tmp_path: Path
) -> None:
    """What was live in the copy and stopped after it is not live once that is put back; the log says so."""

    def run(text: str, owner_url: str, app_url: str) -> str:
        (tmp_path / "ours.toml").write_text(blocks(DOCUMENT, "toml")[0].text)
        environment = {
            "PATH": f"{installed()}{os.pathsep}{os.defpath}",
            "PYTHONPATH": str(PROJECT),
            "OWNER_URL": owner_url.replace("+psycopg2", ""),
            "VAD_CONFIG": f"{PROJECT / 'config'}{os.pathsep}{tmp_path}",
            "VAD__DATABASE__URL": app_url,
            "VAD__DATABASE__MIGRATE_URL": owner_url,
            "VAD__REDIS__URL": "redis://127.0.0.1:1",
            "VAD__KEYS__MASTER_KEY": "not used by these commands",
            "VAD__BRP__API_KEY": "secret",
        }
        done = subprocess.run(
            ["/bin/sh", "-e", "-c", text], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    with new_database(postgres, migrated_template) as lost, closing(Database(lost.app_url)) as app:
        make_known(lost.migrate_url, keyring)
        work = PostgresWork(app, Sealer(keyring), BsnLookup(keyring))
        person, now = a_person(work), datetime.now(UTC)
        grant = make(work, a_grant(person))
        lasting = a_consent(person, until=datetime(2100, 1, 1, tzinfo=UTC))
        once = a_consent(person, Duration.ONCE, until=datetime(2100, 1, 1, tzinfo=UTC))
        with work() as tx:
            tx.consents.add((lasting, once))
            tx.commit()
        people = (person, a_person(work, OTHER_BSN))
        mandate, offer = in_force(work, people), an_offer(people)
        added(work, offer)
        agreed = "INSERT INTO assents VALUES (gen_random_uuid(), %s, %s, '48', 25, now(), now() + interval '1 year')"
        ask(lost.migrate_url, agreed, tuple(map(str, people)))
        run(commands("pg_dump"), lost.migrate_url, lost.app_url)
        with work() as tx:
            tx.consents.withdraw(person, person, PGO, now)
            assert tx.grants.revoke(grant.grant_id)
            tx.commit()
    with new_database(postgres) as restored, closing(Database(restored.app_url)) as app:
        told = run(commands("pg_restore"), restored.migrate_url, restored.app_url)
        work = PostgresWork(app, Sealer(keyring), BsnLookup(keyring))
        now = datetime.now(UTC)
        with work() as tx:
            assert tx.consents.live(person, now) == ()
            found = tx.grants.get(grant.grant_id)
            assert found is not None
            assert found.state == "ended"
            assert [each.consent_id for each in tx.consents.lapsed_unrecorded(now, 10)] == [lasting.consent_id]
        with work() as tx:
            states = [known.state for known in map(tx.mandates.get, (mandate.mandate_id, offer.mandate_id)) if known]
        assert states == [MandateState.ENDED, MandateState.LAPSED]
        assert "ended: 1 grants, 2 consents, 2 mandates, 1 assents" in told
        (evidence,) = ask(restored.app_url, "SELECT evidence FROM audit_events WHERE type = 'store.restored'")
        assert evidence == ({"grants": 1, "consents": 2, "mandates": 2, "assents": 1},)
