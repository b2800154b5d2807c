"""Where the flow of an authorization request stands, for the pages that it leads through."""

from vad.services.authorize import Step
from vad.web.support.cookies import browser
from vad.web.support.services import now, services


def step_of(flow: str) -> Step:
    """What comes next for this browser; that it asks is activity of the person. Raises `StaleFlowError`."""
    at, cookies = now(), browser()
    session = services().sessions.current(cookies.session_cookie, at)
    return services().authorize.step(flow, cookies.flow_cookie, session, at)
