"""Authorisations on paper (P20): the proof of one, the page that its QR code leads to, and the paper of a code."""

from html import unescape
from http import HTTPStatus
from uuid import UUID

from flask import Blueprint, Response, get_template_attribute, make_response, request

from vad.domain.identifiers import MandateId
from vad.domain.mandate import Route
from vad.services.mandate_overview import Allowed
from vad.services.mandate_proofs import Proof
from vad.services.ports.papers import Facts, Heading, Paper, Paragraph, Part, QrCode, ShownCode
from vad.services.ports.volatile import RateLimit
from vad.web.citizen.mandates import to_list
from vad.web.support import own_pages, rate_limits
from vad.web.support.i18n import _, current_language, date_long, time_of_day
from vad.web.support.own_session import posted, visit
from vad.web.support.pages import render
from vad.web.support.redirects import see_other
from vad.web.support.services import now, services

blueprint = Blueprint("mandate_papers", __name__)

_LONGEST_CODE = 40


@blueprint.get("/mijn/machtigingen/<uuid:mandate_id>/bewijs")
def proof(mandate_id: UUID) -> Response:
    """Give the proof of a mandate that is in force to either side of it."""
    here = visit()
    if here is None:
        return own_pages.log_in_first(own_pages.MANDATES)
    made = services().mandates.proofs.made(here.session, MandateId(mandate_id), now())
    if made is None:
        return to_list(here, mandate_id)
    return _file(_proof_paper(made), "bewijs-van-machtiging")


@blueprint.post("/mijn/machtigingen/code/pdf")
def code() -> Response:
    """Give the code that was just shown, on paper. It comes in the form, for it is nowhere else to be had."""
    here = posted()
    if here is None:
        return own_pages.log_in_first(own_pages.MANDATES)
    shown = request.form.get("code", "")[:_LONGEST_CODE]
    mandate = services().mandates.proofs.of_code(here.session, shown, now())
    if mandate is None:
        # Answered, taken back or made anew meanwhile; or not from our page.
        return see_other(f"{request.script_root}/mijn/machtigingen")
    offer = mandate.route is Route.OFFER
    return _file(_code_paper(mandate.label, shown, date_long(mandate.answer_by), offer=offer), "machtigingscode")


@blueprint.get("/bewijs/<handle>")
def check(handle: str) -> Response:
    """Say whether the mandate of a paper holds, to whoever holds the paper."""
    rate_limits.per_address(RateLimit.PROOF)
    at = now()
    checked = services().mandates.proofs.checked(handle, at)
    return render(
        "mandate_proof.html",
        status=HTTPStatus.NOT_FOUND if checked is None else HTTPStatus.OK,
        standing="unknown" if checked is None else checked.standing.value,
        proof=None if checked is None else checked.proof,
        at=at,
    )


def _proof_paper(made: Proof) -> Paper:
    at, mandate, helper = now(), made.mandate, made.representative
    term: tuple[tuple[str, tuple[str, ...]], ...] = ((_("Valid until"), (date_long(mandate.last_day),)),)
    if at < mandate.starts_at:
        term = ((_("Starts on"), (date_long(mandate.starts_at),)), *term)
    # Nobody says of whom a curator or mentor acts for that they chose it.
    why = (
        _("By law %(name)s may see data of somebody else with VAD.", name=helper)
        if mandate.route is Route.LEGAL
        else _("%(name)s has authorised somebody to see data in VAD.", name=made.represented)
    )
    return Paper(
        current_language(),
        _("Proof of authorisation"),
        (
            Paragraph(why),
            Facts(
                (
                    (_("Data of"), (made.represented,)),
                    (_("May be seen by"), (helper,)),
                    (_("May see"), tuple(_line(each) for each in made.allowed)),
                    *term,
                )
            ),
            Heading(_("Is this authorisation still valid?")),
            Paragraph(_("It can be stopped every day. Scan this code with a phone, or go to the address below it.")),
            QrCode(
                f"{services().issuer}/bewijs/{made.handle}",
                _("QR code that leads to the page on which you see whether the authorisation is valid"),
            ),
            Paragraph(
                _("Nobody can see data with this paper alone. %(name)s logs in with their own DigiD.", name=helper)
            ),
            Paragraph(_("Made on %(date)s at %(time)s.", date=date_long(at), time=time_of_day(at))),
        ),
        at,
    )


def _code_paper(label: str, shown: str, until: str, *, offer: bool) -> Paper:
    what = (
        _("This code is for %(name)s, who may then see data for somebody else.", name=label)
        if offer
        else _("This code is for %(name)s, who is asked to authorise somebody.", name=label)
    )
    parts: tuple[Part, ...] = (
        Paragraph(what),
        ShownCode(shown),
        Paragraph(_("The code works once, until %(date)s. Never give your DigiD to anybody.", date=until)),
        Heading(_("How to use the code")),
        Paragraph(_("1. Scan the code below with a phone, or go to the address below it.")),
        Paragraph(_("2. Log in with your own DigiD.")),
        Paragraph(
            _("3. Enter the code, and the date of birth of the person who gave it to you. You then see what it is for.")
        ),
        QrCode(
            f"{services().issuer}/mijn/machtigingen/code",
            _("QR code that leads to the page on which you enter the code"),
        ),
        Paragraph(_("Do you not know this person? Then do not use the code.")),
    )
    return Paper(current_language(), _("Code for an authorisation"), parts, now())


def _line(allowed: Allowed) -> str:
    """One permission in the words of the pages."""
    line: str = get_template_attribute("macros.html", "permission_line")(allowed, current_language())
    return unescape(str(line)).strip()


def _file(paper: Paper, name: str) -> Response:
    response = make_response(services().papers.write(paper))
    response.headers["Content-Type"] = "application/pdf"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Language"] = current_language()
    return response
