"""Asking for what takes a second person: what every such form has, and what can be wrong with it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from flask import request

from vad.domain.approval import ApprovalError, ApprovalFault, OutdatedError
from vad.domain.certificate import NameKind
from vad.domain.errors import RegisterUnavailableError, VadError
from vad.domain.identifiers import PersonId
from vad.domain.justification import Justification, JustificationError, JustificationFault
from vad.domain.mandate import TermError, TermFault
from vad.domain.mandate_parties import MandateUnableError, Unable
from vad.domain.registration_fault import Fault
from vad.domain.staff import StaffAction, StaffMember
from vad.services.found_persons import NobodyFoundError
from vad.services.mandate_codes import CodeFault, CodeRefusedError
from vad.services.ports.registering import RegistrationFaultError
from vad.web.admin.registration_fault_words import members, said
from vad.web.admin.support import services
from vad.web.admin.time_out import sent
from vad.web.admin.words import FAULTS
from vad.web.support.i18n import _, msgid


class FieldError(VadError):
    """What another error says, told at one field of the form."""

    def __init__(self, field: str, error: VadError) -> None:
        super().__init__(field)
        self.field = field
        self.error = error


ERRORS: Final = (
    ApprovalError,
    OutdatedError,
    JustificationError,
    TermError,
    NobodyFoundError,
    MandateUnableError,
    RegistrationFaultError,
    CodeRefusedError,
    RegisterUnavailableError,
    FieldError,
)
"""What a form may run into that is told on the same page."""
LONGEST = 20_000
"""Characters of one field that are shown again: a key set is long."""

_WORDS: Final[Mapping[str, str]] = {
    **FAULTS,
    TermFault.PAST: msgid("Enter a date in the future"),
    TermFault.TOO_LATE: msgid("The date is too far away."),
    TermFault.NO_DATE: msgid("Enter a date."),
    ApprovalFault.OWN_REQUEST: msgid("You asked for this yourself. Another person must decide it."),
    ApprovalFault.OVER: msgid("This request is over already."),
    ApprovalFault.NOT_YOURS: msgid("Only whoever asked for it can take it back."),
    "nobody": msgid("We know nobody by this reference or BSN."),
    "block_there": msgid("This is switched off already."),
    "block_gone": msgid("This block has ended already."),
    "block_choices": msgid("Choose who may not act, and the kind of reason."),
    "what_happens": msgid("Choose what happens."),
    "block_oneself": msgid("Somebody cannot be kept from their own data here."),
    "block_too_late": msgid("The last day of this block is over."),
    "nothing_changed": msgid("Nothing is different from what is registered."),
    "another_app": msgid("That would make it another app for the people who use it. Register a new one."),
    "sector_unproved": msgid("The list of addresses that the app publishes does not hold all addresses to return to."),
    "keys_do_not_fit": msgid(
        "The keys that the app publishes do not fit: one to encrypt with or a certificate is missing."
    ),
    "client_there": msgid("There is an app or an organisation with this name already."),
    "no_such_client": msgid("There is no such app."),
    "no_such_source": msgid("There is no such organisation."),
    "no_such_service": msgid("This organisation does not have that kind of data."),
    "signed_otherwise": msgid("This organisation has its tokens signed in a way that the profile of the app forbids."),
    "same_decision": msgid("This is the decision that it rests on already. Enter the new one."),
    "no_later": msgid("The new day must be later than the day that it has now."),
    "number_of_persons": msgid("Enter 1 to 100 references."),
    "no_such_key": msgid("There is no such key."),
    "no_such_event": msgid("There is no such event."),
    "nothing_kept": msgid("This event keeps nothing apart, or not any more."),
    "month_kept": msgid("Enter a month that does not have to be kept any more, like 2020-02."),
    "month_empty": msgid("The database has no events of this month."),
    "month_purged": msgid("This month has left the database already."),
    "account_ended": msgid("The account of who asked for this was ended. Ask for it again."),
    "number_of_keys": msgid("An app has 1 to 4 keys."),
    "account_over": msgid("This account has ended already."),
    "changed_meanwhile": msgid("This has changed since somebody asked for it. Ask for it again."),
    Unable.UNSURE: msgid("The BRP does not answer now, or is not sure. Try again later."),
    Unable.CURATELE: msgid("Who would act is under curatele."),
    Unable.TOO_YOUNG: msgid("Who would act is too young."),
    Unable.NOT_THAT_KIND: msgid("By the BRP this kind of representation is not possible for this person."),
    Unable.SAME: msgid("There is an authorisation for this already."),
    Unable.NEUTRAL: msgid("There is a block in the way."),
    Unable.SWITCHED_OFF: msgid("There is a block in the way."),
    Unable.ONESELF: msgid("Nobody acts for themself."),
    Unable.NOTHING: msgid("Choose what may be seen, and enter the reference to the decision."),
    Unable.MOVED_ON: msgid("This has ended or changed meanwhile."),
    CodeFault.WRONG: msgid("Code and birth date do not match. Check both."),
}
_OTHER = msgid("This is not possible now.")
_AT: Final[Mapping[str, str]] = {
    JustificationFault.REASON: "reason",
    JustificationFault.CASE_NUMBER: "case_number",
    JustificationFault.BSN: "reason",
    "block_oneself": "against",
    "block_too_late": "last",
    "client_there": "client_id",
    "another_app": "sector_identifier_uri",
    "sector_unproved": "sector_identifier_uri",
    "keys_do_not_fit": "jwks_uri",
    "no_such_client": "client_id",
    "no_such_source": "resource",
    "same_decision": "reference",
    "no_later": "last",
    "number_of_persons": "references",
    "nobody": "references",
    "no_such_key": "step",
    "no_such_event": "event",
    "nothing_kept": "event",
    "month_kept": "month",
    "month_empty": "month",
    "month_purged": "month",
    "number_of_keys": "keys",
    Unable.CURATELE: "representative",
    Unable.TOO_YOUNG: "representative",
    Unable.NOT_THAT_KIND: "legal_kind",
    Unable.ONESELF: "representative",
    Unable.NOTHING: "reference",
    CodeFault.WRONG: "code",
}
"""The field that is to blame, by its name."""
_FIRST: Final[Mapping[str, str]] = {"last": "last-day", "who": "who-one", "stop": "disable"}
"""The control that a link leads to, where a field has several and the first is not called as the field is."""
_OF_CERTIFICATE: Final = frozenset(NameKind)
_OF_KEYS: Final = frozenset({"jwks", "encryption_jwk"})
_LONGEST_PREFIX = 60


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a form. `words` is to be translated; `more` says what the checks of registrations found."""

    words: str
    more: tuple[Fault, ...] = ()
    field: str = ""
    """Where it is wrong, by the name in the form; nothing where no one field is to blame."""
    fields: tuple[str, ...] = ()
    """The same for each of `more`."""


