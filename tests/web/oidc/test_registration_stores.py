"""What stands in the tables of apps that register themselves, and what PostgreSQL lets the service do there."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any

import psycopg2
import pytest

from tests.support.backroom import Backroom
from tests.support.colleague import Colleague
from tests.support.relying_party_client import RelyingParty, new_key, public
from tests.support.staff_office import WHY, StaffOffice
from tests.support.town import Town
from tests.support.town_fixtures import REDIRECT
from tests.web.oidc.inside import SOURCE
from tests.web.oidc.registering import ORGANISATION, Issue, call, error_of, issued, key, metadata, registered
from vad.adapters.postgres.database import Database
from vad.adapters.postgres.registration_queries import read_snapshot
from vad.adapters.postgres.registration_tokens import SpentRegistrationTokens
from vad.adapters.postgres.registration_writer import PostgresRegistrationWriter
from vad.adapters.postgres.transaction import Transaction
from vad.bootstrap import web
from vad.domain.staff import StaffRole
from vad.services.ports.registering import RegisteredItself
from vad.services.ports.tokens import ASSERTION_TYPE

__all__ = ["issued", "key"]


def test_another_process_knows_it_at_once(vad_town: Town, issued: Issue, key: dict[str, Any]) -> None:
    """Whichever process of VAD an app comes to right after it registered itself: it proves itself there."""
    another = web.create_app(vad_town.settings).test_client()
    assert another.get("/authorize?client_id=rp-one").status_code < HTTPStatus.INTERNAL_SERVER_ERROR
    made = registered(vad_town, issued, key, grant_types=["authorization_code", "refresh_token"])
    rp = RelyingParty(vad_town.issuer, made["client_id"], REDIRECT, key)
    form = {"grant_type": "refresh_token", "refresh_token": "x", "client_id": rp.client_id}
    answer = another.post(
        "/token", data=form | {"client_assertion_type": ASSERTION_TYPE, "client_assertion": rp.assertion()}
    )
    assert answer.get_json()["error"] == "invalid_grant"


def test_the_database_checks_once_more(vad_town: Town, issued: Issue, key: dict[str, Any], backroom: Backroom) -> None:
    """Whoever has the service's own role writes no registration, and registers nothing without a token."""
    made = registered(vad_town, issued, key)
    entry = json.dumps({"client_id": "intruder", "name": "x"})
    [(version,)] = backroom.ask("SELECT version FROM configuration_version")
    url = vad_town.settings.database.url.get_secret_value().replace("+psycopg2", "")
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:
        for statement in (
            "SELECT register_client(sha256('x'), sha256('y'), %s)",
            f"SELECT change_registration('{made['client_id']}', sha256('x'), sha256('y'), %s)",
            "SELECT change_registration('rp-one', sha256('x'), sha256('y'), %s)",
        ):
            cursor.execute(statement, (entry,))
            assert cursor.fetchone() == (False,)
        cursor.execute("SELECT end_registration(%s, sha256('x'))", (made["client_id"],))
        assert cursor.fetchone() == (False,)
    for statement in (
        "UPDATE clients SET representation = true",
        "SELECT * FROM registration_tokens",
        "UPDATE client_registrations SET token_sha256 = sha256('x')",
        "INSERT INTO admissions VALUES ('rp-one', 'https://source.example', '48')",
    ):
        with (
            psycopg2.connect(url) as connection,
            connection.cursor() as cursor,
            pytest.raises(psycopg2.errors.InsufficientPrivilege),
        ):
            cursor.execute(statement)
    assert backroom.ask("SELECT version FROM configuration_version") == [(version,)]


