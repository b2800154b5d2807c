"""The mock DigiD as a program: `Config` and `create_app`, like every program of the neighbourhood.

It refuses what a real OpenID provider refuses. The BSN travels only in bodies of requests and in the encrypted token.
"""

import time
from collections.abc import Callable
from pathlib import Path

from flask import Flask, Response, jsonify, request

from vad.sandbox import faults
from vad.sandbox.digid.config import Config
from vad.sandbox.digid.discovery import discovery
from vad.sandbox.digid.pages import Pages
from vad.sandbox.digid.token_endpoint import TokenEndpoint
from vad.sandbox.digid.tokens import NONSENSE, REPRESENTING
from vad.sandbox.openid.codes import TokenError

__all__ = ["Config", "create_app"]

_HERE = Path(__file__).resolve().parent.parent
_LARGEST_BODY = 64 * 1024


def create_app(config: Config, now: Callable[[], float] = time.time) -> Flask:
    """Build the mock DigiD. `now` is its clock, in seconds since 1970."""
    app = Flask(
        "vad.sandbox.digid",
        root_path=str(_HERE),
        template_folder="templates/digid",
        static_folder="static/digid",
        static_url_path="/static",
    )
    app.config.update(MAX_CONTENT_LENGTH=_LARGEST_BODY, MAX_FORM_MEMORY_SIZE=_LARGEST_BODY)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    faulty = faults.install(app, (*NONSENSE, REPRESENTING))
    tokens = TokenEndpoint(config, now)
    pages = Pages(config, now, tokens)
    policy = config.content_security_policy()

    @app.after_request
    def secure(response: Response) -> Response:
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers["Content-Security-Policy"] = policy
        response.headers["X-Content-Type-Options"] = "nosniff"
        # "no-referrer" would make browsers send "Origin: null" with our own form.
        response.headers["Referrer-Policy"] = "same-origin"
        return response

    @app.post("/token")
    def token() -> Response:
        if request.args or request.mimetype != "application/x-www-form-urlencoded":
            raise TokenError("invalid_request", "send a form in the body, and nothing in the address")
        return jsonify(tokens.redeem(request.form, lambda: faulty.mode_for("/token")))

    @app.post("/control/forget-client-keys")
    def forget_client_keys() -> tuple[str, int]:
        tokens.forget_client_keys()
        return "", 204

    @app.errorhandler(TokenError)
    def token_error(error: TokenError) -> tuple[Response, int]:
        return jsonify(error=error.error, error_description=error.description), error.status

    def healthz() -> Response:
        return jsonify(status="ok")

    def openid_configuration() -> Response:
        return jsonify(discovery(config))

    def jwks() -> Response:
        return jsonify(keys=[config.public_key()])

    app.add_url_rule("/healthz", view_func=healthz)
    app.add_url_rule("/.well-known/openid-configuration", view_func=openid_configuration)
    app.add_url_rule("/jwks", view_func=jwks)
    app.add_url_rule("/authorize", view_func=pages.begin, methods=["GET", "POST"])
    app.add_url_rule("/inloggen", "login_page", pages.show)
    app.add_url_rule("/inloggen", "log_in", pages.submit, methods=["POST"])
    return app
