"""Registered clients and data sources."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.domain_examples import APP, BGZ, OTHER_APP, client, source
from vad.domain.profile import ClientAuthentication, Profile

HTTPS = "https://app.example/callback?fixed=1"
LOOPBACK = "http://127.0.0.1/callback"
LOOPBACK_WITH_PORT = "http://127.0.0.1:8104/callback?fixed=1"
LOOPBACK_6 = "http://[::1]:9000/callback"
LOCALHOST = "http://localhost:8104/callback"
REGISTERED = (HTTPS, LOOPBACK, LOOPBACK_WITH_PORT, LOOPBACK_6, LOCALHOST)


def accepts(uri: str, *registered: str) -> bool:
    """Whether an app with these redirect URIs may be answered there."""
    return client(redirect_uris=registered or REGISTERED).accepts_redirect_uri(uri)


@pytest.mark.parametrize("uri", REGISTERED)
def test_registered_is_accepted(uri: str) -> None:
    """RFC 9700 section 2.1: a redirect URI that is registered, to the letter."""
    assert accepts(uri)
    assert not client(redirect_uris=()).accepts_redirect_uri(uri)


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "https://app.example",
        "https://app.example/callback",
        "https://app.example/callback?fixed=2",
        "https://app.example/callback?fixed=1&more=1",
        "https://app.example/callback/?fixed=1",
        "https://app.example/callback?fixed=1#",
        "https://app.example/callback?fixed=1 ",
        " https://app.example/callback?fixed=1",
        "https://app.example/callback?fixed=1\n",
        "http://app.example/callback?fixed=1",
        "HTTPS://app.example/callback?fixed=1",
        "https://APP.example/callback?fixed=1",
        "https://app.example/Callback?fixed=1",
        "https://app.example./callback?fixed=1",
        "https://app.example:443/callback?fixed=1",
        "https://app.example:8443/callback?fixed=1",
        "https://user@app.example/callback?fixed=1",
        "https://app.example@evil.example/callback?fixed=1",
        "https://evil.example/https://app.example/callback?fixed=1",
        "https://app.example.evil.example/callback?fixed=1",
        "https://app.example/x/../callback?fixed=1",
        "https://app.example/./callback?fixed=1",
        "https://app.example//callback?fixed=1",
        "https://app.example/%63allback?fixed=1",
        "https://app.example/callback%2F?fixed=1",
        "https://app.example\\callback?fixed=1",
        "//app.example/callback?fixed=1",
        "javascript:alert(1)",
    ],
)
def test_anything_else_is_refused(uri: str) -> None:
    """RFC 9700 section 2.1: compared as text: no case, port, userinfo, trailing dot, path or encoding is forgiven."""
    assert not accepts(uri)


@pytest.mark.parametrize(
    "uri",
    [
        "http://127.0.0.1/callback",
        "http://127.0.0.1:1/callback",
        "http://127.0.0.1:80/callback",
        "http://127.0.0.1:65535/callback",
        "http://127.0.0.1:51004/callback?fixed=1",
        "http://127.0.0.1/callback?fixed=1",
        "http://[::1]/callback",
        "http://[::1]:51004/callback",
    ],
)
def test_on_a_loopback_literal_the_port_is_free(uri: str) -> None:
    """RFC 8252 section 7.3: an app on a device listens on whatever port it gets."""
    assert accepts(uri)


@pytest.mark.parametrize(
    "uri",
    [
        "http://localhost:51004/callback",
        "http://localhost/callback",
        "http://localhost.:8104/callback",
        "http://LOCALHOST:8104/callback",
        "https://127.0.0.1:51004/callback",
        "HTTP://127.0.0.1:51004/callback",
        "http://127.0.0.1.:51004/callback",
        "http://127.0.0.2:51004/callback",
        "http://127.1:51004/callback",
        "http://2130706433/callback",
        "http://0x7f.0.0.1/callback",
        "http://127.0.0.1.evil.example/callback",
        "http://127.0.0.1:1.evil.example/callback",
        "http://127.0.0.1@evil.example/callback",
        "http://127.0.0.1:51004@evil.example/callback",
        "http://evil.example@127.0.0.1:51004/callback",
        "http://@127.0.0.1:51004/callback",
        "http://:secret@127.0.0.1:51004/callback",
        "http://127.0.0.1:51004\\@evil.example/callback",
        "http://evil.example/callback",
        "http://127.0.0.1:/callback",
        "http://127.0.0.1:65536/callback",
        "http://127.0.0.1:99999/callback",
        "http://127.0.0.1:123456/callback",
        "http://127.0.0.1:-1/callback",
        "http://127.0.0.1:+80/callback",
        "http://127.0.0.1:8a/callback",
        "http://127.0.0.1:٨٠/callback",
        "http://127.0.0.1: 80/callback",
        "http://127.0.0.1:51004",
        "http://127.0.0.1:51004/",
        "http://127.0.0.1:51004/Callback",
        "http://127.0.0.1:51004/callback/",
        "http://127.0.0.1:51004//callback",
        "http://127.0.0.1:51004/x/../callback",
        "http://127.0.0.1:51004/callback/../other",
        "http://127.0.0.1:51004/%63allback",
        "http://127.0.0.1:51004/call\tback",
        "http://127.0.0.1:51004/call\nback",
        "http://127.0.0.1:51004/callback\n",
        "\thttp://127.0.0.1:51004/callback",
        "http://127.0.0.1:51004/callback?",
        "http://127.0.0.1:51004/callback?fixed=2",
        "http://127.0.0.1:51004/callback;x",
        "http://127.0.0.1:51004/callback#",
        "http://127.0.0.1:51004/callback#fragment",
        "http://[::1%25lo]:9000/callback",
        "http://[0:0:0:0:0:0:0:1]:9000/callback",
        "http://[::ffff:127.0.0.1]:9000/callback",
        "http://::1:9000/callback",
        "http://[::1/callback",
        "http://[::1]:51004/callback?fixed=1",
    ],
)
def test_the_port_alone_is_free(uri: str) -> None:
    """RFC 8252 sections 7.3 and 8.3: `localhost` is no literal; scheme, host, path and query stay as registered."""
    assert not accepts(uri)


def test_no_port_is_free_where_no_literal_is_registered() -> None:
    """RFC 8252 section 7.3: a literal of the request does not stand in for another registered host."""
    assert not accepts("http://127.0.0.1:8104/callback", LOCALHOST)
    assert not accepts("http://127.0.0.1:51004/callback", "https://127.0.0.1/callback")


def test_a_fragment_is_never_registered_loosely() -> None:
    """RFC 6749 section 3.1.2: a redirect URI has no fragment, so one that has it matches nothing but itself."""
    assert not accepts("http://127.0.0.1:51004/callback#x", "http://127.0.0.1/callback#x")


@given(st.text(), st.sampled_from(REGISTERED), st.integers(0, 40))
def test_a_changed_uri_is_another_uri(inserted: str, registered: str, place: int) -> None:
    """RFC 9700 section 2.1: whatever is put into a registered https URI makes it another one."""
    changed = registered[:place] + inserted + registered[place:]
    if registered in {HTTPS, LOCALHOST}:
        assert accepts(changed, registered) is (changed == registered)
    elif accepts(changed, registered):
        # On a loopback literal nothing but digits of the port can have come in.
        assert changed == registered or inserted.strip("0123456789") in {"", ":"}


@given(st.frozensets(st.sampled_from(["48", "49", "63"])), st.frozensets(st.sampled_from(["48", "49", "63"])))
def test_admitted_to_each_data_service(admitted: frozenset[str], asked: frozenset[str]) -> None:
    """Rule 3: a source admits an app per data service; to ask for nothing is not to be admitted."""
    hospital = source(admitted={APP: admitted})
    assert hospital.admits(client(), asked) is (len(asked) > 0 and all(service in admitted for service in asked))
    assert not hospital.admits(client(client_id=OTHER_APP), asked)


def test_nobody_gets_tokens_that_are_signed_as_their_profile_forbids() -> None:
    """FAPI 2.0 section 5.4.1 leaves RS256 out, also where a source wants it and others get it."""
    for alg, admits in (("RS256", False), ("PS256", True), ("ES256", True)):
        hospital = source(admitted={APP: BGZ}, access_token_signing_alg=alg)
        assert hospital.admits(client(profile=Profile.FAPI2), BGZ) is admits
        assert hospital.admits(client(), BGZ)


def test_nobody_is_admitted_by_default() -> None:
    """Rule 3: sources admit qualified apps only."""
    assert not source(admitted={}).admits(client(), BGZ)


def test_who_proves_nothing_is_admitted_nowhere() -> None:
    """Whatever stands in a registration, from a file, a page or a list: anybody could come in that app's name."""
    admitted = source(admitted={APP: BGZ})
    assert admitted.admits(client(), BGZ)
    assert not admitted.admits(client(token_endpoint_auth_method=ClientAuthentication.NONE), BGZ)


def test_an_encryption_key_is_not_shown() -> None:
    """A source in a log line is told by its name, not by its key."""
    assert "encryption_jwk" not in repr(source())
