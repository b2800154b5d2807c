"""What a source makes of tokens of people who act for others (RFC 8693 section 4.1)."""

from typing import Any

import pytest

from tests.sandbox.fake_issuer import BSN, BSN_TYPE, inner
from tests.sandbox.test_token_check import ACT, ISSUER, KEY, SOURCE, acting, allowed, detail, good, reason
from vad.sandbox.refusals import Reason
from vad.sandbox.token_check import MANDATE, PARENTAL_AUTHORITY, PARENTAL_AUTHORITY_AND_ASSENT


def test_a_parent_acts_for_a_child() -> None:
    """RFC 8693, section 4.1: the data is the subject's, whoever asks; the source hears that somebody else does."""
    assert allowed(acting()).identifier == BSN
    assert allowed(acting()).acts
    agreed = detail(basis=PARENTAL_AUTHORITY_AND_ASSENT)
    assert allowed(ISSUER.sign(good(act=ACT, authorization_details=[agreed]))).acts
    assert not allowed(ISSUER.sign(good())).acts


def test_somebody_acts_on_a_mandate() -> None:
    """The ground and what is sealed say the same: which mandate it is stands there exactly where there is one."""
    given = {"act": ACT, "authorization_details": [detail(basis=MANDATE)]}
    content = {"sub": BSN, "sub_id_type": BSN_TYPE, "aud": SOURCE, "jti": "j"}
    named = inner(KEY, **content, mandate_id="5e1f")
    assert allowed(ISSUER.sign(good(jti="j", subject_identifier=named, **given))).acts
    for wrong in (
        good(jti="j", subject_identifier=inner(KEY, **content), **given),
        good(jti="j", subject_identifier=named),
    ):
        assert reason(ISSUER.sign(wrong)) is Reason.REPRESENTATION


@pytest.mark.parametrize(
    ("basis", "act"),
    [
        ("self", ACT),
        ("mandate", ACT),
        (PARENTAL_AUTHORITY.upper(), ACT),
        (PARENTAL_AUTHORITY, None),
        (PARENTAL_AUTHORITY_AND_ASSENT, None),
        (PARENTAL_AUTHORITY, {}),
        (PARENTAL_AUTHORITY, "the parent"),
        (PARENTAL_AUTHORITY, [ACT]),
        (PARENTAL_AUTHORITY, {"sub": "the parent"}),
        (PARENTAL_AUTHORITY, {"iss": ISSUER.url}),
        (PARENTAL_AUTHORITY, ACT | {"iss": "http://localhost:9999"}),
        (PARENTAL_AUTHORITY, ACT | {"iss": [ISSUER.url]}),
        (PARENTAL_AUTHORITY, ACT | {"sub": ""}),
        (PARENTAL_AUTHORITY, ACT | {"sub": 1}),
        (PARENTAL_AUTHORITY, ACT | {"sub": "pairwise"}),
        (PARENTAL_AUTHORITY, ACT | {"act": ACT}),
        (PARENTAL_AUTHORITY, ACT | {"sub_id_type": BSN_TYPE}),
    ],
)
def test_ground_and_actor_must_fit_each_other(basis: str, act: Any) -> None:
    """One other person of this issuer exactly where a parent acts, and nothing that is not understood."""
    token = ISSUER.sign(good(act=act, authorization_details=[detail(basis=basis)]))
    assert reason(token) is Reason.REPRESENTATION
