"""Rich authorization requests (RFC 9396 section 5): what is not exactly of the type that VAD knows is refused."""

import json
from typing import Any

import pytest

from tests.domain.authorization_examples import step
from tests.domain.domain_examples import authorization_request
from vad.domain.authorization import Issue, Refuse
from vad.domain.authorization_details import BASES, REPRESENTATION, RequestedDetails, granted, read
from vad.domain.errors import ProtocolError
from vad.domain.ground import Basis, DenyReason

SOURCE = "https://source.example"
PARENT = BASES[Basis.PARENTAL_AUTHORITY]


def asked(**members: Any) -> RequestedDetails:
    """Read one object of the type, with these members."""
    return read(json.dumps([{"type": REPRESENTATION, **members}]))


def test_what_may_be_asked() -> None:
    """Sources, and one ground; either may be left out, and so may the whole parameter."""
    assert read("") == asked() == RequestedDetails()
    assert asked(locations=[SOURCE]).locations == (SOURCE,)
    assert asked(basis=PARENT).basis is Basis.PARENTAL_AUTHORITY


@pytest.mark.parametrize("basis", Basis)
def test_what_was_granted_can_be_asked_again(basis: Basis) -> None:
    """The same words both ways."""
    again = read(json.dumps(granted(basis, [SOURCE])))
    assert again == RequestedDetails((SOURCE,), basis)


BAD: list[Any] = [
    "[",
    {},
    [],
    ["nl.vad.representation"],
    [{}],
    [{"type": "account_information"}],
    [{"type": [REPRESENTATION]}],
    [{"type": REPRESENTATION}, {"type": REPRESENTATION}],
    [{"type": REPRESENTATION}, {"type": "other"}],
    [{"type": REPRESENTATION, "actions": ["read"]}],
    [{"type": REPRESENTATION, "locations": SOURCE}],
    [{"type": REPRESENTATION, "locations": []}],
    [{"type": REPRESENTATION, "locations": [SOURCE, SOURCE]}],
    [{"type": REPRESENTATION, "locations": [1]}],
    [{"type": REPRESENTATION, "locations": [""]}],
    [{"type": REPRESENTATION, "locations": [f"{SOURCE}/{number}" for number in range(17)]}],
    [{"type": REPRESENTATION, "basis": "everything"}],
    [{"type": REPRESENTATION, "basis": [PARENT]}],
    [{"type": REPRESENTATION, "basis": None}],
]


@pytest.mark.parametrize("value", BAD)
def test_what_is_not_understood_is_refused(value: Any) -> None:
    """Section 5: an unknown type, unknown members, values of another kind."""
    with pytest.raises(ProtocolError) as refused:
        read(value if isinstance(value, str) else json.dumps(value))
    assert refused.value.error == "invalid_authorization_details"


def test_another_ground_than_the_one_asked_for_is_none() -> None:
    """An app that wants no data of others gets none, and one that wants them gets nobody's own."""
    assert isinstance(step(request=authorization_request(basis=Basis.SELF)), Issue)
    assert step(request=authorization_request(basis=Basis.MANDATE)) == Refuse(DenyReason.NO_GROUND)
