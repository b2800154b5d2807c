"""Audit events."""

import re
from dataclasses import FrozenInstanceError, fields

import pytest

from tests.domain.domain_examples import ME
from vad.domain import (
    approval_events,
    audit,
    audit_keys,
    case_events,
    inquiry_events,
    log_events,
    mandate_events,
    registration_events,
    staff_events,
)
from vad.domain.audit import AuditEvent, Outcome

EVENTS = AuditEvent.__subclasses__()
PERSONAL = {"bsn", "name", "birth", "token", "code", "email", "address"}


def test_one_class_per_event() -> None:
    """Rule 39: every class of the modules is an event of its own, none is made out of another."""
    assert EVENTS
    assert all(not event.__subclasses__() for event in EVENTS)
    assert {event.__name__ for event in EVENTS} == {
        name
        for module in (
            audit,
            audit_keys,
            case_events,
            mandate_events,
            approval_events,
            inquiry_events,
            staff_events,
            log_events,
            registration_events,
        )
        for name, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, AuditEvent) and value is not AuditEvent
    }


@pytest.mark.parametrize("event", EVENTS)
def test_has_a_type_outcome_and_meaning(event: type[AuditEvent]) -> None:
    """Rule 39: each event names its type and outcome, and its docstring says what happened."""
    assert re.fullmatch(r"[a-z]+(\.[a-z_]+)+", vars(event)["type"])
    assert isinstance(event.outcome, Outcome)
    assert (event.__doc__ or "").strip() != (AuditEvent.__doc__ or "").strip()


def test_types_are_unique() -> None:
    """Rule 39: a type in the log leads to one class."""
    assert len({event.type for event in EVENTS}) == len(EVENTS)


@pytest.mark.parametrize("event", [event for event in EVENTS if re.search(r"refused|failed|revoked", event.type)])
def test_what_went_against_somebody_is_a_refusal(event: type[AuditEvent]) -> None:
    """Rule 39: refusals are found by their outcome."""
    assert event.outcome is Outcome.REFUSED


@pytest.mark.parametrize("event", EVENTS)
def test_frozen(event: type[AuditEvent]) -> None:
    """Rule 39: what happened does not change; neither its fields nor anything added to it."""
    happened = event(actor=ME)
    for name in ("actor", "reason", "evidence"):
        with pytest.raises(FrozenInstanceError):
            setattr(happened, name, None)
    with pytest.raises((AttributeError, TypeError)):
        happened.note = "x"  # type: ignore[attr-defined]
    with pytest.raises(FrozenInstanceError):
        del happened.actor
    assert happened.actor == ME


def test_same_content_of_another_type_is_another_event() -> None:
    """Rule 39: the type is part of what an event says."""
    given: AuditEvent = audit.ConsentGiven(actor=ME)
    refused: AuditEvent = audit.ConsentRefused(actor=ME)
    assert given == audit.ConsentGiven(actor=ME)
    assert given != refused


def test_no_room_for_personal_data() -> None:
    """Rule 31: no event has a field for a BSN, a name or a token."""
    names = {field.name for field in fields(AuditEvent)}
    assert names == {
        "actor",
        "staff",
        "represented",
        "client_id",
        "resource",
        "sid",
        "grant_id",
        "basis",
        "reason",
        "evidence",
        "erasable",
    }
    assert not names & PERSONAL


def test_evidence_is_not_shared() -> None:
    """Each event has evidence of its own."""
    assert audit.TokenIssued().evidence is not audit.TokenIssued().evidence
