"""The next step of an authorization request, given all facts: pages record one fact each, and come back here."""

import hmac
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import product

from vad.domain.access import AccessRequest, Deny, Facts, Permit, blocked, decide, minimum_level, own_consented
from vad.domain.assurance import LevelOfAssurance
from vad.domain.authorization_request import NOBODYS, AuthorizationRequest, ResponseMode
from vad.domain.client import Client, ResourceServer
from vad.domain.ground import Basis, DenyReason
from vad.domain.mandate import Mandate
from vad.domain.representation import Choices, presuming_consent
from vad.domain.session import Session
from vad.domain.steps import (
    AskConsent,
    ChooseRepresented,
    ConfirmActing,
    ConfirmLogin,
    Issue,
    LevelUnmet,
    LogIn,
    NextStep,
    Refuse,
    SomebodyElse,
)

__all__ = [
    "NOBODYS",
    "AskConsent",
    "AuthorizationRequest",
    "ChooseRepresented",
    "ConfirmActing",
    "ConfirmLogin",
    "Issue",
    "LevelUnmet",
    "LogIn",
    "NextStep",
    "Refuse",
    "ResponseMode",
    "Situation",
    "SomebodyElse",
    "access_request",
    "demanded_level",
    "next_step",
    "services_at",
]


@dataclass(frozen=True, slots=True)
class Situation:
    """What the authorize endpoint knows of one request at one moment."""

    request: AuthorizationRequest
    client: Client
    sources: tuple[ResourceServer, ...]
    session: Session | None
    facts: Facts = field(default_factory=lambda: Facts(evidence=None))
    subjects: tuple[str, ...] = ()
    """How the app knows the person of the session: each `sub` of theirs. Needed where the request names somebody."""
    choices: Choices = field(default_factory=Choices)
    """For whom the person may act, as long as nothing was chosen and the app understands it."""
    cross_client: bool = False
    """Whether a login to one app may do for another, once the person has said so (rule 37, `sso.cross_client`)."""

    @property
    def expected_person(self) -> bool:
        """Whether the session is of whom the app expects, if it said so (OIDC Core 3.1.2.1 and 5.5.1)."""
        hinted = self.request.hinted
        pairs = product(hinted, self.subjects)
        return not hinted or any(hmac.compare_digest(one.encode(), other.encode()) for one, other in pairs)

    @property
    def mandate(self) -> Mandate | None:
        """The mandate on which the person would act: one request rests on one."""
        return next(iter(self.facts.mandates), None)

    def services_at(self, source: ResourceServer) -> frozenset[str]:
        """The kinds of data that it is about at this source: those asked for, as far as a mandate goes.

        Where that goes not far enough for any, the decision says so.
        """
        return self.covered_at(source) or services_at(self.request, source)

    def covered_at(self, source: ResourceServer) -> frozenset[str]:
        """The same, empty where the mandate is about nothing there."""
        asked, mandate = services_at(self.request, source), self.mandate
        return asked if mandate is None else asked & mandate.services_at(self.client.client_id, source.identifier)


def next_step(situation: Situation, at: datetime) -> NextStep:
    """What comes next. Issues only when every remaining source has its permit."""
    request = situation.request
    if request.refused or request.refusal is not None:
        return Refuse(request.refusal)
    minimum = demanded_level(situation)
    session = situation.session
    if _level_unmet(request, session, minimum):
        return LevelUnmet()
    if session is None or _must_log_in(request, session, minimum, at):
        return LogIn(minimum)
    return _who(situation, session, minimum) or _what(situation, session, at)


def _who(situation: Situation, session: Session, minimum: LevelOfAssurance) -> NextStep | None:
    """Who logs in to what, and for whom; None once that is clear."""
    request = situation.request
    if not situation.expected_person:
        return SomebodyElse() if request.login_answered else LogIn(minimum)
    if request.client_id not in session.clients:
        # Another app's session: the person must see this app's name before it gets anything (rule 37).
        return ConfirmLogin() if situation.cross_client else LogIn(minimum)
    choices = situation.choices
    if request.basis is Basis.SELF:
        return None
    # A page would be needed to say that nothing can be checked now; without one the person goes on for themself.
    if request.subject is None and (choices.others or not (choices.certain or "none" in request.prompt)):
        return ChooseRepresented(choices)
    return None


