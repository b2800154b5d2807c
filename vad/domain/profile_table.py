"""What each published profile demands of a client, side by side: the one table that every endpoint reads."""

from collections.abc import Mapping
from types import MappingProxyType

from vad.domain.profile import (
    BY_KEY,
    BY_SECRET,
    GRANT_TYPES,
    OPENID_SCOPES,
    Audience,
    ClientAuthentication,
    Demand,
    Profile,
    Rules,
    UserInfoShape,
)

_REQUIRED, _OPTIONAL, _REFUSED = Demand.REQUIRED, Demand.OPTIONAL, Demand.REFUSED

RULES: Mapping[Profile, Rules] = MappingProxyType(
    {
        Profile.NLGOV: Rules(
            client_authentication=BY_KEY,
            assertion_audience=Audience.ENDPOINT_OR_ISSUER,
            assertion_jti=_REQUIRED,
            assertion_iat=_REQUIRED,
            assertion_algorithms=("ES256", "PS256", "RS256", "EdDSA"),
            pushed_request=_OPTIONAL,
            code_challenge=_REQUIRED,
            openid=_REQUIRED,
            state=_REQUIRED,
            nonce=_REQUIRED,
            request_object=_OPTIONAL,
            request_uri=_OPTIONAL,
            request_object_algorithms=("ES256", "PS256", "RS256", "EdDSA"),
            request_object_claims=_OPTIONAL,
            bound_tokens=_OPTIONAL,
            refresh_rotation=_REQUIRED,
            id_token_algorithms=("ES256", "RS256", "PS256"),
        ),
        Profile.FAPI2: Rules(
            client_authentication=BY_KEY,
            assertion_audience=Audience.ISSUER,
            assertion_jti=_REQUIRED,
            assertion_iat=_OPTIONAL,
            assertion_algorithms=("PS256", "ES256", "EdDSA"),
            pushed_request=_REQUIRED,
            code_challenge=_REQUIRED,
            openid=_OPTIONAL,
            state=_OPTIONAL,
            nonce=_OPTIONAL,
            request_object=_OPTIONAL,
            request_uri=_REFUSED,
            request_object_algorithms=("PS256", "ES256", "EdDSA"),
            request_object_claims=_REQUIRED,
            bound_tokens=_REQUIRED,
            refresh_rotation=_REFUSED,
            id_token_algorithms=("PS256", "ES256"),
            access_token_algorithms=("PS256", "ES256"),
        ),
        Profile.BASIC: Rules(
            client_authentication=(*BY_SECRET, *BY_KEY),
            assertion_audience=Audience.ENDPOINT_OR_ISSUER,
            assertion_jti=_REQUIRED,
            assertion_iat=_OPTIONAL,
            assertion_algorithms=("ES256", "PS256", "RS256", "EdDSA"),
            pushed_request=_OPTIONAL,
            code_challenge=_OPTIONAL,
            openid=_REQUIRED,
            state=_OPTIONAL,
            nonce=_OPTIONAL,
            request_object=_OPTIONAL,
            request_uri=_OPTIONAL,
            request_object_algorithms=("ES256", "PS256", "RS256", "EdDSA"),
            request_object_claims=_OPTIONAL,
            bound_tokens=_OPTIONAL,
            refresh_rotation=_REQUIRED,
            id_token_algorithms=("RS256", "ES256", "PS256"),
            longest_assertion=3600,
            scopes_passed_over=OPENID_SCOPES,
            standard_claims=True,
        ),
        Profile.MINISTRY: Rules(
            client_authentication=(ClientAuthentication.PRIVATE_KEY_JWT, *BY_SECRET, ClientAuthentication.NONE),
            secret_either_way=True,
            assertion_audience=Audience.ENDPOINT,
            assertion_jti=_OPTIONAL,
            assertion_iat=_OPTIONAL,
            assertion_algorithms=("RS256",),
            pushed_request=_REFUSED,
            code_challenge=_REQUIRED,
            openid=_REQUIRED,
            state=_REQUIRED,
            nonce=_REQUIRED,
            request_object=_REFUSED,
            request_uri=_REFUSED,
            request_object_algorithms=(),
            request_object_claims=_REFUSED,
            bound_tokens=_REFUSED,
            refresh_rotation=_REQUIRED,
            id_token_algorithms=("RS256",),
            grant_types=GRANT_TYPES[:1],
            longest_state=4096,
            scopes_passed_over=frozenset({"authorization_by_proxy"}),
            userinfo=UserInfoShape.NAME_IN_PARTS,
            answer_encryption=(("RSA-OAEP", "A128CBC-HS256"),),
            former_subject=True,
            renewable_login=True,
            acting=_REFUSED,
            client_list=True,
            former_addresses=True,
            declined="login_required",
            not_registered="unauthorized_client",
        ),
    }
)
"""One column per profile."""

OF_SOURCES = RULES[Profile.NLGOV]
"""The column that data sources go by, as no profile is about them: how they sign what they prove themselves with."""
NOBODY = RULES[Profile.NLGOV]
"""The column of whoever is no client that we know."""