def test_who_it_is_stays_once_it_is_admitted(
    vad_town: Town, issued: Issue, key: dict[str, Any], backroom: Backroom
) -> None:
    """People consented to that name, staff admitted those keys: neither PUT nor the service's own role swaps them."""
    made = registered(vad_town, issued, key, admits=True, redirect_uris=[REDIRECT, f"{REDIRECT}?x=1"])
    name, token = made["client_id"], made["registration_access_token"]
    same = metadata(key, client_id=name, redirect_uris=[REDIRECT])
    another = public(new_key("another", use="sig", alg="ES256"))
    swaps: tuple[tuple[str, dict[str, Any]], ...] = (
        ("client_name", {"client_name": "DigiD"}),
        ("redirect_uris", {"redirect_uris": [REDIRECT, "https://other.example/"]}),
        ("jwks", {"jwks": {"keys": [another]}}),
        ("jwks, jwks_uri", {"jwks": None, "jwks_uri": "https://other.example/keys"}),
    )
    for members, swap in swaps:
        refused = call(vad_town, "PUT", token, {each: value for each, value in (same | swap).items() if value}, name)
        assert error_of(refused) == "invalid_client_metadata"
        assert refused.json()["error_description"].endswith(f"ask them for another: {members}")
    changed = call(vad_town, "PUT", token, same | {"post_logout_redirect_uris": ["https://rp.example/out"]}, name)
    assert (changed.status_code, changed.json()["redirect_uris"]) == (200, [REDIRECT])
    [(stored,)] = backroom.ask("SELECT to_jsonb(clients) FROM clients WHERE client_id = %s", name)
    hashed = f"sha256('{token}')"
    changing = f"SELECT change_registration('{name}', {hashed}, {hashed}, %s)"
    url = vad_town.settings.database.url.get_secret_value().replace("+psycopg2", "")
    by_staff = (
        "UPDATE clients SET owner = 'pages' WHERE client_id = %s",
        "DELETE FROM admissions WHERE client_id = %s",
    )
    with psycopg2.connect(url) as connection, connection.cursor() as cursor:

        def done(**entry: Any) -> Any:
            cursor.execute(changing, (json.dumps(entry),))
            return cursor.fetchone()[0]  # type: ignore[index]

        for statement in ("SELECT %s", *by_staff):
            connection.commit()
            backroom.ask(statement, name)
            for swap in ({"name": "DigiD"}, {"redirect_uris": ["https://other.example/"]}, {"jwks": [another]}):
                assert not done(**{**stored, **swap}), (statement, swap)
            assert not done(redirect_uris=[REDIRECT])
            assert done(**stored)
        connection.rollback()
        backroom.ask("UPDATE clients SET owner = 'itself' WHERE client_id = %s", name)
        assert done(**{**stored, "name": "Anders"})


def test_no_token_is_kept(vad_town: Town, issued: Issue, key: dict[str, Any], backroom: Backroom) -> None:
    """Hashes alone: who reads the tables or the log registers nothing and changes nothing."""
    token = issued(profile="basic")
    made = call(vad_town, "POST", token, metadata()).json()
    rows = [
        *backroom.ask("SELECT token_sha256::text FROM registration_tokens"),
        *backroom.ask("SELECT token_sha256::text FROM client_registrations"),
        *backroom.ask("SELECT row_to_json(clients)::text FROM clients"),
        *backroom.ask("SELECT evidence::text FROM audit_events WHERE type LIKE 'registration.%%'"),
    ]
    assert rows
    for secret in (token, made["registration_access_token"], made["client_secret"]):
        assert secret not in str(rows)


def test_the_files_leave_it_alone(vad_town: Town, issued: Issue, key: dict[str, Any], backroom: Backroom) -> None:
    """`vad clients apply` neither ends it nor speaks of it, unless an operator takes it back."""
    made = registered(vad_town, issued, key)
    owner = Database(vad_town.database.migrate_url)
    with Transaction(owner) as transaction:
        known = read_snapshot(transaction)
    files = [client for name, client in known.clients.items() if name != made["client_id"]]
    rest = ([*known.resource_servers.values()], [*known.data_services.values()], datetime.now(UTC))
    applied = PostgresRegistrationWriter(owner).apply(files, *rest)
    assert (bool(applied), applied.left_alone) == (False, ())
    statement = "SELECT active, owner FROM clients WHERE client_id = %s"
    assert backroom.ask(statement, made["client_id"]) == [(True, "itself")]
    PostgresRegistrationWriter(owner).apply(files, *rest, (made["client_id"],))
    assert backroom.ask(statement, made["client_id"]) == [(False, "file")]
    owner.close()


def test_staff_see_who_admitted_it(
    vad_town: Town,
    issued: Issue,
    key: dict[str, Any],
    office: StaffOffice,
    new_colleague: Callable[[], Colleague],
    backroom: Backroom,
) -> None:
    """Nobody looked where a token admits everywhere; two of the staff did who admit an app, or take that back."""
    made = [registered(vad_town, issued, key, admits=admits)["client_id"] for admits in (True, False)]
    manager, managers = new_colleague(), office.with_role(StaffRole.CLIENT_MANAGER)
    manager.log_in_as("anneke")
    clients = managers.deciding.clients

    def told(client_id: str) -> tuple[str, str]:
        page = manager.go(f"/apps/{client_id}").text.partition('id="service"')[2].partition("</p>")[0]
        listed = manager.go("/apps?wie=zelf").text.partition(f"({client_id})</a>: ")[2].partition("</li>")[0]
        return page.partition("zichzelf. ")[2].partition(".")[0], listed

    by_token = "Geen medewerker heeft de app bekeken: het token van de app liet de app toe bij elke organisatie van dat"
    assert told(made[0]) == (
        f"{by_token} moment",
        "heeft zichzelf aangemeld, toegelaten door het token; geen medewerker heeft de app bekeken",
    )
    nobody = "heeft zichzelf aangemeld; geen medewerker heeft de app bekeken"
    assert told(made[1]) == ("Geen medewerker heeft de app bekeken", nobody)
    for client_id, services in zip(made, ([], ["48"]), strict=True):
        request = clients.ask_to_admit(managers.asker, client_id, SOURCE, services, WHY, datetime.now(UTC))
        managers.deciding.approvals.approve(managers.second, request, datetime.now(UTC))
        looked = "heeft zichzelf aangemeld, en een medewerker heeft de app bekeken"
        assert told(client_id) == ("Een medewerker heeft de app daarna bekeken", looked)
    by_pages = "SELECT client_id FROM clients WHERE owner = 'pages' ORDER BY client_id"
    assert backroom.ask(by_pages) == [(each,) for each in sorted(made)], "files go on looking after theirs"


