"""The PRS or the BRP hangs under load: who needs it is told in time, threads stay free for others, and it heals."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.faults.serving import UNLIMITED, Start
from tests.faults.test_bad_days import asked, good, longest, pulses
from tests.support.backroom import Backroom
from tests.support.person import Person, tokens
from tests.support.relying_party_client import ACCESS_TOKEN, ASSERTION_TYPE, TOKEN_EXCHANGE, RelyingParty
from tests.support.town import Town

pytestmark = pytest.mark.slow

_BUDGET = 10.0
"""Seconds that a request may take."""
_CROWD = 24
"""More than there are threads."""
_REQUESTS = 60
Ask = Callable[[str], requests.Response]


def for_the_prs(rp: RelyingParty, own: dict[str, str], gp: str) -> Ask:
    """Exchange a token for that of a source whose subject the PRS knows."""

    def ask(address: str) -> requests.Response:
        form = {
            "grant_type": TOKEN_EXCHANGE,
            "subject_token": own["access_token"],
            "subject_token_type": ACCESS_TOKEN,
            "resource": gp,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": rp.assertion(aud=rp.issuer),
        }
        return requests.post(f"{address}/token", data=form, timeout=60)

    return ask


def for_the_brp(own: dict[str, str]) -> Ask:
    """Ask what somebody is called, which only the BRP knows once nobody remembers it."""

    def ask(address: str) -> requests.Response:
        header = {"Authorization": f"Bearer {own['access_token']}"}
        return requests.get(f"{address}/userinfo", headers=header, timeout=60)

    return ask


@pytest.mark.parametrize("register", ["prs", "brp"])
def test_a_register_that_hangs_leaves_threads_to_others(
    start: Start, vad_town: Town, rp: RelyingParty, person: Person, backroom: Backroom, register: str
) -> None:
    """More requests than threads wait for it: each hears 503 in time, most at once; others get on; then it is used."""
    served = start(**UNLIMITED)
    gp = vad_town.address("gp")
    own = tokens(rp, person, (gp,), "openid 49")
    ask = for_the_prs(rp, own, gp) if register == "prs" else for_the_brp(own)
    assert ask(served.address).status_code == 200
    backroom.forget_names()

    def timed(_number: int) -> tuple[requests.Response, float]:
        begun = time.monotonic()
        return ask(served.address), time.monotonic() - begun

    with vad_town.misbehaving(register, "hang", seconds=30):
        with pulses(served, "/inloggen", 2) as beating, ThreadPoolExecutor(_CROWD) as crowd:
            came = list(crowd.map(timed, range(_REQUESTS)))
            settled = time.monotonic()
            enough = good(beating) + 20
            served.until(lambda: good(beating) > enough)
        degraded = requests.get(f"{served.address}/readyz", timeout=10).json()["degraded"]
    assert {(answer.status_code, answer.json()["error"]) for answer, _ in came} == {(503, "temporarily_unavailable")}
    assert all(int(answer.headers["Retry-After"]) > 0 for answer, _ in came)
    assert max(seconds for _, seconds in came) < _BUDGET
    assert min(seconds for _, seconds in came) < 2.0, "the circuit answers at once"
    assert degraded in ([], [register])
    assert good(beating) == asked(beating)
    assert longest(beating) < _BUDGET
    assert longest(beating, settled) < 4.0
    served.until(lambda: ask(served.address).status_code == 200)
