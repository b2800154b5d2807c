"""A login that ends while somebody fills in a form: what they typed waits for them, and stands there again (P16)."""

from typing import Final

from flask import Response, g, request, url_for
from werkzeug.datastructures import MultiDict

from vad.domain.staff import StaffMember
from vad.services.staff_drafts import Typed
from vad.web.admin.addresses import here
from vad.web.support.redirects import see_other

KEEP_ONLY: Final = "keep_only"
"""The field with which the page itself sends a form once its time is over: nothing is to be done, only kept."""
_LEFT_OUT: Final = frozenset({"csrf_token", KEEP_ONLY, "code"})
"""Not what was typed, or what somebody read out in confidence."""


def log_in_first(typed: Typed, cookie: str | None) -> Response:
    """To the login page, and from there back to this one, with what was typed. A form was made by us, or is none."""
    where, kept = here(), False
    if request.method != "GET" and cookie is not None and where is not None:
        fields = request.form.items(multi=True)
        kept = typed.keep(
            cookie, where.partition("?")[0], ((name, value) for name, value in fields if name not in _LEFT_OUT)
        )
    over, kept_too = "ja" if cookie else None, "ja" if kept else None
    return see_other(url_for("staff_login.login", pagina=where, verlopen=over, bewaard=kept_too))


def bring_back(typed: Typed, member: StaffMember) -> None:
    """Let this page show what this one typed there before, once."""
    if request.method == "GET":
        g.brought_back = MultiDict(typed.drafts.take(member.account, request.path))


def brought_back() -> bool:
    """Whether it does."""
    return request.method == "GET" and bool(g.get("brought_back"))


def sent() -> MultiDict[str, str]:
    """The form as it came; of a page that is opened what was brought back, or nothing."""
    return request.form if request.method != "GET" else g.get("brought_back") or MultiDict()
