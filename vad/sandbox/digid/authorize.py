"""The authorization request, as DigiD takes it: with a level of assurance."""

from collections.abc import Mapping
from dataclasses import dataclass

from werkzeug.datastructures import MultiDict

from vad.sandbox.digid.config import Config
from vad.sandbox.digid.levels import MIDDEN, Level, by_uri
from vad.sandbox.openid.requests import Faults, checked


@dataclass(frozen=True)
class AuthorizationRequest:
    """A request that passed every check."""

    redirect_uri: str
    state: str
    nonce: str
    code_challenge: str
    minimum: Level


def parse(parameters: MultiDict[str, str], config: Config) -> AuthorizationRequest:
    """Check a request. Raises `UntrustedRequestError` or `RefusedRequestError`."""
    given = checked(parameters, config.client_id, config.redirect_uris, _faults)
    minimum = by_uri(given["acr_values"]) if "acr_values" in given else MIDDEN
    return AuthorizationRequest(
        given["redirect_uri"], given["state"], given["nonce"], given["code_challenge"], minimum or MIDDEN
    )


def _faults(parameters: MultiDict[str, str], given: Mapping[str, str]) -> Faults:
    unknown_level = "acr_values" in parameters and by_uri(given.get("acr_values", "")) is None
    yield unknown_level, "invalid_request", "acr_values must be one level of assurance"
