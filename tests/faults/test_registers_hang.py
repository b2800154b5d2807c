"""The PRS or the BRP hangs under load: who needs it is told in time, threads stay free for others, and it heals."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.faults.serving import Served
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


def test_a_register_that_hangs_leaves_threads_to_others(
    shared: Served, vad_town: Town, rp: RelyingParty, person: Person, backroom: Backroom
) -> None:
    """More requests than threads wait for it: each hears 503 in time, most at once; others get on; then it is used."""
    own = tokens(rp, person, (vad_town.address("gp"),), "openid 49")
    asking = {"prs": for_the_prs(rp, own, vad_town.address("gp")), "brp": for_the_brp(own)}
    for register, ask in asking.items():
        assert ask(shared.address).status_code == 200
        backroom.forget_names()
        others_get_on_while_it_hangs(shared, vad_town, register, ask)
    for ask in asking.values():
        shared.until(partial(used, shared, ask))


def used(served: Served, ask: Ask) -> bool:
    """Whether the register is asked again."""
    return ask(served.address).status_code == 200


def left_alone(served: Served, register: str) -> bool:
    """Whether a process says that it leaves this register alone."""
    degraded: list[str] = requests.get(f"{served.address}/readyz", timeout=10).json()["degraded"]
    return register in degraded


def others_get_on_while_it_hangs(served: Served, town: Town, register: str, ask: Ask) -> None:
    """A crowd asks for what this register knows, while it says nothing."""

    def timed(_number: int) -> tuple[requests.Response, float]:
        begun = time.monotonic()
        return ask(served.address), time.monotonic() - begun

    with town.misbehaving(register, "hang", seconds=30):
        with pulses(served, "/inloggen", 2) as beating, ThreadPoolExecutor(_CROWD) as crowd:
            came = list(crowd.map(timed, range(_REQUESTS)))
            settled = time.monotonic()
            enough = good(beating) + 20
            served.until(lambda: good(beating) > enough)
        served.until(lambda: left_alone(served, register))
    assert {(answer.status_code, answer.json()["error"]) for answer, _ in came} == {(503, "temporarily_unavailable")}
    assert all(int(answer.headers["Retry-After"]) > 0 for answer, _ in came)
    assert max(seconds for _, seconds in came) < _BUDGET
    assert min(seconds for _, seconds in came) < 2.0, "the circuit answers at once"
    assert good(beating) == asked(beating)
    assert longest(beating) < _BUDGET
    assert longest(beating, settled) < 4.0


def returning(served: Served, issuer: str) -> tuple[requests.Session, str]:
    """A person back from DigiD, about to make VAD ask DigiD for a token: the browser, and the address it is sent to."""
    session = requests.Session()
    page = session.get(f"{served.address}/inloggen", timeout=30).text
    form = {"csrf_token": page.partition('name="csrf_token" value="')[2].partition('"')[0], "action": "login"}
    sent = session.post(f"{served.address}/inloggen", data=form, timeout=30, allow_redirects=False)
    state = parse_qs(urlsplit(sent.headers["Location"]).query)["state"][0]
    return session, f"{served.address}/digid/callback?state={state}&code=none&iss={issuer}"


def test_digid_that_hangs_leaves_threads_to_others(shared: Served, vad_town: Town) -> None:
    """More people than threads wait for DigiD: others wait until its circuit opens, within the budget, and then not."""
    issuer = vad_town.settings.digid.issuer
    people = [returning(shared, issuer) for _ in range(60)]

    def come_back(person: tuple[requests.Session, str]) -> tuple[str, float]:
        session, address = person
        begun = time.monotonic()
        with session:
            sent = session.get(address, timeout=60, allow_redirects=False).headers["Location"]
            return sent, time.monotonic() - begun

    with vad_town.misbehaving("digid", "hang", endpoints=["/token"], seconds=30):
        with pulses(shared, "/inloggen", 2) as beating, ThreadPoolExecutor(24) as crowd:
            visits = [crowd.submit(come_back, person) for person in people]
            came = [visit.result() for visit in visits]
            settled = time.monotonic()
            enough = good(beating) + 20
            shared.until(lambda: good(beating) > enough)
        shared.until(lambda: left_alone(shared, "digid"))
    assert {sent.partition("&")[0] for sent, _ in came} == {"/inloggen?error=failed"}
    assert max(seconds for _, seconds in came) < 9.5, "no second round of those who wait"
    assert longest(beating) < _BUDGET
    assert longest(beating, settled) < 4.0
    assert min(seconds for _, seconds in came) < 2.0, "the circuit answers at once"
    assert good(beating) == asked(beating)
