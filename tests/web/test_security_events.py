"""Data sources hear that what a token rests on has ended (RFC 8417, pushed by RFC 8935), and refuse what is out."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from joserfc import jwt
from joserfc.jwk import KeySet

from tests.adapters.postgres.mandate_records import in_force
from tests.support.backroom import Backroom
from tests.support.database import ask
from tests.support.person import IRIS, PIETER, SEM_8, Person, tokens
from tests.support.relying_party_client import RelyingParty, claims_of
from tests.support.security_event_receiver import SecurityEventReceiver
from tests.support.staff_office import WHY, StaffOffice
from tests.support.town import Town
from tests.web.test_acting import act
from tests.web.test_assents import allow, kind_of, open_page
from tests.web.test_given_consents import stop
from vad.bootstrap.foundation import lay_foundation
from vad.bootstrap.security_events import security_events
from vad.bootstrap.upkeep import create_upkeep
from vad.domain.identifiers import Bsn
from vad.domain.staff import StaffRole
from vad.services.mandate_release import MandateRelease
from vad.services.ports.outbox import Backlog
from vad.services.upkeep import Upkeep

pytestmark = pytest.mark.slow

LAB = "https://source.example"
REVOKED = "urn:nl-vad:1.0:event:mandate-revoked"
WITHDRAWN = "urn:nl-vad:1.0:event:consent-withdrawn"


@pytest.fixture(scope="module")
def registered(the_town: Town) -> Iterator[SecurityEventReceiver]:
    """Give the place where the tests' own data source hears of events, registered for it meanwhile."""
    url = the_town.database.superuser_url
    with SecurityEventReceiver() as heard:
        _register(url, f"{heard.address}/events")
        yield heard
    _register(url, "")


def _register(url: str, receiver: str) -> None:
    ask(url, "UPDATE resource_servers SET security_events_uri = %s WHERE identifier = %s", (receiver, LAB))
    ask(url, "UPDATE configuration_version SET version = version + 1")


@pytest.fixture(scope="module")
def worker(the_town: Town, registered: SecurityEventReceiver) -> Upkeep:
    """Give what `vad worker` runs, started when the source was registered."""
    return create_upkeep(the_town.settings)[0]


@pytest.fixture
def receiver(registered: SecurityEventReceiver, backroom: Backroom) -> Iterator[SecurityEventReceiver]:
    """Give that place, with nothing under way to it."""
    backroom.ask("DELETE FROM outbox")
    backroom.forget_consents()
    registered.heard.clear()
    registered.status = 202
    yield registered
    for table in ("outbox", "permissions", "mandates"):
        backroom.ask(f"DELETE FROM {table}")  # noqa: S608 - our own words
    backroom.forget_consents()


def deliver(worker: Upkeep, after: timedelta = timedelta()) -> int:
    """One round of the worker, some time from now; returns how many messages it took."""
    delivery = worker.deliver(datetime.now(UTC) + after)
    assert delivery.defects == ()
    return delivery.taken


def stop_all(person: Person, rp: RelyingParty) -> None:
    """Stop what this app may do, on P14."""
    person.open(f"{person.town.issuer}/mijn/toestemmingen")
    stop(person, rp)


