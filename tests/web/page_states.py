"""Pages in the states that the journeys do not come by: each template with what it is given."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from vad.domain.assent import OpenAges
from vad.domain.block import BlockKind
from vad.domain.case import Case, CaseOutcome, CaseState, Reach
from vad.domain.client import DataService
from vad.domain.identifiers import BlockId, CaseId, ClientId, MandateId, PersonId, ResourceId, Sid
from vad.domain.logout import LogoutRequest
from vad.domain.mandate import Mandate, MandateState, Permission, Route
from vad.domain.mandate_parties import MandateRules
from vad.services.activity import ActivityPage, Choice, Choices
from vad.services.activity_entries import ActivityEntry, ActivityLine, Party
from vad.services.assents import Concern, Family, Parent
from vad.services.blocks import SwitchedOff, Target
from vad.services.cases import OwnCase
from vad.services.mandate_overview import Allowed
from vad.services.mandate_proofs import Proof
from vad.services.own_sessions import OwnSession
from vad.services.ports.volatile import MandateDraft
from vad.web.citizen.acting import Shown
from vad.web.oidc.authorization_response import Back
from vad.web.support.errors import app_not_set_up, temporarily_unavailable
from vad.web.support.shared_claims import shown


@dataclass(frozen=True)
class Source:
    """A data source as the consent page shows it."""

    identifier: str
    name: str
    services: tuple[str, ...]
    field_id: str


SOURCES = (
    Source("http://localhost:8105", "Ziekenhuis Oost", ("Basisgegevens Zorg", "Documenten"), "source-1"),
    Source("http://localhost:8106", "Huisartsenpraktijk De Linde", ("Huisartsgegevens",), "source-2"),
)
CONSENT_ERRORS: dict[str, Any] = {
    "app_name": "Mijn Zorgmap",
    "organisation": "Zorgmap B.V.",
    "links": {"policy_uri": "https://pgo.example/", "tos_uri": "https://pgo.example/terms", "registered_itself": True},
    "sources": SOURCES,
    "chosen": ("http://localhost:8106",),
    "duration": None,
    "errors": ("source", "duration"),
    "shown_digest": "d",
    "flow": "f",
    "csrf_token": "t",
}
LOG_OUT: dict[str, Any] = {
    "app_name": "Mijn Zorgmap",
    "asked": LogoutRequest(ClientId("pgo"), redirect_uri="https://pgo.example/"),
    "may_redirect": True,
    "csrf_token": "t",
}
ACTING_CHOOSE: dict[str, Any] = {
    "app_name": "Mijn Zorgmap",
    "name": "Iris Bos",
    "myself": "h0",
    "others": (
        Shown("h1", "Sem Bos", 8, "parental_authority"),
        Shown("h2", "Lotte Bos", 14, "parental_authority_and_assent"),
    ),
    "missed": (
        Shown("", "Bram Bos", 16, "decides"),
        Shown("", "Noor Bos", 14, "has_say"),
        Shown("", "Finn Bos", 13, "closed"),
        Shown("", "Luna Bos", 15, "closed"),
        Shown("", "Jesse Bos", 9, "no_authority"),
        Shown("", "Milan Bos", 6, "neutral"),
    ),
    "certain": True,
    "missing": False,
    "flow": "f",
    "csrf_token": "t",
}
ACTING_CONFIRM: dict[str, Any] = {
    "app_name": "Mijn Zorgmap",
    "organisation": "Zorgmap B.V.",
    "name": "Iris Bos",
    "represented": "Sem Bos",
    "basis": "parental_authority",
    "flow": "f",
    "csrf_token": "t",
}
_AT = datetime(2026, 2, 3, 9, 30, tzinfo=UTC)
_ENTRY = ActivityEntry(
    event_id=UUID(int=1),
    at=_AT,
    actor=Party(oneself=False),
    by_staff=False,
    represented=Party(oneself=True),
    type="token.issued",
    outcome="success",
    app="Zorgkluis",
    source="Oost",
    basis=None,
    reason=None,
)
ACTIVITY: dict[str, Any] = {
    "shown": ActivityPage(
        (ActivityLine(_ENTRY, (_AT, _AT)), ActivityLine(replace(_ENTRY, outcome="refused", by_staff=True))),
        Choices((Choice("h0", None, oneself=True), Choice("h1", None)), (Choice("h2", "Zorgkluis"),), ()),
        _AT,
        None,
    ),
    "typed": {"van_day": "32", "soort": "login", "app": "h2"},
    "problem": None,
    "filtered": False,
    "first": False,
    "address": "/mijn/activiteit",
    "following": "/mijn/activiteit?na=x",
    "files": {"csv": "/mijn/activiteit.csv", "json": "/mijn/activiteit.json"},
}
_CASE = Case(CaseId(UUID(int=9)), PersonId(UUID(int=8)), Reach.LETTER, _AT)
CASE: dict[str, Any] = {
    "event": replace(_ENTRY, actor=None),
    "ways": ["mail", "letter"],
    "problem": None,
    "written": "",
    "chosen": "",
    "longest": 2000,
    "name": "Frouke Jansen",
    "csrf_token": "t",
}
CASES: dict[str, Any] = {
    "cases": (
        OwnCase(_CASE, "Dit was ik niet.", None),
        OwnCase(
            replace(_CASE, case_id=CaseId(UUID(int=9 << 90)), state=CaseState.CLOSED, outcome=CaseOutcome.EXPLAINED),
            None,
            "Het was uw eigen app. Bel ons.",
        ),
    ),
    "received": _CASE.reference,
    "name": "Frouke Jansen",
}
CONFIRM_LOGIN: dict[str, Any] = {
    **{each: CONSENT_ERRORS[each] for each in ("app_name", "organisation", "links", "flow", "csrf_token")},
    "name": "Frouke Jansen",
    "since": _AT,
}
SESSIONS: dict[str, Any] = {
    "this": OwnSession(Sid("s0"), _AT, _AT, ()),
    "others": (
        OwnSession(Sid("s1"), _AT, _AT, ("Mijn Zorgmap",)),
        OwnSession(Sid("s2"), _AT, _AT, ("Mijn Zorgmap", "Zorgkluis")),
    ),
    "stopped": True,
    "name": "Frouke Jansen",
    "csrf_token": "t",
}
BLOCKS: dict[str, Any] = {
    "off": (
        SwitchedOff(BlockId(UUID(int=1)), BlockKind.CLIENT, "Mijn Zorgmap"),
        SwitchedOff(BlockId(UUID(int=2)), BlockKind.SOURCE, "Ziekenhuis Oost"),
        SwitchedOff(BlockId(UUID(int=3)), BlockKind.REPRESENTATION, ""),
    ),
    "represented": False,
    "changed": "uit",
    "name": "Frouke Jansen",
    "csrf_token": "t",
}
CHOICE: dict[str, Any] = {
    "what": "app",
    "targets": (Target("pgo-1", "Mijn Zorgmap", "Zorgmap B.V."), Target("pgo-2", "Zorgkluis", "Kluis B.V.")),
    "missing": True,
    "csrf_token": "t",
}
_KINDS = (DataService("48", "Basisgegevens Zorg", "Patient summary"), DataService("49", "Huisartsgegevens", "GP data"))
_BOTH = Parent("h1", "Iris Bos", _KINDS, ())
_PARENTS = Family(Concern.OPEN, (_BOTH, Parent("h2", None, (), _KINDS)), certain=False, until=_AT, off=True)
ASSENTS: dict[str, Any] = {
    "family": _PARENTS,
    "young": True,
    "changed": "gestopt",
    "name": "Lotte Bos",
    "csrf_token": "t",
    "parent": _PARENTS.parents[1],
    "missing": True,
    "chosen": _KINDS,
}
CONTACTS: dict[str, Any] = {
    "available": True,
    "confirmed": "frouke@post.example",
    "pending": "nieuw@post.example",
    "changed": "verstuurd",
    "problem": None,
    "typed": "",
    "name": "Frouke Jansen",
    "csrf_token": "t",
}
REFUSED: dict[str, Any] = {"app_name": "Mijn Zorgmap", "back": Back("/hulp", ())}
_MANDATE = Mandate(
    MandateId(UUID(int=3)),
    Route.OFFER,
    MandateState.ACTIVE,
    PersonId(UUID(int=4)),
    PersonId(UUID(int=5)),
    (Permission(UUID(int=6), "48", ResourceId("https://oost.example"), ClientId("pgo")), Permission(UUID(int=7), "49")),
    starts_at=_AT,
    ends_at=_AT,
    made_at=_AT,
    answer_by=_AT,
    changed_at=_AT,
)
_ALLOWED = tuple(
    Allowed(permission, kind, permission.client_id and "Mijn Zorgmap", permission.resource and "Ziekenhuis Oost")
    for permission, kind in zip(_MANDATE.permissions, _KINDS, strict=True)
)
WHAT: dict[str, Any] = {
    "offer": True,
    "where": "machtigen",
    "draft": MandateDraft(label="Samira", resources=frozenset({"http://localhost:8105"})),
    "kinds": _KINDS,
    "apps": (),
    "sources": SOURCES,
    "problem": "sources",
    "back": "",
    "csrf_token": "t",
}
PROOF: dict[str, Any] = {"proof": Proof(_MANDATE, "H… v… d… L…", "S… A…", _ALLOWED, "x"), "at": _AT}
STATES: dict[str, tuple[str, dict[str, Any]]] = {
    "acting-choose": ("acting_choose.html", ACTING_CHOOSE),
    "acting-choose-missing": ("acting_choose.html", ACTING_CHOOSE | {"missing": True}),
    "acting-choose-uncertain": (
        "acting_choose.html",
        ACTING_CHOOSE | {"name": None, "others": (), "missed": (), "certain": False},
    ),
    "acting-confirm": ("acting_confirm.html", ACTING_CONFIRM),
    "acting-confirm-young": ("acting_confirm.html", ACTING_CONFIRM | {"basis": "parental_authority_and_assent"}),
    "acting-confirm-no-names": ("acting_confirm.html", ACTING_CONFIRM | {"name": None, "represented": None}),
    "activity": ("activity.html", ACTIVITY),
    "activity-empty": ("activity.html", ACTIVITY | {"shown": ActivityPage((), Choices(), _AT, None), "first": True}),
    "activity-wrong-date": ("activity.html", ACTIVITY | {"problem": "van", "filtered": True}),
    "assents": ("assents.html", ASSENTS),
    "assents-check": ("assents_check.html", ASSENTS),
    "assents-choose": ("assents_choose.html", ASSENTS),
    "assents-nobody": ("assents.html", ASSENTS | {"family": Family(Concern.OPEN, until=_AT)}),
    **{
        f"assents-{each}": ("assents.html", ASSENTS | {"family": Family(each), "young": False})
        for each in Concern
        if each is not Concern.OPEN
    },
    "blocks": ("blocks.html", BLOCKS),
    "blocks-none": ("blocks.html", BLOCKS | {"off": (), "represented": True, "changed": "aan"}),
    "blocks-app": ("blocks_choose.html", CHOICE),
    "blocks-organisation": ("blocks_choose.html", CHOICE | {"what": "organisatie", "missing": False}),
    "case-open": ("case_open.html", CASE),
    "case-open-text": ("case_open.html", CASE | {"problem": "text", "written": "x", "event": None}),
    "case-open-reach": ("case_open.html", CASE | {"problem": "reach"}),
    "cases": ("cases.html", CASES),
    "confirm-login": ("confirm_login.html", CONFIRM_LOGIN),
    "confirm-login-no-name": ("confirm_login.html", CONFIRM_LOGIN | {"name": None}),
    "consent-errors": ("consent.html", CONSENT_ERRORS),
    "consent-claims": ("consent.html", CONSENT_ERRORS | {"claims": shown(("profile", "email", "claim:phone_number"))}),
    "contacts": ("contacts.html", CONTACTS),
    "contacts-wrong": ("contacts.html", CONTACTS | {"problem": "wrong", "typed": "12345"}),
    "contacts-address": ("contacts.html", CONTACTS | {"confirmed": None, "pending": None, "problem": "address"}),
    "contacts-none": ("contacts.html", CONTACTS | {"confirmed": None, "pending": None, "available": False}),
    "own-data": ("own_data.html", CASE),
    "log-out": ("logout.html", LOG_OUT),
    "mandate-what-sources": ("mandate_what.html", WHAT),
    "proof-valid": ("mandate_proof.html", PROOF | {"standing": "valid"}),
    "proof-later": ("mandate_proof.html", PROOF | {"standing": "later"}),
    "proof-over": ("mandate_proof.html", PROOF | {"standing": "over", "proof": None}),
    "proof-unknown": ("mandate_proof.html", PROOF | {"standing": "unknown", "proof": None}),
    "refused": ("refused.html", REFUSED | {"reason": "BLOCKED"}),
    "refused-form": ("refused.html", REFUSED | {"reason": "BLOCKED", "back": Back("/hulp", (("error", "x"),))}),
    "sessions": ("sessions.html", SESSIONS),
    "helping": ("helping_someone.html", {"rules": MandateRules(16, 18), "letters": True}),
    "families": ("parents_and_children.html", {"open_ages": OpenAges()}),
    "families-closed": ("parents_and_children.html", {"open_ages": OpenAges(from_12=False, from_14=False)}),
    "refused-assent": ("refused.html", REFUSED | {"reason": "NO_ASSENT"}),
    "refused-age": ("refused.html", REFUSED | {"reason": "AGE_SELF"}),
}
FAILURES: dict[str, Exception] = {
    "fault": RuntimeError(),
    "unavailable": temporarily_unavailable(),
    "unknown-app": app_not_set_up("Mijn App"),
}
PATHS = [
    *((f"/state/{state}", "en") for state in STATES),
    *((f"/state/acting-{state}", "nl") for state in ("choose", "choose-uncertain", "confirm", "confirm-no-names")),
    *((f"/state/{state}", "nl") for state in ("contacts", "contacts-wrong", "helping", "mandate-what-sources")),
    *((f"/state/proof-{state}", "nl") for state in ("valid", "over")),
    *((f"/state/{state}", "nl") for state in ("case-open", "case-open-text", "cases", "own-data", "sessions")),
    *((f"/state/activity{state}", "nl") for state in ("", "-empty", "-wrong-date")),
    *((f"/failure/{failure}", language) for failure in FAILURES for language in ("nl", "en")),
]
