"""`vad demo --tls --ministry`: the ministry's clients and their provider's pages over https."""

import pytest
from joserfc.jwk import RSAKey

from tests.sandbox.demo_process import started, state_folder
from tests.support.ministry import DvpProxy
from tests.support.ministry_robot import log_in
from vad.sandbox.demo.layout import Layout
from vad.sandbox.outgoing import new_session
from vad.sandbox.ports import free_range

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]
CALLBACK = "http://localhost:8801/oidc/callback"


def test_a_client_of_the_ministry_logs_somebody_in_over_https() -> None:
    """By the pages that are played, and with no other CA than that of the demo: everything that is told is https."""
    front = free_range(2, lowest=30000)
    with (
        state_folder() as state,
        started(state, Layout.free(tls=True), "--tls", "--ministry", str(front)) as demo,
        new_session() as robot,
        new_session() as http,
    ):
        robot.verify = http.verify = demo.description["ca_file"]
        told = demo.description["ministry"]
        assert told["address"] == f"https://localhost:{front}"
        key = RSAKey.import_key(told["private_key"])
        proxy = DvpProxy(told["address"], told["client_id"], key, CALLBACK, http)
        known = proxy.discovered()
        assert all(known[name].startswith("https://") for name in known if name.endswith(("_endpoint", "_uri")))
        asked = proxy.ask()
        tokens = proxy.redeem(asked, log_in(robot, told["address"], asked))
        assert tokens.status_code == 200, tokens.text
        person = proxy.userinfo(tokens.json()["access_token"]).json()
        assert person["person"]["name"]["full_name"] == "Frouke Jansen"
        assert "auth_session" in {cookie.name for cookie in robot.cookies}
        assert all(cookie.secure for cookie in robot.cookies)
