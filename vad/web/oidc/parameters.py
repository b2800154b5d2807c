"""Reading parameters strictly: once each, of bounded size, printable (RFC 6749 section 3.1 and 3.2)."""

from werkzeug.datastructures import MultiDict

from vad.domain.errors import ProtocolError

LONGEST = 4096
"""Characters of one value; `client_assertion` and tokens have their own, larger limit."""
LONGEST_TOKEN = 16384
REPEATABLE = frozenset({"resource"})
"""RFC 8707 section 2 lets it come more than once."""
_TOKENS = frozenset(
    {
        *("request", "client_assertion", "subject_token", "actor_token", "refresh_token"),
        *("id_token_hint", "token", "access_token"),
    }
)
_JSON = frozenset({"claims", "authorization_details"})
"""JSON may hold line breaks and tabs as white space (RFC 8259 section 2); whoever reads it judges the rest."""
MOST_RESOURCES = 16


def check(parameters: MultiDict[str, str]) -> None:
    """Raise `ProtocolError` `invalid_request` for a repeated, oversized or unprintable parameter."""
    for name, values in parameters.lists():
        if len(values) > 1 and name not in REPEATABLE:
            raise ProtocolError("invalid_request", "a parameter is repeated")
        if len(values) > MOST_RESOURCES:
            raise ProtocolError("invalid_request", "there are too many values of one parameter")
        longest = LONGEST_TOKEN if name in _TOKENS else LONGEST
        if any(len(value) > longest or not _printable(name, value) for value in (name, *values)):
            raise ProtocolError("invalid_request", "a parameter is too long or holds control characters")


def _printable(name: str, value: str) -> bool:
    return value.isprintable() or (name in _JSON and value.translate({9: None, 10: None, 13: None}).isprintable())


def with_value(parameters: MultiDict[str, str]) -> MultiDict[str, str]:
    """Those that have a value: one without counts as left out (RFC 6749 section 3.1 and 3.2)."""
    return MultiDict((name, value) for name, value in parameters.items(multi=True) if value)


def required(parameters: MultiDict[str, str], name: str) -> str:
    """The value. Raises `ProtocolError` `invalid_request` when it is missing or empty."""
    value = parameters.get(name)
    if not value:
        raise ProtocolError("invalid_request", f"{name} is required")
    return value


def resources(parameters: MultiDict[str, str]) -> tuple[str, ...]:
    """The values of `resource`, each once, in order (RFC 8707)."""
    return tuple(dict.fromkeys(parameters.getlist("resource")))
