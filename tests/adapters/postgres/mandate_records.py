"""Mandates for the tests of the stores."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from tests.adapters.postgres.postgres_records import (
    AT,
    BSN,
    OTHER_BSN,
    a_person,
)
from tests.support.database import FreshDatabase, ask
from vad.adapters.postgres.unit_of_work import PostgresWork
from vad.domain.identifiers import ClientId, MandateId, PersonId
from vad.domain.mandate import Mandate, MandateState, Permission, Route

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
S = MandateState


@pytest.fixture
def people(work: PostgresWork, database: FreshDatabase) -> tuple[PersonId, PersonId]:
    """Give two people who have nothing between them: whose data it is, and who acts."""
    ask(database.superuser_url, "UPDATE grants SET mandate_id = NULL")
    ask(database.superuser_url, "DELETE FROM permissions")
    ask(database.superuser_url, "DELETE FROM mandate_letters")
    ask(database.superuser_url, "DELETE FROM mandates")
    return a_person(work, BSN), a_person(work, OTHER_BSN)


def an_offer(people: Sequence[PersonId], *services: str, client: str | None = None) -> Mandate:
    """Give an offer that nobody has its code of."""
    return Mandate(
        mandate_id=MandateId(uuid4()),
        route=Route.OFFER,
        state=S.OFFERED,
        represented=people[0],
        representative=None,
        permissions=tuple(
            Permission(uuid4(), each, None, ClientId(client) if client else None) for each in services or ("48",)
        ),
        starts_at=AT,
        ends_at=AT + 365 * DAY,
        made_at=AT,
        answer_by=AT + 30 * DAY,
        changed_at=AT,
        label="Fleur van buiten",
    )


def added(work: PostgresWork, mandate: Mandate) -> bytes:
    """Store it; returns the hash of its code."""
    code_hash = secrets.token_bytes(32)
    with work() as tx:
        tx.mandates.add(mandate, code_hash)
        tx.commit()
    return code_hash


def kept(work: PostgresWork, *mandates: Mandate) -> list[bool]:
    """Write these versions."""
    with work() as tx:
        done = [tx.mandates.keep(each) for each in mandates]
        tx.commit()
    return done


def in_force(work: PostgresWork, people: Sequence[PersonId], *services: str, client: str | None = None) -> Mandate:
    """Let a mandate come into force."""
    offered = an_offer(people, *services, client=client)
    added(work, offered)
    reached = offered.reached(people[1], AT)
    active = reached.moved(S.ACTIVE, AT)
    assert kept(work, reached, active) == [True, True]
    return replace(active, label="")
