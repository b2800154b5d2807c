"""The contents of tokens where somebody acts for another."""

from datetime import timedelta
from typing import Any

import pytest

from tests.domain.domain_examples import AT, HOSPITAL, ISSUER, MY_CHILD, acting_facts, client, permit
from vad.domain import claims
from vad.domain.access import Permit
from vad.domain.authorization_details import BASES
from vad.domain.claims import TokenContext
from vad.domain.ground import Basis

CONTEXT = TokenContext(ISSUER, AT, AT - timedelta(minutes=10))
PSEUDONYM = "urn:nl-eid-gdi:1.0:id:Pseudonym"


def acting_permit(**changes: Any) -> Permit:
    """Give the permit of a parent."""
    return permit(given=acting_facts(), subject=MY_CHILD, client=client(representation=True), **changes)


def test_a_token_of_somebody_who_acts() -> None:
    """RFC 8693 section 4.1: `sub` is whose data it is, `act` who asks; the ground stands beside it (rule 34)."""
    made = claims.access_token(
        acting_permit(), CONTEXT, sub="whose-data", act="who-acts", jti="jti", subject_identifier="sealed"
    )
    assert made.values["sub"] == "whose-data"
    assert made.values["act"] == {"iss": ISSUER, "sub": "who-acts"}
    assert made.values["authorization_details"] == [
        {
            "type": "nl.vad.representation",
            "basis": "urn:nl-eid-gdi:1.1:RT:Zorg_Volledig_Gezag_Kind",
            "locations": [HOSPITAL],
        }
    ]
    assert made.expires_at == AT + timedelta(seconds=300)


def test_an_id_token_of_somebody_who_acts() -> None:
    """Rule 34, NL GOV OIDC: `sub` stays who logged in, whatever the app understands; `represents` says for whom."""
    login = acting_permit(source=None, data_services=frozenset())
    made = claims.id_token(
        login, CONTEXT, sub="who-logged-in", represents="whose-data", sid="sid", jti="jti", nonce="nonce"
    )
    assert made.values["sub"] == "who-logged-in"
    assert made.values["represents"] == {"iss": ISSUER, "sub": "whose-data", "sub_id_type": PSEUDONYM}


@pytest.mark.parametrize(("allowed", "other"), [(permit(), "somebody"), (acting_permit(), None)])
def test_nobody_is_represented_silently(allowed: Permit, other: str | None) -> None:
    """Rule 34: a token names two people exactly where one acts for another."""
    with pytest.raises(TypeError):
        claims.access_token(allowed, CONTEXT, sub="sub", act=other, jti="jti", subject_identifier=None)
    with pytest.raises(TypeError):
        claims.id_token(allowed, CONTEXT, sub="sub", represents=other, sid="sid", jti="jti", nonce="nonce")


def test_every_ground_has_its_name() -> None:
    """docs/protocol.md: a ground without a name in tokens can't be given."""
    assert set(BASES) == set(Basis)
