"""Apps on the pages for staff: opening takes two people, closing one; every process goes by it within a second (A7)."""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from tests.support.backroom import Backroom
from tests.support.person import SAMIRA, Person, tokens
from tests.support.relying_party_client import RelyingParty, claims_of, header_of, new_key, public
from tests.support.staff_office import WHY, StaffOffice
from tests.support.town import Town
from tests.support.town_fixtures import REDIRECT
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.registration_queries import read_snapshot
from vad.adapters.postgres.registration_writer import (
    AppliedRegistrations,
    PostgresRegistrationWriter,
    RegistrationError,
)
from vad.adapters.postgres.transaction import Transaction
from vad.domain.approval import OutdatedError
from vad.domain.errors import NotPermittedError
from vad.domain.identifiers import RequestId
from vad.domain.staff import StaffRole
from vad.sandbox.serving import serve
from vad.services.client_administration import ClientAdministration, ClientShown
from vad.services.ports.registering import RegistrationFaultError

SOURCE = "https://source.example"
NEW = "rp-of-the-pages"


@pytest.fixture
def managers(office: StaffOffice, backroom: Backroom) -> Iterator[StaffOffice]:
    """Give the two who look after apps, and leave the town as it was."""
    yield office.with_role(StaffRole.CLIENT_MANAGER)
    backroom.ask("DELETE FROM admissions WHERE client_id = %s", NEW)
    backroom.ask("DELETE FROM grants WHERE client_id = %s", NEW)
    backroom.ask("DELETE FROM clients WHERE client_id = %s", NEW)
    backroom.ask("UPDATE clients SET owner = 'file'; UPDATE resource_servers SET owner = 'file'")
    backroom.ask("UPDATE configuration_version SET version = version + 1")
    backroom.forget_consents()


@pytest.fixture
def key() -> dict[str, object]:
    """Give the private key of the new app."""
    return new_key(NEW, use="sig", alg="ES256")


def entry(**changes: object) -> dict[str, object]:
    """Give what is filled in of a new app."""
    return {
        "client_id": NEW,
        "name": "Nieuwe app",
        "organisation": "Testbedrijf B.V.",
        "redirect_uris": [REDIRECT],
        **changes,
    }


def clients(office: StaffOffice) -> ClientAdministration:
    """The use case."""
    return office.deciding.clients


def shown(office: StaffOffice, client_id: str = NEW) -> ClientShown:
    """What a page says of an app."""
    found = clients(office).client(office.asker, client_id, datetime.now(UTC))
    assert found is not None
    return found


def registered(office: StaffOffice, key: dict[str, object]) -> RequestId:
    """Let two of the staff register it, and admit it to one source."""
    jwks = json.dumps({"keys": [public(key)]})
    use = clients(office)
    office.agreed(lambda member, why, at: use.ask_to_register(member, entry(), jwks, why, at))
    return admitted(office, ["51"])


def admitted(office: StaffOffice, services: Sequence[str]) -> RequestId:
    """Let two of the staff admit it to these kinds of data at the source."""
    use = clients(office)
    return office.agreed(lambda member, why, at: use.ask_to_admit(member, NEW, SOURCE, services, why, at))


def at_source(rp: RelyingParty, held: dict[str, Any]) -> str:
    """A token of it for the source."""
    return str(rp.exchange(held["access_token"], SOURCE).json()["access_token"])


def wait_until(true: Callable[[], bool]) -> None:
    """Wait for what every process knows within a second of its last look."""
    until = time.monotonic() + 2
    while not true():
        assert time.monotonic() < until
        time.sleep(0.05)


def encryption_key(office: StaffOffice) -> object:
    """What VAD encrypts to for the source."""
    listed = clients(office).sources(office.asker, datetime.now(UTC))
    return next(each.source.encryption_jwk for each in listed if each.source.identifier == SOURCE)


@pytest.fixture
def applied(vad_town: Town) -> Iterator[Callable[..., AppliedRegistrations]]:
    """Give what `vad clients apply` does, with files that say what was registered when the test began."""
    owner = Database(vad_town.database.migrate_url)
    with Transaction(owner) as transaction:
        files = read_snapshot(transaction)

    def apply(*reclaimed: str) -> AppliedRegistrations:
        clients, sources, services = files.clients, files.resource_servers, files.data_services
        writer = PostgresRegistrationWriter(owner)
        return writer.apply(
            [*clients.values()], [*sources.values()], [*services.values()], datetime.now(UTC), reclaimed
        )

    yield apply
    owner.close()


