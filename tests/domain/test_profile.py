"""What each profile demands, cell by cell, as the published texts have it."""

from dataclasses import fields
from itertools import product

import pytest

from vad.domain.profile import (
    BY_CERTIFICATE,
    GRANT_TYPES,
    OPENID_SCOPES,
    Audience,
    ClientAuthentication,
    Demand,
    Profile,
    Rules,
    UserInfoShape,
)
from vad.domain.profile_table import NOBODY, OF_SOURCES, RULES
from vad.domain.profiles_allowed import Profiles

REQUIRED, OPTIONAL, REFUSED = Demand.REQUIRED, Demand.OPTIONAL, Demand.REFUSED
EITHER = Audience.ENDPOINT_OR_ISSUER
MODERN = tuple(product(("ECDH-ES", "ECDH-ES+A256KW", "RSA-OAEP-256"), ("A256GCM", "A128CBC-HS256")))
BY_KEY = ClientAuthentication.PRIVATE_KEY_JWT
KEYS = (BY_KEY, ClientAuthentication.TLS_CLIENT_AUTH, ClientAuthentication.SELF_SIGNED_TLS_CLIENT_AUTH)
SECRETS = (ClientAuthentication.CLIENT_SECRET_BASIC, ClientAuthentication.CLIENT_SECRET_POST)
FAPI = ("PS256", "ES256", "EdDSA")
"""FAPI 2.0 Security Profile section 5.4.1."""
ALL_THREE = ("ES256", "RS256", "PS256")
GOVERNMENT = ("ES256", "PS256", "RS256", "EdDSA")
TABLE = {
    # In this order: nlgov, fapi2, basic, ministry.
    "client_authentication": (
        KEYS,
        KEYS,
        (*SECRETS, *KEYS),
        (BY_KEY, *SECRETS, ClientAuthentication.NONE),
    ),
    "assertion_algorithms": (GOVERNMENT, FAPI, GOVERNMENT, ("RS256",)),
    "request_object_algorithms": (GOVERNMENT, FAPI, GOVERNMENT, ()),
    # The first is for whoever did not choose.
    "id_token_algorithms": (
        ALL_THREE,
        ("PS256", "ES256"),
        ("RS256", "ES256", "PS256"),
        ("RS256",),
    ),
    "assertion_audience": (EITHER, Audience.ISSUER, EITHER, Audience.ENDPOINT),
    "assertion_jti": (REQUIRED, REQUIRED, REQUIRED, OPTIONAL),
    "assertion_iat": (REQUIRED, OPTIONAL, OPTIONAL, OPTIONAL),
    "longest_assertion": (300, 300, 3600, 300),
    "pushed_request": (OPTIONAL, REQUIRED, OPTIONAL, REFUSED),
    "code_challenge": (REQUIRED, REQUIRED, OPTIONAL, REQUIRED),
    "openid": (REQUIRED, OPTIONAL, REQUIRED, REQUIRED),
    "state": (REQUIRED, OPTIONAL, OPTIONAL, REQUIRED),
    "nonce": (REQUIRED, OPTIONAL, OPTIONAL, REQUIRED),
    "request_object": (OPTIONAL, OPTIONAL, OPTIONAL, REFUSED),
    "request_uri": (OPTIONAL, REFUSED, OPTIONAL, REFUSED),
    "request_object_claims": (OPTIONAL, REQUIRED, OPTIONAL, REFUSED),
    "bound_tokens": (OPTIONAL, REQUIRED, OPTIONAL, REFUSED),
    "grant_types": (GRANT_TYPES, GRANT_TYPES, GRANT_TYPES, ("authorization_code",)),
    "secret_either_way": (False, False, False, True),
    "longest_state": (2048, 2048, 2048, 4096),
    "scopes_passed_over": (*(OPENID_SCOPES,) * 3, {"authorization_by_proxy"}),
    "userinfo": (*(UserInfoShape.STANDARD,) * 3, UserInfoShape.NAME_IN_PARTS),
    "answer_encryption": (*(MODERN,) * 3, (("RSA-OAEP", "A128CBC-HS256"),)),
    "former_subject": (False, False, False, True),
    "renewable_login": (False, False, False, True),
    "acting": (OPTIONAL, OPTIONAL, OPTIONAL, REFUSED),
    "client_list": (False, False, False, True),
    "former_addresses": (False, False, False, True),
    "standard_claims": (False, False, True, False),
    "access_token_algorithms": (ALL_THREE, ("PS256", "ES256"), ALL_THREE, ALL_THREE),
    "declined": ("access_denied", "access_denied", "access_denied", "login_required"),
    "not_registered": (*("invalid_request",) * 3, "unauthorized_client"),
    "refresh_rotation": (REQUIRED, REFUSED, REQUIRED, REQUIRED),
}


