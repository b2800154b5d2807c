"""A person's reference for staff: keyed, the same for ever, and it leads back to its person alone (rule 40)."""

import os
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vad.adapters.vault.generation import create_secret
from vad.adapters.vault.keyring import KeyRing, KeyState, Purpose
from vad.adapters.vault.master_key import MasterKey
from vad.adapters.vault.person_references import AesPersonReferences
from vad.domain.identifiers import PersonId


def _references() -> AesPersonReferences:
    master = MasterKey(os.urandom(32))
    return AesPersonReferences(
        KeyRing(master, [create_secret(master, Purpose.PAIRWISE, KeyState.ACTIVE, datetime.now(UTC))])
    )


REFERENCES, OTHERS = _references(), _references()


@given(st.uuids())
def test_it_leads_back(value: UUID) -> None:
    """Typed in small letters and with other groups as well; under another key it is another one."""
    reference = REFERENCES.of(PersonId(value))
    assert REFERENCES.person(reference) == value
    assert REFERENCES.person(f" {reference.lower().replace('-', ' ')} ") == value
    assert REFERENCES.of(PersonId(value)) == reference
    assert OTHERS.of(PersonId(value)) != reference
    assert value.hex not in reference.replace("-", "").lower()


def test_it_can_be_typed() -> None:
    """Five groups of five, and one letter."""
    reference = REFERENCES.of(PersonId(uuid4()))
    assert [len(group) for group in reference.split("-")] == [5, 5, 5, 5, 5, 1]


@pytest.mark.parametrize("typed", ["", "999991772", "A" * 25, "A" * 27, "1" * 26, "é" * 26])
def test_what_is_no_reference_leads_nowhere(typed: str) -> None:
    """A BSN above all."""
    assert REFERENCES.person(typed) is None
