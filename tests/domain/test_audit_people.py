"""Whom an event names beside who did it and whose data it is."""

from uuid import uuid4

from vad.domain.audit_people import CONCERNING, NAMED, TOLD, WEIGHED, concerning, named
from vad.domain.identifiers import PersonId

ONE, TWO = sorted((PersonId(uuid4()), PersonId(uuid4())), key=str)


def test_each_key_names_somebody() -> None:
    """A list names all of its people; what is no person's id, as in the evidence of whoever looked, names nobody."""
    evidence = {key: str(ONE) for key in NAMED if key != CONCERNING} | concerning([TWO, ONE])
    assert list(named(evidence)) == [(key, ONE) for key in NAMED if key != CONCERNING] + [
        (CONCERNING, ONE),
        (CONCERNING, TWO),
    ]
    assert list(named({"representative": None, "person": "ABCDE-FGHIJ", "concerning": [None], "by": str(ONE)})) == []
    assert concerning([]) == {}


def test_what_staff_weigh_is_nothing_that_somebody_was_told() -> None:
    """Nobody is warned of a signal or a block by way of their own data."""
    assert set(TOLD).isdisjoint(WEIGHED)
    assert {"against", "person", CONCERNING} <= set(WEIGHED)