@pytest.mark.parametrize("name", TABLE)
def test_each_cell_is_as_published(name: str) -> None:
    """One rule, in all four profiles."""
    assert tuple(getattr(RULES[profile], name) for profile in Profile) == TABLE[name]


def test_every_rule_is_looked_at() -> None:
    """A rule that is added gets its four cells here; who follows no profile has a column of it."""
    assert {field.name for field in fields(Rules)} == set(TABLE)
    assert set(RULES) == set(Profile)
    assert all(len(cells) == len(Profile) for cells in TABLE.values())
    assert OF_SOURCES is NOBODY is RULES[Profile.NLGOV]


def test_how_clients_prove_themselves() -> None:
    """A key everywhere, a certificate but for the ministry's clients; secrets where an installation allows `basic`."""
    methods = {profile: set(rules.client_authentication) for profile, rules in RULES.items()}
    assert methods[Profile.NLGOV] == methods[Profile.FAPI2] == {BY_KEY, *BY_CERTIFICATE}
    assert methods[Profile.BASIC] == {BY_KEY, *BY_CERTIFICATE, *SECRETS}
    assert methods[Profile.MINISTRY] == {BY_KEY, *SECRETS, ClientAuthentication.NONE}


def test_what_is_signed_with() -> None:
    """FAPI forbids PKCS #1 v1.5; `none` and HMAC are nowhere."""
    fapi2 = RULES[Profile.FAPI2]
    strict = {*fapi2.assertion_algorithms, *fapi2.request_object_algorithms, *fapi2.id_token_algorithms}
    assert strict == set(FAPI)
    assert set(fapi2.access_token_algorithms) < set(FAPI)
    for rules in RULES.values():
        signed = {*rules.assertion_algorithms, *rules.request_object_algorithms, *rules.id_token_algorithms}
        assert signed <= {*FAPI, "RS256"}


def test_an_installation_says_what_it_allows() -> None:
    """The union of its profiles, each name once; a client that proves nothing is not told of."""
    strict, everything = Profiles((Profile.FAPI2,)), Profiles(tuple(Profile))
    assert strict.client_authentication == (BY_KEY,)
    assert set(strict.assertion_algorithms) == set(strict.request_object_algorithms) == set(FAPI)
    assert strict.pushed_request_required
    assert (strict.unproved_clients, everything.unproved_clients) == (False, True)
    assert set(everything.client_authentication) == {BY_KEY, *SECRETS}
    behind = Profiles((Profile.FAPI2,), certificates=True)
    assert behind.client_authentication == (BY_KEY, *BY_CERTIFICATE)
    assert behind.certificate_bound_tokens
    assert not strict.certificate_bound_tokens
    assert not Profiles((Profile.MINISTRY,), certificates=True).certificate_bound_tokens
    assert len(everything.assertion_algorithms) == len({*everything.assertion_algorithms}) == len(FAPI) + 1
    assert not everything.pushed_request_required
    assert (strict.not_registered, everything.not_registered) == ("invalid_request", "unauthorized_client")
    ministry = Profiles((Profile.MINISTRY,))
    for name in ("renewable_login", "client_list", "former_addresses"):
        assert (getattr(strict, name), getattr(ministry, name), getattr(everything, name)) == (False, True, True)
