"""A front before VAD that plays the pages of the ministry's own proof of concept, for the robot that tests its clients.

That robot meets no pages of VAD: it goes from `/authorize` to a mock of DigiD with one field, and from there straight
back to the app. So the front walks through VAD's pages and the mock DigiD itself, agrees to everything, and shows pages
of its own. It is for test persons alone: a BSN stands in an address here, which VAD never takes or makes.
"""

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

import requests
from flask import Flask, Response, abort, jsonify, request

from vad.sandbox.demo.browser import Browser, Page
from vad.sandbox.fields import known_only, text
from vad.sandbox.memory import ShortLived
from vad.sandbox.outgoing import new_session
from vad.sandbox.persons import is_bsn

__all__ = ["Config", "create_app"]

_VISIT_SECONDS = 600
_MOST_HOPS = 15
_FORWARDED = frozenset(
    {"jwks", "token", "userinfo", "health", "auth/session/renew", "api/v1/clients-updated", "json-schema.json"}
)
_DISCOVERY = "/.well-known/openid-configuration"
_SENT_ON = ("Authorization", "Content-Type", "Accept", "Cookie")
_MOCK = """<!doctype html>
<html lang="en"><head><title>DigiD Mock</title></head><body><h1>DigiD Mock</h1>
<form method="GET" action="digid-mock-catch">
<label for="bsn_inp">BSN</label> <input id="bsn_inp" type="text" name="bsn" value="999991772">
<input type="hidden" name="SAMLart" value="{artifact}"><input type="hidden" name="RelayState" value="{relay}">
<button type="submit">Login / Submit</button></form></body></html>"""
_REFUSED = """<!doctype html>
<html lang="en"><head><title>{error}</title></head><body><h2>{error}</h2><p>{description}</p></body></html>"""


@dataclass(frozen=True)
class Config:
    """Where VAD and the mock DigiD are."""

    vad: str
    digid: str

    @staticmethod
    def from_json(raw: Mapping[str, Any]) -> "Config":
        """Read a configuration. Raises `ConfigError` with one line."""
        known_only(raw, ("vad", "digid"))
        return Config(text(raw, "vad"), text(raw, "digid"))


class _Visit(Browser):
    """Goes through VAD and DigiD, up to the door of the app."""

    def __init__(self, config: Config) -> None:
        super().__init__()
        self._vad, self._within = (
            urlsplit(config.vad).netloc,
            {urlsplit(each).netloc for each in (config.vad, config.digid)},
        )
        self.left: str | None = None
        """Where the app's browser is sent, once it is."""
        self.cookies: list[str] = []
        """What VAD set, as it stood in the headers."""

    def bring(self, cookies: Mapping[str, str]) -> None:
        """Take the cookies of the browser that came."""
        host = urlsplit(f"//{self._vad}").hostname or ""
        for name, value in cookies.items():
            # As the library calls a host without a dot.
            self._session.cookies.set(name, value, domain=host if "." in host else f"{host}.local", path="/")

    def _show(self, method: str, url: str, values: Mapping[str, list[str]]) -> Page:
        for _ in range(_MOST_HOPS):
            if urlsplit(url).netloc not in self._within:
                self.left = url
                return self.page
            answer = self._once(method, url, values)
            if not answer.is_redirect:
                self.page = self.read(answer)
                return self.page
            method, url, values = "GET", urljoin(url, answer.headers["Location"]), {}
        raise RuntimeError("too many redirects")

    def _once(self, method: str, url: str, values: Mapping[str, list[str]]) -> requests.Response:
        body, query = (values, None) if method == "POST" else (None, values)
        answer = self._session.request(method, url, data=body, params=query, timeout=30, allow_redirects=False)
        if urlsplit(url).netloc == self._vad:
            self.cookies += answer.raw.headers.getlist("Set-Cookie")
        return answer


def create_app(config: Config, now: Callable[[], float] = time.time) -> Flask:
    """Build the front."""
    app, front = Flask("vad.sandbox.ministry_front", static_folder=None), _Front(config, ShortLived(now))
    app.add_url_rule("/healthz", "healthz", lambda: Response('{"status":"ok"}', content_type="application/json"))
    app.add_url_rule(_DISCOVERY, view_func=front.discovery)
    app.add_url_rule("/authorize", view_func=front.authorize)
    app.add_url_rule("/digid-mock", view_func=front.digid_mock)
    app.add_url_rule("/digid-mock-catch", view_func=front.digid_mock_catch)
    app.add_url_rule("/<path:path>", view_func=front.forwarded, methods=["GET", "POST"])
    return app