def test_from_registration_to_the_end_of_it(
    managers: StaffOffice,
    key: dict[str, object],
    vad_town: Town,
    source: RelyingParty,
    new_person: Callable[[], Person],
    backroom: Backroom,
) -> None:
    """Two let it in; one stops it, tokens that are out included; two let it back in, and nothing old lives again."""
    registered(managers, key)
    assert [(each.identifier, services) for each, services in shown(managers).admitted] == [(SOURCE, ("51",))]
    rp = RelyingParty(vad_town.issuer, NEW, REDIRECT, key)
    wait_until(lambda: rp.refresh("nothing").json()["error"] == "invalid_grant")
    held = tokens(rp, new_person(), (SOURCE,), "openid 51", SAMIRA)
    token = at_source(rp, held)
    assert source.introspect(token).json()["active"]
    before, began = datetime.now(UTC), time.monotonic()
    assert clients(managers).disable(managers.asker, NEW, WHY, before) == 1
    assert source.introspect(token).json() == {"active": False}
    assert rp.refresh(held["refresh_token"]).status_code in {400, 401}
    assert rp.exchange(held["access_token"], SOURCE).status_code in {400, 401}
    assert time.monotonic() - began < 1
    [event] = backroom.events("client.disabled")
    assert (event["staff"], event["client_id"]) == (str(managers.asker.account), NEW)
    assert event["evidence"] == {"grants": 1, "sources_told": 0}
    use = clients(managers)
    managers.agreed(lambda member, why, at: use.ask_to_enable(member, NEW, why, at))
    wait_until(lambda: rp.refresh(held["refresh_token"]).json()["error"] == "invalid_grant")
    again = tokens(rp, new_person(), (SOURCE,), "openid 51", SAMIRA)
    assert use.end_grants(managers.asker, NEW, WHY, datetime.now(UTC)) == 1
    assert rp.refresh(again["refresh_token"]).json()["error"] == "invalid_grant"
    assert tokens(rp, new_person(), (SOURCE,), "openid 51", SAMIRA)


def test_a_second_key_beside_the_first(managers: StaffOffice, key: dict[str, object], vad_town: Town) -> None:
    """Both hold until the first is removed; each step is known to every process at once."""
    registered(managers, key)
    second, use = new_key("second", use="sig", alg="ES256"), clients(managers)
    first, next_one = (RelyingParty(vad_town.issuer, NEW, REDIRECT, each) for each in (key, second))

    def known(*expected: bool) -> bool:
        errors = [rp.refresh("nothing").json()["error"] for rp in (first, next_one)]
        return errors == ["invalid_grant" if each else "invalid_client" for each in expected]

    wait_until(lambda: known(True, False))  # noqa: FBT003 - of each key
    text = json.dumps(public(second))
    managers.agreed(lambda member, why, at: use.ask_to_add_keys(member, NEW, text, why, at))
    wait_until(lambda: known(True, True))  # noqa: FBT003 - of each key
    old = shown(managers).keys[0].facts.thumbprint
    managers.agreed(lambda member, why, at: use.ask_to_remove_key(member, NEW, old, why, at))
    wait_until(lambda: known(False, True))  # noqa: FBT003 - of each key
    with pytest.raises(OutdatedError, match="number_of_keys"):
        use.ask_to_remove_key(managers.asker, NEW, shown(managers).keys[0].facts.thumbprint, WHY, datetime.now(UTC))


def test_keys_that_the_app_publishes(managers: StaffOffice, key: dict[str, object], vad_town: Town) -> None:
    """Registered by their address alone; the app changes them by itself, until two of the staff pin its keys again."""
    keys, use, other = {"keys": [public(key)]}, clients(managers), new_key("other", use="sig", alg="ES256")
    app = Flask("app")
    app.add_url_rule("/keys", view_func=lambda: keys)
    first, next_one = (RelyingParty(vad_town.issuer, NEW, REDIRECT, each) for each in (key, other))
    with serve(app) as address:
        published = entry(jwks_uri=f"{address}/keys")
        managers.agreed(lambda member, why, at: use.ask_to_register(member, published, "", why, at))
        wait_until(lambda: first.refresh("nothing").json()["error"] == "invalid_grant")
        keys["keys"] = [public(other)]
        assert next_one.refresh("nothing").json()["error"] == "invalid_grant"
        text = json.dumps(public(key))
        managers.agreed(lambda member, why, at: use.ask_to_add_keys(member, NEW, text, why, at))
        wait_until(lambda: next_one.refresh("nothing").json()["error"] == "invalid_client")
        assert first.refresh("nothing").json()["error"] == "invalid_grant"
        managers.agreed(lambda member, why, at: use.ask_to_fetch_keys(member, NEW, f"{address}/keys", why, at))
        wait_until(lambda: next_one.refresh("nothing").json()["error"] == "invalid_grant")
        managers.agreed(lambda member, why, at: use.ask_to_fetch_keys(member, NEW, f"{address}/gone", why, at))
        wait_until(lambda: next_one.refresh("nothing").json()["error"] == "temporarily_unavailable")


def test_who_looks_waits_for_nobody(managers: StaffOffice) -> None:
    """A page shows the apps while somebody else is changing one, and keeps nobody from it."""
    with clients(managers).work() as changing:
        assert changing.registration_changes.held().clients
        assert clients(managers).clients(managers.asker, datetime.now(UTC))