def opened(town: Town, token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims, checked with VAD's published keys."""
    keys = KeySet.import_key_set(requests.get(f"{town.issuer}/jwks", timeout=20).json())
    read = jwt.decode(token, keys, algorithms=["ES256"])
    return dict(read.header), dict(read.claims)


def pushed(source: str, token: str) -> requests.Response:
    """What a source of the demo answers to this event."""
    headers = {"Content-Type": "application/secevent+jwt"}
    return requests.post(f"{source}/security-events", token, headers=headers, timeout=20)


def test_a_stopped_consent_is_told_in_the_words_of_the_token(
    rp: RelyingParty, person: Person, worker: Upkeep, receiver: SecurityEventReceiver, backroom: Backroom
) -> None:
    """Exactly what is needed to know the tokens that are out; nothing by which anybody else would know the person."""
    vad_town, own = person.town, tokens(rp, person, (LAB,), "openid 51", PIETER)
    theirs = claims_of(rp.exchange(own["access_token"], LAB).json()["access_token"])
    stop_all(person, rp)
    ((payload,),) = backroom.ask("SELECT payload::text FROM outbox WHERE kind = 'security-event'")
    assert PIETER not in payload
    assert receiver.heard == []
    assert deliver(worker) == 1
    assert deliver(worker) == 0
    (token,) = receiver.heard
    header, claims = opened(vad_town, token)
    assert (header["typ"], header["alg"]) == ("secevent+jwt", "ES256")
    assert claims.keys() == {"iss", "aud", "iat", "jti", "txn", "sub_id", "events"}, "no exp, and no sub of its own"
    assert (claims["iss"], claims["aud"]) == (vad_town.issuer, LAB)
    assert claims["sub_id"] == {"format": "iss_sub", "iss": vad_town.issuer, "sub": theirs["sub"]}
    assert claims["events"] == {WITHDRAWN: {"client_id": "rp-one"}}
    assert abs(claims["iat"] - datetime.now(UTC).timestamp()) < 60
    answer = pushed(person.town.address("hospital"), token)
    assert (answer.status_code, answer.json()["err"]) == (400, "invalid_audience"), "it is for nobody else"


def test_a_mandate_that_is_over_is_told_for_every_token_of_it(
    acting_rp: RelyingParty, person: Person, worker: Upkeep, receiver: SecurityEventReceiver
) -> None:
    """Whose data it is and who acts are named as in the tokens of that app for that source.

    In the transaction that ends the mandate: where that is not committed, nothing was said.
    """
    own = act(acting_rp, person)
    theirs = claims_of(acting_rp.exchange(own["access_token"], LAB).json()["access_token"])
    foundation = lay_foundation(person.town.settings)
    release = MandateRelease(security_events(foundation))
    with foundation.work() as tx:
        parent, child = (tx.persons.find_or_add(Bsn(bsn), datetime.now(UTC)).person_id for bsn in (IRIS, SEM_8))
        tx.commit()
    mandate = in_force(foundation.work, (child, parent), "51")
    for committed in (False, True):
        with foundation.work() as tx:
            release.of(tx, mandate, datetime.now(UTC))
            if committed:
                tx.commit()
        assert deliver(worker) == int(committed)
    (token,) = receiver.heard
    claims = opened(person.town, token)[1]
    assert claims["sub_id"]["sub"] == theirs["sub"]
    assert claims["events"] == {REVOKED: {"client_id": "rp-acts", "act": theirs["act"]}}
    foundation.database.close()


def test_it_is_tried_again_and_says_the_same(
    vad_town: Town, rp: RelyingParty, person: Person, worker: Upkeep, receiver: SecurityEventReceiver
) -> None:
    """A source that is away hears it later, under the same `jti`: whoever took it twice can see that."""
    tokens(rp, person, (LAB,), "openid 51", PIETER)
    stop_all(person, rp)
    for number, status in enumerate((503, 500, 202)):
        receiver.status = status
        assert deliver(worker, timedelta(minutes=number)) == 1
    assert deliver(worker, timedelta(days=1)) == 0
    first, *others = (opened(vad_town, token)[1] for token in receiver.heard)
    assert others == [first, first]


def test_what_a_source_refuses_is_given_up(
    rp: RelyingParty, person: Person, worker: Upkeep, receiver: SecurityEventReceiver
) -> None:
    """400: it can do nothing with it, now or later. Operators see that in the backlog."""
    tokens(rp, person, (LAB,), "openid 51", PIETER)
    stop_all(person, rp)
    receiver.status = 400
    assert deliver(worker) == 1
    assert deliver(worker, timedelta(days=1)) == 0
    assert worker.backlog() == (Backlog("security-event", 0, 1),)


def status(hospital: str, token: str) -> int:
    """What the demo's hospital, which reads tokens by itself, answers to this one."""
    url = f"{hospital}/fhir/48/Patient/$everything"
    return requests.get(url, headers={"Authorization": f"Bearer {token}"}, timeout=20).status_code


def honoured(hospital: str, rp: RelyingParty, own: dict[str, str]) -> str:
    """Give a token that the hospital honours: one of the very second in which another test stopped all is none."""
    waited_since = time.monotonic()
    while status(hospital, token := rp.exchange(own["access_token"], hospital).json()["access_token"]) == 401:
        assert time.monotonic() - waited_since < 10
        time.sleep(0.1)
    return str(token)


def test_a_source_refuses_what_is_out_once_it_has_heard(
    vad_town: Town, rp: RelyingParty, person: Person, worker: Upkeep, backroom: Backroom
) -> None:
    """Its answer to a token that was good until then is 401."""
    hospital = vad_town.address("hospital")
    backroom.ask("DELETE FROM outbox")
    own = tokens(rp, person, (hospital,), "openid 48", PIETER)
    token = honoured(hospital, rp, own)
    stop_all(person, rp)
    assert status(hospital, token) == 200, "nobody told it yet"
    assert deliver(worker) == 1
    assert status(hospital, token) == 401
    assert requests.get(f"{hospital}/refusals", timeout=20).json()["refusals"][0]["reason"] == "stopped"
    for wrong in (token, "nonsense", own["id_token"]):
        answer = pushed(hospital, wrong)
        assert (answer.status_code, answer.json()["err"]) == (400, "invalid_request")
    backroom.forget_consents()


def test_sources_hear_that_an_app_was_stopped(
    rp: RelyingParty, person: Person, worker: Upkeep, office: StaffOffice, receiver: SecurityEventReceiver
) -> None:
    """Each one that admits it, once, whoever its tokens are about; one that reads tokens by itself refuses them."""
    hospital = person.town.address("hospital")
    token = honoured(hospital, rp, tokens(rp, person, (hospital,), "openid 48", PIETER))
    manager = office.with_role(StaffRole.CLIENT_MANAGER)
    assert manager.deciding.clients.end_grants(manager.asker, "rp-one", WHY, datetime.now(UTC)) >= 1
    while deliver(worker):
        pass
    assert status(hospital, token) == 401
    (told,) = receiver.heard
    claims = opened(person.town, told)[1]
    assert claims["events"] == {"urn:nl-vad:1.0:event:client-stopped": {"client_id": "rp-one"}}
    assert claims["sub_id"] == {"format": "opaque", "id": "rp-one"}


def test_a_young_person_stops_a_parent(
    acting_rp: RelyingParty,
    new_person: Callable[[], Person],
    worker: Upkeep,
    receiver: SecurityEventReceiver,
    backroom: Backroom,
) -> None:
    """The same event as for a mandate: who acted may not any more, in the words of the tokens that are out.

    For the last kind of data too, with which the consents end by which it is known where tokens are out.
    """
    queued = "SELECT count(*) FROM outbox WHERE kind = 'security-event'"
    standing = "SELECT count(*) FROM consents WHERE withdrawn_at IS NULL AND subject <> person_id"
    backroom.forget_assents()
    parent, young = new_person(), new_person()
    open_page(young)
    allow(young, kind_of(young, backroom, "48"), kind_of(young, backroom, "51"))
    held = act(acting_rp, parent, "Lotte")
    token = claims_of(acting_rp.exchange(held["access_token"], LAB).json()["access_token"])
    open_page(young)
    both = young.page
    for button, left in (("stop-1-1", 1), ("stop-1-2", 0)):
        # The second from a page that was opened before the first: one kind by itself, and the last.
        young.page = both
        young.press(button)
        assert backroom.ask(queued) == [(1,)]
        assert backroom.ask(standing) == [(left,)]
        assert deliver(worker) >= 1
        (told,) = (opened(young.town, each)[1] for each in receiver.heard)
        (content,) = told["events"].values()
        assert REVOKED in told["events"]
        assert (told["sub_id"]["sub"], content["act"]["sub"]) == (token["sub"], token["act"]["sub"])
        receiver.heard.clear()
    backroom.forget_assents()
