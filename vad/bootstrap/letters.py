"""Letters, as the settings name them."""

from datetime import timedelta
from urllib.parse import urlsplit

from vad.adapters.brp.addresses import BrpAddresses
from vad.adapters.http.caller import Limits
from vad.adapters.jose.handles import SivHandles
from vad.adapters.letters.post import HttpLetterPost
from vad.adapters.letters.writer import TypstLetters
from vad.bootstrap import registers
from vad.bootstrap.foundation import Foundation
from vad.bootstrap.security_events import mandate_end
from vad.domain.mandate_letter import LetterRules
from vad.domain.notice import Notice
from vad.services.letter_delivery import LetterDelivery
from vad.services.mandate_letter_fillers import CodeLetter, MandateFillings, StopLetter
from vad.services.mandate_letters import LetterRequests
from vad.services.ports.letters import LetterFiller
from vad.services.ports.outside import PersonRegister
from vad.settings import Settings

_LONGEST = 3.0
"""Seconds that each of the three calls may take: together less than the ten after which PostgreSQL ends a
transaction."""


def letter_delivery(foundation: Foundation) -> LetterDelivery | None:
    """What delivers letters; None where there is no service to post them."""
    settings = foundation.settings
    if settings.post.url is None:
        return None
    total = min(settings.outgoing.total_timeout, _LONGEST)
    limits = Limits(connect=min(settings.outgoing.connect_timeout, total), total=total)
    brp, post = (registers.limited(foundation, name, limits) for name in ("brp", "post"))
    quick = registers.persons(settings, brp)
    questions = ", ".join(filter(None, (settings.operator.email, settings.operator.phone)))
    token = settings.post.token
    return LetterDelivery(
        foundation.work,
        BrpAddresses(settings.brp.base_url, settings.brp.api_key.get_secret_value(), brp),
        TypstLetters(settings.operator.name, questions),
        HttpLetterPost(settings.post.url, token.get_secret_value() if token else None, post),
        _fillers(foundation, quick),
    )


def letter_requests(foundation: Foundation, register: PersonRegister) -> LetterRequests:
    """What finds out to whom a letter goes that somebody asked for."""
    age = foundation.settings.mandate.minimum_age
    return LetterRequests(foundation.work, register, age, letter_rules(foundation.settings))


def letter_rules(settings: Settings) -> LetterRules:
    """What this installation sets."""
    known = settings.mandate
    return LetterRules(timedelta(days=known.letter_wait_days), known.letters_per_year, known.letters_asked_per_day)


def _fillers(foundation: Foundation, register: PersonRegister) -> dict[Notice, LetterFiller]:
    page = f"{urlsplit(foundation.settings.service.issuer).netloc}/machtiging-stoppen"
    fillings = MandateFillings(foundation.work, foundation.registrations, register, SivHandles(foundation.keys), page)
    wait = letter_rules(foundation.settings).wait
    return {
        Notice.MANDATE_CODE: CodeLetter(fillings),
        Notice.MANDATE_STOP_CODE: StopLetter(fillings, mandate_end(foundation), wait),
    }
