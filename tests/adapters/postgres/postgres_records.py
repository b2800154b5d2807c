"""Records for the tests of the stores."""

import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import TypeVar
from uuid import uuid4

from tests.support.database import ask
from vad.adapters.postgres.unit_of_work import PostgresWork
from vad.adapters.vault.keyring import KeyRing, Purpose
from vad.domain.assurance import LevelOfAssurance
from vad.domain.client import Client, DataService, IdentifierType, ResourceServer
from vad.domain.consent import UNUSED_LIFE, Consent, Duration
from vad.domain.grant import Grant
from vad.domain.identifiers import Bsn, ClientId, ConsentId, GrantId, PersonId, ResourceId, Sid
from vad.services.ports.conditions import GrantMade
from vad.services.ports.log_search import LogFilter

AT = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
FOREVER = datetime(2100, 1, 1, tzinfo=UTC)
BSN = Bsn("999991772")
OTHER_BSN = Bsn("999990019")
HOSPITAL = ResourceId("https://ziekenhuis.example")
PGO = ClientId("pgo")

T = TypeVar("T")


def a_person(work: PostgresWork, bsn: Bsn = BSN) -> PersonId:
    """Return the person with this BSN, stored."""
    with work() as tx:
        person = tx.persons.find_or_add(bsn, AT)
        tx.commit()
    return person.person_id


def make_known(migrate_url: str, ring: KeyRing) -> None:
    """Store this ring's look-up key, unopenable: persons are admitted by the keys of the database alone."""
    key = ring.active(Purpose.LOOKUP)
    statement = """
        INSERT INTO keys (key_id, purpose, algorithm, state, sealed, created_at)
        VALUES (%s, %s, %s, 'active', '', now()) ON CONFLICT DO NOTHING
    """
    ask(migrate_url, statement, (key.key_id, key.purpose.value, key.algorithm))


def a_grant(person: PersonId, sid: str = "sid") -> Grant:
    """Return a grant with a code of its own."""
    return Grant(
        grant_id=GrantId(uuid4()),
        code_hash=secrets.token_bytes(32),
        sid=Sid(sid),
        client_id=PGO,
        actor=person,
        subject=person,
        level=LevelOfAssurance.SUBSTANTIEEL,
        auth_time=AT,
        session_ends_at=AT + timedelta(hours=2),
        data_services=frozenset({"48", "63"}),
        resources=(HOSPITAL,),
        consents=(ConsentId(uuid4()), ConsentId(uuid4())),
        created_at=AT,
    )


def make(work: PostgresWork, grant: Grant) -> Grant:
    """Store a grant, as the redemption of its code does."""
    with work() as tx:
        assert tx.commit_if(GrantMade(grant, AT, None))
    return grant


def a_consent(person: PersonId, duration: Duration = Duration.UNTIL_STOPPED, until: datetime | None = None) -> Consent:
    """Return a consent of this person for the hospital."""
    return Consent(
        consent_id=ConsentId(uuid4()),
        person_id=person,
        subject=person,
        client_id=PGO,
        resource=HOSPITAL,
        data_services=frozenset({"48"}),
        duration=duration,
        given_at=AT,
        until=until or AT + UNUSED_LIFE,
    )


def a_client(client_id: str = "pgo", *, name: str = "Mijn Zorgmap") -> Client:
    """Return a registration of an app."""
    return Client(
        client_id=ClientId(client_id),
        name=name,
        organisation="Zorgmap B.V.",
        redirect_uris=("https://pgo.example/callback",),
        jwks=({"kty": "EC", "crv": "P-256", "x": "x", "y": "y", "use": "sig"},),
        sector=client_id,
        grant_types=frozenset({"authorization_code", "refresh_token"}),
        post_logout_redirect_uris=("https://pgo.example/uitgelogd", "https://pgo.example/"),
        backchannel_logout_uri="https://pgo.example/sessie-voorbij",
        backchannel_logout_session_required=True,
    )


def a_source(identifier: str = HOSPITAL, *, admits: str = "pgo") -> ResourceServer:
    """Return a registration of a data source that admits one app to all it has."""
    return ResourceServer(
        identifier=ResourceId(identifier),
        name="Ziekenhuis Oost",
        organisation="Ziekenhuis Oost",
        data_services=("48", "9"),
        identifier_type=IdentifierType.BSN_JWE,
        encryption_jwk={"kty": "EC", "crv": "P-256", "x": "x", "y": "y", "use": "enc"},
        access_token_lifetime=timedelta(seconds=120),
        admitted={ClientId(admits): frozenset({"48", "9"})},
    )


SERVICES = (DataService("48", "Basisgegevens", "Basic data"), DataService("9", "Huisarts", "GP"))


def all_at_once(number: int, act: Callable[[], T]) -> list[T]:
    """Let this many threads do the same at the same moment; return what each got."""
    barrier = Barrier(number)

    def run(_index: int) -> T:
        barrier.wait()
        return act()

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(run, range(number)))


def logged_about(work: PostgresWork, person: PersonId, since: datetime) -> int:
    """How many events there are with this person on either side, since a moment."""
    with work() as tx:
        return tx.log.count(LogFilter(since=since, until=FOREVER, person=person), 100)
