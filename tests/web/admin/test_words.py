"""What the log has as codes is told in words: not one type, reason, action or purpose is left out."""

import ast
from collections.abc import Iterator
from enum import StrEnum
from importlib import import_module
from pathlib import Path

from vad.adapters.vault.keys import Purpose
from vad.domain.audit import AuditEvent
from vad.domain.block import BlockReason
from vad.domain.break_glass import Verdict
from vad.domain.case import CaseOutcome
from vad.domain.errors import LoginFailure
from vad.domain.ground import DenyReason
from vad.domain.mandate import MandateState
from vad.domain.mandate_legal import LegalKind
from vad.domain.mandate_letter import Withheld
from vad.domain.mandate_parties import Unable
from vad.domain.staff import StaffAction
from vad.domain.staff_session import EnrolmentFailure, StaffLoginFailure
from vad.services.denials import Refusal
from vad.services.log_report import Fault
from vad.services.mandate_codes import CodeFault
from vad.services.mandate_proofs import Standing
from vad.web.admin.words import ACTIONS, PURPOSES
from vad.web.support.event_words import EVENTS
from vad.web.support.reason_words import REASONS

CODE = Path(__file__).parents[3] / "vad"
ENUMS: tuple[type[StrEnum], ...] = (
    BlockReason, CaseOutcome, CodeFault, DenyReason, EnrolmentFailure, Fault, LegalKind, LoginFailure, MandateState,
    Refusal, StaffLoginFailure, Standing, Unable, Verdict, Withheld,
)  # fmt: skip
"""Whose members are reasons of events, by what they are or by `str`."""
PROTOCOL = {
    "access_denied", "account_selection_required", "consent_required", "insufficient_user_authentication",
    "interaction_required", "invalid_authorization_details", "invalid_client", "invalid_grant", "invalid_request",
    "invalid_scope", "invalid_target", "login_required", "temporarily_unavailable", "unauthorized_client",
    "unmet_authentication_requirements", "unsupported_grant_type",
}  # fmt: skip
"""What an app hears where no decision was taken: these are reasons too, those of the token endpoint in capitals."""
LOGGING = {"debug", "info", "warning", "error", "critical"}
SECOND = {"_revoke", "end_all_of", "ended_with"}
"""Calls that take the reason by its place."""


def test_every_type_action_and_purpose_has_words() -> None:
    """And nothing has words that is not there any more."""
    assert EVENTS.keys() == {each.type for each in AuditEvent.__subclasses__()}
    assert ACTIONS.keys() == set(StaffAction)
    assert PURPOSES.keys() == set(Purpose)


def test_every_reason_has_words() -> None:
    """Those of the enumerations, of the protocol, and what the code says as it stands; and not one more."""
    written = {code for path in sorted(CODE.rglob("*.py")) if "sandbox" not in path.parts for code in reasons_in(path)}
    assert {"code_reused", "mandate_ended", "by_letter", "stop_code", "by_staff", "changed_meanwhile"} <= written
    known = written | PROTOCOL | {each.value for kind in ENUMS for each in kind}
    assert sorted(known - REASONS.keys()) == []
    assert sorted(REASONS.keys() - known) == []


def reasons_in(path: Path) -> Iterator[str]:
    """What is given as a reason in this file: as a word, or as a constant of the module."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call):
            yield from (text for value in given(node, path) for text in texts(value, path))
        elif "services" in path.parts:
            yield from (text for value in named(node) for text in texts(value, path))


def given(call: ast.Call, path: Path) -> Iterator[ast.expr]:
    """The reasons that a call is given."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name not in LOGGING:
        yield from (each.value for each in call.keywords if each.arg == "reason")
    if name in SECOND:
        yield from call.args[1:3]
    elif name == "_stopped":
        yield from call.args
    elif name == "OutdatedError" and "web" not in path.parts:
        # A page says such a thing of a form; as a use case says it, a request is over for it.
        yield from call.args[:1]


def named(node: ast.AST) -> Iterator[ast.expr]:
    """The reasons that a use case has a name for, or by default, or finds."""
    if isinstance(node, ast.Assign) and [ast.unparse(each) for each in node.targets] == ["reason"]:
        yield node.value
    if not isinstance(node, ast.FunctionDef):
        return
    arguments, defaults = node.args, [*node.args.defaults, *node.args.kw_defaults]
    known = reversed([*arguments.args, *arguments.kwonlyargs])
    yield from (value for one, value in zip(known, reversed(defaults), strict=False) if one.arg == "reason" and value)
    if node.name == "_over":
        yield from (back.value for back in ast.walk(node) if isinstance(back, ast.Return) and back.value)


def texts(value: ast.expr, path: Path) -> Iterator[str]:
    """The texts that this may be."""
    if isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value:
        yield value.value
    elif isinstance(value, ast.IfExp):
        yield from texts(value.body, path)
        yield from texts(value.orelse, path)
    elif isinstance(value, ast.Name) and value.id.isupper():
        module = import_module(".".join(path.relative_to(CODE.parent).with_suffix("").parts))
        found = getattr(module, value.id, None)
        if isinstance(found, str):
            yield str(found)
