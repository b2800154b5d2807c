"""The questions put to the mock PRS, checked. No message holds a value that was sent."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from vad.sandbox.persons import is_bsn

# 8 digits, then 8 or 9 letters or digits, then zeros up to 20 (Logius, OIN).
OIN = re.compile(r"\d{8}(?:[A-Za-z0-9]{8}0{4}|[A-Za-z0-9]{9}0{3})", re.ASCII)
# What a RID may become, from least to most telling.
RANKS: Mapping[str, int] = {"irp": 1, "rp": 2, "bsn": 3}
_PERSONAL_ID_PARTS = 3


class InvalidRequestError(Exception):
    """A field of the request is missing or wrong."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.field = name
        self.message = message


@dataclass(frozen=True)
class Exchange:
    """A BSN to be exchanged for a RID: for whom, for what, and what it may become."""

    bsn: str = field(repr=False)
    recipient: str
    scope: str
    usage: str


@dataclass(frozen=True)
class Receive:
    """A RID to be exchanged for a pseudonym by its recipient."""

    rid: str = field(repr=False)
    recipient: str
    scope: str
    pseudonym_type: str


def exchange(body: Any) -> Exchange:
    """Read the body of `POST /exchange/rid`. Raises `InvalidRequestError`."""
    return Exchange(_bsn(_field(body, "personalId")), _recipient(body), _scope(body), _kind(body, "ridUsage"))


def receive(body: Any) -> Receive:
    """Read the body of `POST /receive`. Raises `InvalidRequestError`."""
    rid = _text(body, "rid")
    if not rid.startswith("rid:"):
        raise InvalidRequestError("rid", "must start with rid:")
    return Receive(rid.removeprefix("rid:"), _recipient(body), _scope(body), _kind(body, "pseudonymType"))


def _field(body: Any, name: str) -> Any:
    if not isinstance(body, dict):
        raise InvalidRequestError("body", "must be a JSON object")
    if name not in body:
        raise InvalidRequestError(name, "is required")
    return body[name]


def _text(body: Any, name: str) -> str:
    value = _field(body, name)
    if not isinstance(value, str) or not value:
        raise InvalidRequestError(name, "must be a text")
    return value


def _bsn(personal_id: Any) -> str:
    """`NL:bsn:…`, or the same as an object with landCode, type and value."""
    parts: list[Any] = personal_id.split(":") if isinstance(personal_id, str) else []
    if isinstance(personal_id, dict):
        parts = [personal_id.get("landCode"), personal_id.get("type"), personal_id.get("value")]
    if len(parts) != _PERSONAL_ID_PARTS or not all(isinstance(part, str) for part in parts):
        raise InvalidRequestError("personalId", "must be a land code, a type and a number")
    if parts[0].upper() != "NL" or parts[1].lower() != "bsn" or not is_bsn(parts[2]):
        raise InvalidRequestError("personalId", "must be a Dutch BSN that passes the 11-proof")
    return str(parts[2])


def _recipient(body: Any) -> str:
    organization = _text(body, "recipientOrganization")
    oin = organization.removeprefix("oin:")
    if oin == organization or not OIN.fullmatch(oin):
        raise InvalidRequestError("recipientOrganization", "must be oin: and an OIN of 20 characters")
    return oin


def _scope(body: Any) -> str:
    scope = _text(body, "recipientScope")
    # The bar separates the parts that a pseudonym is made of.
    if len(scope) > 100 or "|" in scope:  # noqa: PLR2004
        raise InvalidRequestError("recipientScope", "must be at most 100 characters, without a bar")
    return scope


def _kind(body: Any, name: str) -> str:
    kind = _text(body, name)
    if kind not in RANKS:
        raise InvalidRequestError(name, f"must be one of {', '.join(RANKS)}")
    return kind
