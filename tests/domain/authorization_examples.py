"""A situation at the authorization endpoint, ready to be changed, and what comes next in it."""

from typing import Any
from uuid import UUID

from tests.domain.domain_examples import (
    APP,
    AT,
    GP,
    HOSPITAL,
    authorization_request,
    client,
    consent,
    evidence,
    session,
    source,
)
from vad.domain.access import Facts
from vad.domain.assurance import LevelOfAssurance
from vad.domain.authorization import Issue, NextStep, Situation, next_step
from vad.domain.identifiers import ConsentId, ResourceId

HOSPITAL_SOURCE = source()
GP_SOURCE = source(identifier=GP, data_services=("49",), admitted={APP: frozenset({"49"})})
BOTH = {"scope": ("openid", "48", "49"), "resources": (HOSPITAL, GP)}
GIVEN_NOW = (ConsentId(UUID(int=48)),)
AT_GP = {"consent_id": ConsentId(UUID(int=49)), "resource": GP, "data_services": frozenset({"49"})}
SUBSTANTIEEL = LevelOfAssurance.SUBSTANTIEEL


def situation(**changes: Any) -> Situation:
    """Give a request of somebody who is logged in and has agreed; changes go to whatever they are about."""
    parts: dict[str, Any] = {
        "request": authorization_request(),
        "client": client(),
        "sources": (HOSPITAL_SOURCE,),
        "session": session(),
        "facts": Facts(evidence(), (consent(),)),
    }
    return Situation(**parts | changes)


def step(**changes: Any) -> NextStep:
    """Give what comes next in such a situation."""
    return next_step(situation(**changes), AT)


def sources_issued(given: NextStep) -> list[ResourceId | None]:
    """Give the sources of the permits on which a code rests."""
    assert isinstance(given, Issue), given
    return [None if permit.request.source is None else permit.request.source.identifier for permit in given.permits]