def problem(error: VadError, controls: Collection[str] = ()) -> Problem:
    """What to say of it. `controls`: those of the form that a browser does not send while they are empty."""
    match error:
        case FieldError():
            return replace(problem(error.error), field=error.field)
        case RegistrationFaultError():
            fields = tuple(_blamed(fault, controls) for fault in error.faults)
            return Problem(msgid("This cannot be registered:"), error.faults, fields=fields)
        case NobodyFoundError():
            return Problem(_WORDS["nobody"])
        case RegisterUnavailableError():
            return Problem(_WORDS[Unable.UNSURE])
        case JustificationError():
            return Problem(_WORDS.get(error.fault, _OTHER), field=_sent(_AT.get(error.fault, "")))
        case TermError():
            return Problem(_WORDS.get(str(error), _OTHER), field=_sent("last"))
        case ApprovalError() | OutdatedError() | MandateUnableError() | CodeRefusedError():
            return Problem(_WORDS.get(error.why, _OTHER), field=_sent(_AT.get(error.why, "")))
        case _:
            return Problem(_OTHER)


def shown(error: VadError | None, controls: Collection[str] = ()) -> dict[str, Any]:
    """What a template of such forms takes."""
    known = problem(error, controls) if error else None
    prefix = sent().get("form", "")[:_LONGEST_PREFIX]
    told: list[tuple[str, str]] = []
    if known is not None:
        words = _(known.words)
        told = [
            (_control(prefix, field), f"{words} {said(more)}")
            for field, more in zip(known.fields, known.more, strict=True)
        ] or [(_control(prefix, known.field), words)]
    at = {identifier: text for identifier, text in reversed(told) if identifier}

    def wrong(identifier: str) -> dict[str, str] | None:
        return {"text": at[identifier], "visuallyHiddenText": _("Error")} if identifier in at else None

    return {
        "problem": [{"text": text, **({"href": f"#{identifier}"} if identifier else {})} for identifier, text in told],
        "wrong": wrong,
        "written": {**typed(), "form": prefix},
    }


def _control(prefix: str, field: str) -> str:
    return prefix + _FIRST.get(field, field) if field else ""


def _blamed(fault: Fault, controls: Collection[str]) -> str:
    """The first field of the form among the members that a fault of a registration is about."""
    for name in members(fault):
        also = "certificate_value" if name in _OF_CERTIFICATE else "keys" if name in _OF_KEYS else ""
        for each in (name, also):
            if each in controls or _sent(each):
                return each
    return ""


def _sent(field: str) -> str:
    """The field, if the form that was sent has it."""
    return field if field in request.form or f"{field}_day" in request.form else ""


def justification() -> Justification:
    """Reason and case number of the form. Raises `JustificationError`."""
    return Justification(text("reason"), text("case_number"))


def text(name: str) -> str:
    """What was typed in one field."""
    return request.form.get(name, "").strip()[:LONGEST]


def found(member: StaffMember, action: StaffAction, field: str, why: Justification, at: datetime) -> PersonId:
    """Who is named in this field. Raises `FieldError` where that is nobody."""
    try:
        return services().deciding.persons.find(member, action, text(field), why, at)
    except NobodyFoundError as error:
        raise FieldError(field, error) from None


def last_day() -> date:
    """The day of the form. Raises `TermError`."""
    try:
        return date(*(int(text(f"last_{part}")) for part in ("year", "month", "day")))
    except (ValueError, OverflowError):
        raise TermError(TermFault.NO_DATE) from None


def choices(values: Iterable[StrEnum], words: Mapping[str, str]) -> list[dict[str, str]]:
    """Radio buttons, as the component takes them."""
    return [{"value": each.value, "text": _(words[each])} for each in values]


def typed() -> dict[str, str]:
    """Everything that was typed, to be shown again."""
    return {name: value[:LONGEST] for name, value in sent().items() if name != "csrf_token"}
