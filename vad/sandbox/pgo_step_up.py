"""What the demo PGO understands of a data source that demands another login (RFC 9470, section 4)."""

import re
from collections.abc import Mapping

from werkzeug.datastructures import WWWAuthenticate

_UNAUTHORIZED = 401
_USABLE = {"acr_values": re.compile(r"[!#-\[\]-~]+( [!#-\[\]-~]+)*"), "max_age": re.compile(r"[0-9]{1,8}")}
_LONGEST = 500


def demanded(status: int | None, challenge: str) -> Mapping[str, str]:
    """What to add to the next authorization request, from a source's `WWW-Authenticate`; empty where it wants no login.

    A source is another organisation: nothing else of what it says goes into the address of VAD.
    """
    said = WWWAuthenticate.from_header(challenge)
    if status != _UNAUTHORIZED or said is None or said.type != "bearer":
        return {}
    if said.get("error") != "insufficient_user_authentication":
        return {}
    found = {name: said.get(name) or "" for name in _USABLE}
    return {name: text for name, text in found.items() if len(text) <= _LONGEST and _USABLE[name].fullmatch(text)}