def _what(situation: Situation, session: Session, at: datetime) -> NextStep:
    """What the app gets, once it is clear who asks for whom."""
    request = situation.request
    # A source that is switched off, takes nobody who acts, or has nothing that child or mandate let them see, is as
    # good as not asked for, unless nothing is left then.
    open_sources = tuple(source for source in situation.sources if _open(situation, session, source, at))
    if open_sources:
        situation = replace(situation, sources=open_sources)
    basis = _basis(situation, session, at)
    if isinstance(basis, Deny):
        return Refuse(basis.reason, basis)
    if request.basis not in (None, basis):
        return Refuse(DenyReason.NO_GROUND)
    if basis is not Basis.SELF and not request.acting_confirmed:
        return ConfirmActing(basis, situation.mandate)
    permits, missing = _decisions(situation, session, at)
    # The first permit is the login's own: with sources asked for, it is worth nothing by itself.
    enough = len(permits) > (1 if situation.sources else 0)
    # What is VAD's own is about the person who logs in: nobody gets it who acts for another.
    wanted = frozenset[str]() if request.acts(session) else request.own_scopes
    own_scopes = wanted.difference(*(permit.request.data_services for permit in permits))
    # A person may choose some of the sources: once they have answered for this request, the rest is a no.
    if enough and (request.consent_answered or not (missing or own_scopes)):
        return Issue(permits)
    return AskConsent(missing, optional=enough, own_scopes=own_scopes)


def demanded_level(situation: Situation) -> LevelOfAssurance:
    """The lowest level that will do: what client, sources and the request itself demand (rules 1 and 35)."""
    levels = [minimum_level(situation.client, source) for source in (None, *situation.sources)]
    if situation.request.acr_values:
        levels.append(min(situation.request.acr_values))
    lowest = max(levels)
    return min((each for each in situation.request.demanded_levels if each >= lowest), default=lowest)


def services_at(request: AuthorizationRequest, source: ResourceServer) -> frozenset[str]:
    """The kinds of data that this request asks of this source."""
    return request.data_services & frozenset(source.data_services)


def access_request(situation: Situation, session: Session, source: ResourceServer | None) -> AccessRequest:
    """The decision to ask for: the data of whom it is about, at this source."""
    return AccessRequest(
        actor=session.person_id,
        subject=situation.request.subject or session.person_id,
        client=situation.client,
        source=source,
        data_services=frozenset() if source is None else situation.services_at(source),
        level=session.level,
        session_ends_at=session.ends_at,
        openid=situation.request.openid,
    )


_TO_ANSWER = timedelta(minutes=5)
"""What the person has for the other pages after a login for this very request, however young the app wants it."""
_ASKING_WHO = frozenset({"login", "select_account"})
"""At DigiD people choose an account by logging in to it."""


def _level_unmet(request: AuthorizationRequest, session: Session | None, minimum: LevelOfAssurance) -> bool:
    """Whether no login will do, or the one that was made for this request has another level than is demanded."""
    demanded = request.demanded_levels
    if not demanded or minimum not in demanded:
        return bool(demanded)
    return session is not None and request.login_answered and session.level > minimum and session.level not in demanded


def _must_log_in(request: AuthorizationRequest, session: Session, minimum: LevelOfAssurance, at: datetime) -> bool:
    if not session.live(at) or session.level < minimum:
        return True
    if request.demanded_levels and session.level not in request.demanded_levels:
        return True
    if request.max_age is not None:
        demanded = timedelta(seconds=request.max_age)
        if at > session.auth_time + (max(demanded, _TO_ANSWER) if request.login_answered else demanded):
            return True
    return not request.login_answered and not _ASKING_WHO.isdisjoint(request.prompt)


def _open(situation: Situation, session: Session, source: ResourceServer, at: datetime) -> bool:
    asked, facts = access_request(situation, session, source), situation.facts
    if blocked(asked, facts, at) or (situation.request.acts(session) and not source.representation):
        return False
    if not situation.covered_at(source):
        return False
    return decide(asked, presuming_consent(asked, facts, at), at) != Deny(DenyReason.NO_ASSENT)


def _basis(situation: Situation, session: Session, at: datetime) -> Basis | Deny:
    """The ground, or what would stop the request even with consent: nobody is asked to agree to what can't be."""
    basis = Basis.SELF
    for source in situation.sources or (None,):
        asked = access_request(situation, session, source)
        decision = decide(asked, presuming_consent(asked, situation.facts, at), at)
        if isinstance(decision, Deny):
            return decision
        basis = decision.basis
    return basis


def _decisions(
    situation: Situation, session: Session, at: datetime
) -> tuple[tuple[Permit, ...], tuple[ResourceServer, ...]]:
    permits: list[Permit] = []
    missing: list[ResourceServer] = []
    facts = _counting(situation)
    for source in (None, *situation.sources):
        asked = access_request(situation, session, source)
        if source is None and not situation.request.acts(session):
            asked = replace(asked, data_services=situation.request.own_scopes & own_consented(asked, facts, at))
        decision = decide(asked, facts, at)
        if isinstance(decision, Permit):
            permits.append(decision)
        elif source is not None:
            missing.append(source)
    return tuple(permits), tuple(missing)


def _counting(situation: Situation) -> Facts:
    """The facts that count. With `prompt=consent` nothing does that was agreed to before this request."""
    facts, request = situation.facts, situation.request
    if "consent" not in request.prompt:
        return facts
    return replace(facts, consents=tuple(each for each in facts.consents if each.consent_id in request.consents))