def test_what_changed_meanwhile_is_not_approved(managers: StaffOffice, key: dict[str, object]) -> None:
    """Of two requests about the same, the second was asked for on how things stood then."""
    registered(managers, key)
    use, now = clients(managers), datetime.now(UTC)
    texts = [json.dumps(public(new_key(name, use="sig", alg="ES256"))) for name in ("b", "c")]
    one, other = (use.ask_to_add_keys(managers.asker, NEW, text, WHY, now) for text in texts)
    managers.deciding.approvals.approve(managers.second, one, now)
    with pytest.raises(OutdatedError, match="changed_meanwhile"):
        managers.deciding.approvals.approve(managers.second, other, now)
    assert len(shown(managers).keys) == 2
    both = [use.ask_to_admit(managers.asker, NEW, SOURCE, services, WHY, now) for services in (["48"], [])]
    managers.deciding.approvals.approve(managers.second, both[0], now)
    with pytest.raises(OutdatedError, match="changed_meanwhile"):
        managers.deciding.approvals.approve(managers.second, both[1], now)


def test_what_can_not_be_registered_is_said_by_field(managers: StaffOffice, key: dict[str, object]) -> None:
    """By the checks of the files, before anybody is asked; without what was typed; and by whom may."""
    use, now, jwks = clients(managers), datetime.now(UTC), json.dumps(public(key))
    for changes, keys, field in (
        ({"redirect_uris": ["http://rp.example/"]}, jwks, "redirect_uris"),
        ({"client_id": "with space"}, jwks, "client_id"),
        ({}, json.dumps(key), "private"),
        ({}, "{", "JSON"),
        ({}, '{"kty": "oct", "k": "AAAA"}', "asymmetric"),
        ({"name": ""}, jwks, "name"),
        ({"jwks_uri": "https://rp.example/keys"}, jwks, "exactly one of jwks and jwks_uri"),
        ({"jwks_uri": "http://rp.example/keys"}, "", "jwks_uri"),
        ({"jwks_uri": "https://user:secret@rp.example/keys"}, "", "jwks_uri"),
    ):
        with pytest.raises(RegistrationFaultError, match=field) as refused:
            use.ask_to_register(managers.asker, entry(**changes), keys, WHY, now)
        assert "rp.example" not in str(refused.value)
    with pytest.raises(OutdatedError, match="client_there"):
        use.ask_to_register(managers.asker, entry(client_id="rp-one"), jwks, WHY, now)
    for app, source, kind in (("rp-one", SOURCE, "63"), ("rp-fapi2", "https://south.example", "48")):
        with pytest.raises(OutdatedError, match="no_such_service" if kind == "63" else "signed_otherwise"):
            use.ask_to_admit(managers.asker, app, source, [kind], WHY, now)
    with pytest.raises(RegistrationFaultError, match="enc"):
        use.ask_to_change_source_key(managers.asker, SOURCE, jwks, WHY, now)
    for role in (StaffRole.HELPDESK, StaffRole.AUDITOR):
        with pytest.raises(NotPermittedError):
            use.disable(managers.with_role(role).asker, "rp-one", WHY, now)


def test_the_files_leave_alone_what_the_pages_look_after(
    managers: StaffOffice,
    key: dict[str, object],
    applied: Callable[..., AppliedRegistrations],
    backroom: Backroom,
) -> None:
    """Applying again undoes nothing, and says so; what is reclaimed is as the files have it."""
    registered(managers, key)
    assert shown(managers).of_pages
    assert not shown(managers, "rp-one").of_pages
    clients(managers).disable(managers.asker, "rp-two", WHY, datetime.now(UTC))
    told = applied()
    assert not told
    assert {*told.left_alone} == {NEW, SOURCE, "rp-two"}
    assert not shown(managers, "rp-two").client.active
    with pytest.raises(RegistrationError, match="rp-one"):
        applied("rp-one")
    applied("rp-two")
    assert shown(managers, "rp-two").client.active
    assert {*applied().left_alone} == {NEW, SOURCE}
    assert [row for (row,) in backroom.ask("SELECT client_id FROM clients WHERE owner = 'pages'")] == [NEW]


def test_a_source_gets_another_key(
    managers: StaffOffice,
    applied: Callable[..., AppliedRegistrations],
    rp: RelyingParty,
    person: Person,
    backroom: Backroom,
) -> None:
    """From the approval on VAD encrypts to the new one alone: the source opens both meanwhile."""
    use, new = clients(managers), new_key("next", use="enc", alg="ECDH-ES")
    before = encryption_key(managers)
    text = json.dumps(public(new))
    managers.agreed(lambda member, why, at: use.ask_to_change_source_key(member, SOURCE, text, why, at))
    held = tokens(rp, person, (SOURCE,), "openid 51", SAMIRA)
    sealed = claims_of(at_source(rp, held))["subject_identifier"]
    assert header_of(sealed)["kid"] == "next"
    [event] = backroom.events("source.key_changed")
    assert (event["resource"], event["staff"]) == (SOURCE, str(managers.second.account))
    applied(SOURCE)
    assert encryption_key(managers) == before
