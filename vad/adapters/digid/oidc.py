"""The port `IdentityProvider` over OpenID Connect, as DigiD speaks it: levels of assurance, an encrypted ID token."""

from collections.abc import Mapping
from datetime import datetime

from vad.adapters.digid.id_token import DigidIdTokenCheck
from vad.adapters.http.caller import HttpCaller
from vad.adapters.jose.nested import open_nested
from vad.adapters.oidc.provider import Jwks
from vad.adapters.oidc.relying_party import Registration, RelyingParty
from vad.adapters.vault.keyring import Purpose
from vad.adapters.vault.rings import Rings
from vad.services.ports.outside import ActingIdentity, Identity
from vad.services.ports.tokens import Randomness
from vad.services.ports.volatile import PendingLogin


class OidcIdentityProvider:
    """`vad.services.ports.outside.IdentityProvider`.

    Of `rings`, the active signing key proves who we are; every encryption key opens ID tokens, for the provider may
    hold on to one that was retired, or be ahead of this process.
    """

    def __init__(
        self,
        registration: Registration,
        rings: Rings,
        caller: HttpCaller,
        random: Randomness,
    ) -> None:
        self._rings = rings
        # Fail at the start, not at the first login.
        rings.current.active(Purpose.DIGID_SIGNING)
        rings.current.active(Purpose.DIGID_ENCRYPTION)
        self._party = RelyingParty(registration, lambda: rings.current.active(Purpose.DIGID_SIGNING), caller, random)
        self._check = DigidIdTokenCheck(registration.issuer, registration.client_id)

    def begin(self, login: PendingLogin) -> str:
        return self._party.address(login, acr_values=login.minimum.uri, ui_locales=login.language)

    def complete(self, login: PendingLogin, response: Mapping[str, str], at: datetime) -> Identity | ActingIdentity:
        return self._check.identity(self._party.claims(login, response, at, self._opened), login, at)

    def _opened(self, token: str, keys: Jwks) -> Mapping[str, object]:
        return open_nested(token, self._rings.current.all(Purpose.DIGID_ENCRYPTION), keys)
