"""What the readable file of everything about a person says where its rows have codes."""

from collections.abc import Callable, Mapping
from typing import Final

from vad.services.ports.records import Registrations
from vad.web.support.event_words import EVENTS
from vad.web.support.i18n import _, current_language, msgid
from vad.web.support.reason_words import REASONS

WORDS: Final[Mapping[tuple[str, str], Mapping[str, str]]] = {
    ("consents", "duration"): {"once": msgid("Only this time"), "until_stopped": msgid("Until I stop")},
    ("mandates", "state"): {
        "requested": msgid("Asked for"),
        "offered": msgid("Offered"),
        "active": msgid("In force"),
        "declined": msgid("Refused"),
        "lapsed": msgid("Nobody answered in time"),
        "revoked": msgid("Stopped"),
        "expired": msgid("Over"),
        "ended": msgid("Ended"),
    },
    ("mandates", "route"): {
        "offer": msgid("Offered by whose data it is"),
        "request": msgid("Asked for by who helps"),
        "letter": msgid("By letter"),
        "legal": msgid("By law"),
    },
    ("legal_mandates", "kind"): REASONS,
    ("blocks", "kind"): {
        "representation": msgid("Nobody may act for this person"),
        "representative": msgid("One person may not act for this person"),
        "client": msgid("One app gets nothing"),
        "source": msgid("One organisation gives nothing"),
    },
    ("blocks", "placed_by"): {"subject": msgid("Whose data it is"), "staff": msgid("Staff of VAD")},
    ("blocks", "reason"): REASONS,
    ("contacts", "state"): {
        "pending": msgid("The code for it was not filled in yet"),
        "confirmed": msgid("In use"),
        "former": msgid("Not in use any more"),
    },
    ("notices", "notice"): {
        "mandate.requested": msgid("Somebody asks for an authorisation"),
        "mandate.accepted": msgid("Somebody took up an authorisation"),
        "mandate.agreed": msgid("You may view somebody's data"),
        "mandate.declined": msgid("Somebody said no to an authorisation"),
        "mandate.first_used": msgid("An authorisation was used for the first time"),
        "mandate.changed": msgid("An authorisation was changed"),
        "mandate.ends_soon": msgid("An authorisation ends soon"),
        "mandate.ended": msgid("An authorisation ended"),
        "mandate.code": msgid("Letter with a code"),
        "mandate.stop_code": msgid("Letter with a code to stop"),
        "child.turns_12": msgid("Your child turns 12"),
        "child.turns_16": msgid("Your child turns 16"),
        "you.turn_12": msgid("You turn 12"),
        "you.turn_16": msgid("You turn 16"),
        "own_consent.given": msgid("You let a parent view data"),
        "case.answered": msgid("We answered your report"),
        "email.check": msgid("Code for an email address"),
        "email.set": msgid("An email address was set"),
        "email.changed": msgid("Your email address was changed"),
    },
    ("cases", "state"): {
        "open": msgid("We received it"),
        "taken": msgid("Somebody looks into it"),
        "closed": msgid("Answered"),
    },
    ("cases", "outcome"): REASONS,
    ("cases", "reach"): {"mail": msgid("By email"), "letter": msgid("By letter")},
    ("case_texts", "kind"): {
        "complaint": msgid("What you wrote"),
        "note": msgid("Note of staff"),
        "answer": msgid("Our answer"),
    },
    ("events", "type"): EVENTS,
    ("events", "outcome"): {"success": msgid("Succeeded"), "refused": msgid("Refused")},
    ("events", "reason"): REASONS,
    ("events", "basis"): {
        "self": msgid("It is your own data"),
        "parental_authority": msgid("Parental authority"),
        "parental_authority_and_assent": msgid("Parental authority, and the child agreed"),
        "mandate": msgid("Authorisation"),
        "legal": msgid("Legal representation"),
    },
}
"""By section and column, for each code there is."""
_AS_EVENTS: Final = frozenset({"events_to_weigh"})


def words(section: str, column: str, value: str, registrations: Registrations) -> str:
    """What this value is called in the language of this request; the value itself where it has no other words."""
    if column in _NAMES:
        return _NAMES[column](registrations, value) or value
    known = WORDS.get(("events" if section in _AS_EVENTS else section, column), {})
    text = known.get(value) or known.get(value.lower())
    return _(text) if text else value


def _app(registrations: Registrations, value: str) -> str | None:
    app = registrations.client(value)
    return app.name if app else None


def _source(registrations: Registrations, value: str) -> str | None:
    source = registrations.resource_server(value)
    return source.name if source else None


def _kind(registrations: Registrations, value: str) -> str | None:
    kind = registrations.data_service(value)
    if kind is None:
        return None
    return kind.name_nl if current_language() == "nl" else kind.name_en


_NAMES: Final[Mapping[str, Callable[[Registrations, str], str | None]]] = {
    "client_id": _app,
    "resource": _source,
    "data_service": _kind,
    "data_services": _kind,
}
