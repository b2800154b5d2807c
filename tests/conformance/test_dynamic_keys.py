"""Dynamic OP: what an operator does while `oidcc-server-rotate-keys` waits, to a VAD with keys of its own."""

from datetime import UTC, datetime
from typing import Any

import requests
from pydantic import SecretStr

from tests.conformance.playing import plays
from tests.support.database import Server, new_database
from tests.support.town import Town
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.key_rotation import PostgresKeyRotation
from vad.adapters.postgres.keys import PostgresKeys
from vad.adapters.vault.keyring import Purpose
from vad.bootstrap import foundation, web
from vad.sandbox.ports import free_port
from vad.sandbox.serving import serve
from vad.settings import Settings


@plays("oidcc-server-rotate-keys")
def test_oidcc_server_rotate_keys(the_town: Town, postgres: Server, migrated_template: str) -> None:
    """`vad keys rotate signing --now`, of one algorithm: `/jwks` has a new key, and still those of before."""
    with new_database(postgres, migrated_template) as database:
        stores = the_town.settings.database.model_copy(update={"url": SecretStr(database.app_url)})
        known = the_town.settings.model_copy(update={"database": stores})
        owner, master = Database(database.migrate_url), foundation.master_key(known)
        PostgresKeys(owner).add_missing(master, datetime.now(UTC))
        before = signing_keys(known)
        PostgresKeyRotation(owner).rotate(master, Purpose.SIGNING, "ES256", datetime.now(UTC), at_once=True)
        owner.close()
        after = signing_keys(known)
    assert before
    assert set(after) > set(before)
    assert {after[kid]["alg"] for kid in set(after) - set(before)} == {"ES256"}


def signing_keys(known: Settings) -> dict[str, dict[str, Any]]:
    """The public keys that VAD signs with, by `kid`, as they are published."""
    port = free_port()
    with serve(web.create_app(known), port):
        found = requests.get(f"http://localhost:{port}/jwks", timeout=20).json()["keys"]
    assert len({key["kid"] for key in found}) == len(found)
    assert not [key for key in found if key.keys() & {"d", "p", "q", "dp", "dq", "qi", "k"}]
    return {key["kid"]: key for key in found if key["use"] == "sig"}
