"""Letters, as the settings name them."""

from vad.adapters.brp.addresses import BrpAddresses
from vad.adapters.http.caller import HttpCaller, Limits
from vad.adapters.letters.post import HttpLetterPost
from vad.adapters.letters.writer import TypstLetters
from vad.bootstrap.foundation import Foundation
from vad.services.letter_delivery import LetterDelivery

_LONGEST = 4.0
"""Seconds that each of the two calls may take: together less than the ten after which PostgreSQL ends a transaction."""


def letter_delivery(foundation: Foundation) -> LetterDelivery | None:
    """What delivers letters; None where there is no service to post them."""
    settings = foundation.settings
    if settings.post.url is None:
        return None
    total = min(settings.outgoing.total_timeout, _LONGEST)
    limits = Limits(connect=min(settings.outgoing.connect_timeout, total), total=total)
    brp, post = (
        HttpCaller(name, limits=limits, observer=foundation.metrics, calls=foundation.traces)
        for name in ("brp", "post")
    )
    questions = ", ".join(filter(None, (settings.operator.email, settings.operator.phone)))
    token = settings.post.token
    return LetterDelivery(
        foundation.work,
        BrpAddresses(settings.brp.base_url, settings.brp.api_key.get_secret_value(), brp),
        TypstLetters(settings.operator.name, questions),
        HttpLetterPost(settings.post.url, token.get_secret_value() if token else None, post),
    )
