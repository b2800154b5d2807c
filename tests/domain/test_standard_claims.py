"""Claims about a person: what asks for them, what an agreement covers, and who may ask at all."""

from dataclasses import replace

import pytest

from tests.domain.domain_examples import AT, access_request, client, consent, evidence
from vad.domain import standard_claims
from vad.domain.access import Deny, Facts, Permit, decide, own_consented
from vad.domain.claims import scope_of, told_scope
from vad.domain.ground import DenyReason
from vad.domain.identifiers import ResourceId
from vad.domain.profile import ClientAuthentication, Profile

AT_VAD = ResourceId("https://vad.example")
BASIC = client(profile=Profile.BASIC, token_endpoint_auth_method=ClientAuthentication.CLIENT_SECRET_BASIC)


def test_what_asks_for_what() -> None:
    """OIDC Core 5.4 and 5.5: a scope for all of its claims; one by its name where no scope that was asked holds it."""
    assert standard_claims.asked(("openid", "email"), ("email", "name", "name")) == ("claim:name",)
    assert standard_claims.names(("openid", "48", "email", "claim:name")) == {"email", "email_verified", "name"}
    assert standard_claims.names(("claim:sub", "claim:person", "claim:")) == frozenset()
    assert {*map(standard_claims.by_name, standard_claims.SCOPES)} == {False}


def test_a_scope_covers_its_claims_and_no_claim_its_scope() -> None:
    """Rule 3: who agreed to the whole agreed to each part, and never the other way round."""
    asked = access_request(source=None, client=BASIC)
    for given, covered in (("profile", "claim:name"), ("profile", "profile"), ("claim:name", "claim:name")):
        facts = Facts(evidence(), (consent(resource=AT_VAD, data_services=frozenset({given})),))
        assert covered in own_consented(asked, facts, AT)
    one = Facts(evidence(), (consent(resource=AT_VAD, data_services=frozenset({"claim:name"})),))
    assert own_consented(asked, one, AT) == {"claim:name"}


@pytest.mark.parametrize("profile", [each for each in Profile if each is not Profile.BASIC])
def test_profile_basic_alone(profile: Profile) -> None:
    """ADR 0037: no other profile gets them, whatever stands in a grant or was agreed to; and none at a source."""
    facts = Facts(evidence(), (consent(resource=AT_VAD, data_services=frozenset({"email", "claim:name"})),))
    asked = access_request(source=None, data_services=frozenset({"email", "claim:name"}), client=BASIC)
    permit = decide(asked, facts, AT)
    assert isinstance(permit, Permit)
    assert (scope_of(permit), told_scope(permit)) == ("openid claim:name email", "openid email")
    assert decide(replace(asked, client=client(profile=profile)), facts, AT) == Deny(DenyReason.NOT_QUALIFIED)
    without = Facts(evidence(), (consent(resource=AT_VAD, data_services=frozenset()),))
    assert decide(asked, without, AT) == Deny(DenyReason.NO_CONSENT)
