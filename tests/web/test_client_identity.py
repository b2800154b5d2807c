"""Who an app is, between asking to admit it and agreeing to that (rule 44, A7)."""

import json
from datetime import UTC, datetime

import pytest

from tests.support.backroom import Backroom
from tests.support.relying_party_client import new_key, public
from tests.support.staff_office import WHY, StaffOffice
from tests.web.test_client_administration import NEW, SOURCE, clients, key, managers, registered, shown
from vad.domain.approval import OutdatedError

__all__ = ["key", "managers"]


def test_an_app_that_became_another_is_not_admitted(
    managers: StaffOffice, key: dict[str, object], backroom: Backroom
) -> None:
    """Who asked saw other keys or another name. To take its admission away waits for nothing."""
    registered(managers, key)
    use, now, approve = clients(managers), datetime.now(UTC), managers.deciding.approvals.approve
    keys = json.dumps([public(new_key("another", use="sig", alg="ES256"))])
    for change, value in (
        ("name = %s", "DigiD"),
        ("redirect_uris = %s::jsonb", '["https://other.example/"]'),
        ("jwks = %s::jsonb", keys),
    ):
        more = use.ask_to_admit(managers.asker, NEW, SOURCE, ["48", "51"], WHY, now)
        backroom.ask(f"UPDATE clients SET {change} WHERE client_id = %s", value, NEW)  # noqa: S608 - our own
        with pytest.raises(OutdatedError, match="changed_meanwhile"):
            approve(managers.second, more, now)
    less = use.ask_to_admit(managers.asker, NEW, SOURCE, [], WHY, now)
    backroom.ask("UPDATE clients SET name = 'Yet another' WHERE client_id = %s", NEW)
    approve(managers.second, less, now)
    assert not shown(managers).admitted