@dataclass(frozen=True)
class _Front:
    """The front's own pages, and what it hands on."""

    config: Config
    visits: ShortLived[_Visit]

    def authorize(self) -> Response:
        """To the mock of DigiD, or back to the app at once."""
        visit = _Visit(self.config)
        visit.bring(request.cookies)
        asked = f"{self.config.vad}/authorize?{request.query_string.decode('ascii')}"
        visit.open(asked)
        if visit.left is None and visit.page.status == HTTPStatus.BAD_REQUEST:
            return self._refused(asked)
        return self._result(visit)

    def _refused(self, asked: str) -> Response:
        """Where VAD sends nobody back: the page of the former provider, headed by the error itself."""
        with new_session() as session:
            told = session.get(asked, headers={"Accept": "application/json"}, timeout=30, allow_redirects=False)
        if "application/json" in request.headers.get("Accept", ""):
            return Response(told.content, told.status_code, content_type="application/json")
        error, description = (escape(str(told.json()[name])) for name in ("error", "error_description"))
        page = _REFUSED.format(error=error, description=description)
        return Response(page, told.status_code, content_type="text/html; charset=utf-8")

    def discovery(self) -> Response:
        """VAD's own, but for where a browser is sent: to the pages that are played here."""
        with new_session() as session:
            known = session.get(f"{self.config.vad}{_DISCOVERY}", timeout=30).json()
        return jsonify({**known, "authorization_endpoint": f"{request.host_url}authorize"})

    def digid_mock(self) -> Response:
        """One field."""
        artifact, relay = (escape(request.args.get(name, "")) for name in ("SAMLart", "RelayState"))
        return Response(_MOCK.format(artifact=artifact, relay=relay), content_type="text/html; charset=utf-8")

    def digid_mock_catch(self) -> Response:
        """What was filled in there, carried through VAD's pages and the mock DigiD."""
        visit, bsn = self.visits.pop(request.args.get("SAMLart", "")), request.args.get("bsn", "")
        if visit is None or not (is_bsn(bsn) and bsn.startswith("999")):
            abort(400)
        visit.press("login-submit")
        visit.press("login-submit", {"bsn": bsn})
        return self._result(visit)

    def forwarded(self, path: str) -> Response:
        """What programs ask of VAD, as it is."""
        if path not in _FORWARDED:
            abort(404)
        headers = {name: request.headers[name] for name in _SENT_ON if name in request.headers}
        url, body = f"{self.config.vad}/{path}", request.get_data()
        with new_session() as session:
            answer = session.request(request.method, url, data=body, headers=headers, timeout=30, allow_redirects=False)
        response = Response(answer.content, answer.status_code)
        response.headers["Content-Type"] = answer.headers.get("Content-Type", "text/plain")
        return _with_cookies(response, answer.raw.headers.getlist("Set-Cookie"))

    def _result(self, visit: _Visit) -> Response:
        """Back to the app, to the mock of DigiD, or what VAD said."""
        for button in ("continue", "consent-give"):
            if visit.left is None and button in visit.page.elements:
                visit.press(button, _agreed(visit.page) if button == "consent-give" else {})
        if visit.left is None and "login-submit" in visit.page.elements:
            artifact = secrets.token_urlsafe(32)
            self.visits.add(artifact, visit, seconds=_VISIT_SECONDS)
            query = urlencode({"SAMLart": artifact, "RelayState": secrets.token_urlsafe(16)})
            return Response(status=302, headers={"Location": f"/digid-mock?{query}"})
        if visit.left is not None:
            return _with_cookies(Response(status=302, headers={"Location": visit.left}), visit.cookies)
        shown = Response(visit.page.text, visit.page.status, content_type="text/html; charset=utf-8")
        return _with_cookies(shown, visit.cookies)


def _agreed(page: Page) -> dict[str, str | bool]:
    """To every source, until it is stopped."""
    boxes = [each.identifier for form in page.forms for each in form.fields if each.name == "source"]
    return {**dict.fromkeys(boxes, True), "duration-until-stopped": True}


def _with_cookies(response: Response, cookies: Sequence[str]) -> Response:
    """The same, with these headers letter by letter."""
    for cookie in cookies:
        response.headers.add("Set-Cookie", cookie)
    return response