def test_what_is_agreed_to_of_no_known_app_is_nobodys_look(
    vad_town: Town, issued: Issue, key: dict[str, Any], office: StaffOffice, backroom: Backroom
) -> None:
    """A request for a new app has no `client_id`: an app by the name of nothing was not looked at."""
    made = registered(vad_town, issued, key)["client_id"]
    for table in ("clients", "client_registrations"):
        copied = f"INSERT INTO {table} SELECT (jsonb_populate_record(t, %s)).* FROM {table} t WHERE client_id = %s"  # noqa: S608
        backroom.ask(copied, '{"client_id": "None"}', made)
    new = {"client_id": "new", "name": "Nieuw", "organisation": ORGANISATION, "redirect_uris": [REDIRECT]}
    use, jwks = office.deciding.clients, json.dumps({"keys": [public(key)]})
    managers = office.with_role(StaffRole.CLIENT_MANAGER)
    managers.agreed(lambda member, why, at: use.ask_to_register(member, new, jwks, why, at))
    owners = dict(backroom.ask("SELECT client_id, owner FROM clients WHERE client_id IN ('None', 'new')"))
    assert owners == {"None": "itself", "new": "pages"}


def test_tokens_that_open_nothing_go(vad_town: Town, issued: Issue, key: dict[str, Any], backroom: Backroom) -> None:
    """A day after their time, or once used up; what came of one stays. Others stay, also where a clock runs ahead."""
    tokens = [issued(minutes=minutes, uses=uses) for minutes, uses in ((60, 1), (60, 2), (60, 1))]
    made = [call(vad_town, "POST", token, metadata(key)) for token in tokens[:2]]
    assert [each.status_code for each in made] == [201, 201]
    forget, now = SpentRegistrationTokens(backroom.worker.database), datetime.now(UTC)
    hour, day = timedelta(hours=1), timedelta(days=1)
    assert forget(now) == 0
    backroom.ask("UPDATE registration_tokens SET issued_at = issued_at - interval '25 hours'")
    assert forget(now + 100 * day) == 1, "the one that was used up"
    backroom.ask("UPDATE registration_tokens SET expires_at = expires_at - interval '2 hours'")
    assert [forget(now + day - 2 * hour), forget(now + day), forget(now + day)] == [0, 2, 0]
    assert backroom.ask("SELECT count(*) FROM client_registrations WHERE offer <> ''") == [(2,)]


def test_staff_see_who_registered_it(
    vad_town: Town, issued: Issue, key: dict[str, Any], office: StaffOffice, backroom: Backroom
) -> None:
    """By whose word and when, beside those that others registered; also once staff changed it, or it ended itself."""
    made, managers = registered(vad_town, issued, key), office.with_role(StaffRole.CLIENT_MANAGER)
    another = call(vad_town, "POST", issued(label="Pilot 2026"), metadata(key)).json()
    clients, at = managers.deciding.clients, datetime.now(UTC)

    def shown(client_id: str) -> RegisteredItself | None:
        known = clients.client(managers.asker, client_id, at)
        assert known is not None
        return known.by_itself

    first, labelled = shown(made["client_id"]), shown(another["client_id"])
    assert first is not None
    assert labelled is not None
    assert (first.label, labelled.label) == ("", "Pilot 2026")
    assert not first.admitted
    [event] = (each for each in backroom.events("registration.made") if each["client_id"] == another["client_id"])
    assert labelled.offer == event["evidence"]["token"]
    assert abs(labelled.at - at) < timedelta(minutes=5)
    assert shown("rp-one") is None
    clients.disable(managers.asker, made["client_id"], WHY, at)
    assert call(vad_town, "DELETE", another["registration_access_token"], None, another["client_id"]).status_code == 204
    assert (shown(made["client_id"]), shown(another["client_id"])) == (first, labelled)
    names = [
        {each.client.client_id for each in clients.clients(managers.asker, at, by_itself=by)} for by in (True, False)
    ]
    assert {made["client_id"], another["client_id"]} <= names[0] - names[1]
    assert "rp-one" in names[1] - names[0]
