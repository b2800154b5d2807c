"""A small application made of VAD's own presentation functions, for tests of what every page shares."""

import re
from collections.abc import Collection

from flask import Flask

from vad.web.citizen.information import Operator, information_blueprint
from vad.web.support import errors, i18n, pages, security_headers
from vad.web.support.application import Application

OPERATOR = Operator(
    name="Stichting Voorbeeld B.V.",
    email="hulp@vad.example",
    security_email="veilig@vad.example",
    phone="070 000 00 00",
    privacy_url="https://vad.example/privacy",
)
INFORMATION_PAGES = ("/hulp", "/privacy", "/toegankelijkheid", "/beveiliging")


def presentation_app(
    *, https: bool = False, logout_token: str | None = None, machine_blueprints: Collection[str] = ()
) -> Flask:
    """Make an application that shows pages; `logout_token` given means that somebody is logged in."""
    app = Application("vad.web")
    i18n.init_app(app, https=https)
    pages.init_app(app, logout_token=lambda: logout_token)
    security_headers.init_app(app, https=https)
    errors.register_error_pages(app, machine_blueprints=machine_blueprints)
    app.register_blueprint(information_blueprint(OPERATOR))
    return app


def words(cell: str) -> str:
    """What a cell of the activity says: without its label, the link to report it, and what is folded away."""
    apart = r'<span class="vad-label".*?</span>|<br><a .*?</a>|<details.*?</details>'
    return " ".join(re.sub(r"<[^>]+>", " ", re.sub(apart, "", cell, flags=re.DOTALL)).split())
