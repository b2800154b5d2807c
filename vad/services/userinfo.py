"""Who logged in, for the app to greet (OIDC Core section 5.3): name and age, what they agreed to share, never a BSN."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from vad.domain import claims
from vad.domain.access import Permit
from vad.domain.age import years_old
from vad.domain.errors import ProtocolError, RegisterUnavailableError
from vad.domain.possession import Possession
from vad.domain.profile import UserInfoShape
from vad.services.handed_references import HandedReferences
from vad.services.introspection import LivingTokens
from vad.services.names import Names
from vad.services.ports.tokens import AnswerSealer, Randomness, TokenSigner
from vad.services.representation import Representation
from vad.services.shared_claims import SharedClaims
from vad.services.subjects import Subjects
from vad.services.userinfo_shapes import Called, Told, told

_JSON, _JWT = "application/json", "application/jwt"
_DIGID = "digid"
_REFERENCE_OCTETS = 32


@dataclass(frozen=True, slots=True)
class UserInfoAnswer:
    """What leaves for the app: JSON, or a JWT (OIDC Core section 5.3.2)."""

    content: str
    content_type: str
    authentication_method: str = ""
    """How the person logged in, for apps that are told beside the content."""


@dataclass(frozen=True, slots=True)
class UserInfo:
    """The use case."""

    tokens: LivingTokens
    subjects: Subjects
    names: Names
    representation: Representation
    signer: TokenSigner
    sealer: AnswerSealer
    random: Randomness
    shared: SharedClaims
    references: HandedReferences

    def knows(self, access_token: str, at: datetime) -> bool:
        """Whether it is a live token of the issuer's own: what comes with it need not be looked at otherwise."""
        return self.tokens.verifier.own_access_token(access_token, at) is not None

    def of(self, access_token: str, held: Possession, at: datetime) -> UserInfoAnswer | None:
        """None unless this is the issuer's own access token, bound to what is held, and all that it rests on holds now.

        Raises `ProtocolError` `insufficient_scope` for a token without `openid` (RFC 6750 section 3.1), and
        `RegisterUnavailableError` when the name is neither at hand nor to be had: nobody is an empty person.
        """
        living = self.tokens.presented(access_token, held, at)
        if living is None:
            return None
        permit = living.allowed.permit
        if not permit.request.openid:
            raise ProtocolError("insufficient_scope", "the token is not about who logged in")
        client, age = permit.request.client, years_old(permit.evidence.birth, at)
        sub = self.subjects.of_client(client, living.standing.person)
        name, represented = self.names.of(living.standing.person, at), self._represented(permit, at)
        reference = self.references.of(client, living, at) or self.random.octets(_REFERENCE_OCTETS).hex()
        known = Told(sub, name, age, represented, reference)
        shared = self.shared.at_userinfo(permit, living.standing.person)
        return self._answer(permit, {**shared, **told(client.rules.userinfo, known)}, at)

    def _answer(self, permit: Permit, members: Mapping[str, object], at: datetime) -> UserInfoAnswer:
        """Signed, encrypted, both or neither, as the app is registered."""
        client, content = permit.request.client, json.dumps(members, ensure_ascii=False, separators=(",", ":"))
        signed = bool(client.userinfo_signed_response_alg)
        if signed:
            content = self.signer.userinfo(claims.userinfo(permit, self.tokens.issuer, at, members))
        content = self.sealer.userinfo(client, content, nested=signed)
        secured = signed or client.userinfo_encrypted_response_alg
        beside = _DIGID if client.rules.userinfo is UserInfoShape.NAME_IN_PARTS else ""
        return UserInfoAnswer(content, _JWT if secured else _JSON, beside)

    def _represented(self, permit: Permit, at: datetime) -> Called | None:
        about = permit.represented
        if about is None or about.evidence is None:
            return None
        name = self.representation.name(permit.request.subject, at)
        if name is None:
            raise RegisterUnavailableError("brp: no name of whom somebody acts for")
        return Called(name, years_old(about.evidence.birth, at))
