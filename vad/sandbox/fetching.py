"""Fetching JSON from another organisation: no redirects, no proxies, short waits, a bounded answer."""

import json
from collections.abc import Mapping
from typing import Any

import requests

from vad.sandbox.outgoing import Certificate, new_session

TIMEOUT = (2.0, 5.0)
"""Seconds to connect, and between two pieces of the answer."""
LIMIT = 256 * 1024
"""The longest answer that is read, in bytes."""


class FetchError(Exception):
    """No usable answer came. `status` is the HTTP status if there was one, else None; `challenge` came with a 401."""

    def __init__(self, reason: str, status: int | None = None, challenge: str = "") -> None:
        super().__init__(reason)
        self.status = status
        self.challenge = challenge


def fetch_json(
    url: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: Mapping[str, Any] | None = None,
    form: Mapping[str, str] | None = None,
    certificate: Certificate | None = None,
) -> dict[str, Any]:
    """The JSON object at `url`. Raises FetchError for anything else than a 2xx with a JSON object of bounded size.

    A redirect is an error: the address is part of what both parties agreed on, and a bearer token or a `jwks_uri`
    must not be led elsewhere.
    """
    try:
        with (
            new_session(certificate) as session,
            session.request(
                method, url, headers=headers, json=body, data=form, timeout=TIMEOUT, allow_redirects=False, stream=True
            ) as response,
        ):
            content = b"".join(_bounded(response))
            status, challenge = response.status_code, response.headers.get("WWW-Authenticate", "")
    except requests.RequestException as error:
        raise FetchError(f"{method} failed: {type(error).__name__}") from error
    if not requests.codes.ok <= status < requests.codes.multiple_choices:
        raise FetchError(f"{method} answered {status}", status, challenge)
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise FetchError("the answer is not JSON", status) from error
    if not isinstance(answer, dict):
        raise FetchError("the answer is not a JSON object", status)
    return answer


def _bounded(response: requests.Response) -> list[bytes]:
    pieces, size = [], 0
    for piece in response.iter_content(16 * 1024):
        size += len(piece)
        if size > LIMIT:
            raise FetchError("the answer is too long", response.status_code)
        pieces.append(piece)
    return pieces
