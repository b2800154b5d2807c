"""Apps register themselves for what the installation has, whatever their profile has."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.support.town import Town
from tests.web.oidc.registering import Issue, call, issued, key, metadata
from vad.domain.errors import ProtocolError
from vad.domain.profile import Profile
from vad.domain.profiles_allowed import Profiles

__all__ = ["issued", "key"]


def test_what_an_installation_does_not_have_is_not_registered(
    vad_town: Town, issued: Issue, key: dict[str, Any]
) -> None:
    """Where no proxy passes certificates on nobody proves anything by one; a profile may have been taken out since."""
    inside, at = vad_town.app.extensions["vad.services"].registration, datetime.now(UTC)
    by_name = metadata(token_endpoint_auth_method="tls_client_auth", tls_client_auth_san_dns="app.example")
    bound = metadata(key, tls_client_certificate_bound_access_tokens=True)
    few, token = replace(inside, profiles=Profiles((Profile.NLGOV,))), issued(uses=2)
    for wanted in (by_name, bound):
        with pytest.raises(ProtocolError, match="certificate"):
            few.register(token, wanted, at)
        assert call(vad_town, "POST", token, wanted).status_code == 201
    with pytest.raises(ProtocolError, match="basic"):
        few.register(issued(profile="basic"), metadata(), at)
