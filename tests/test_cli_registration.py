"""`vad clients`: tokens by which apps register themselves, and apps that an installation has no profile for."""

import re

import pytest

from tests.test_cli import CLIENT, Operator, empty_database, operator, ready

__all__ = ["empty_database", "operator", "ready"]

COMMAND = ("clients", "registration-token", "--organisation", "App B.V.", "--profile")


@pytest.mark.parametrize(
    ("said", "command", "told"),
    [
        ("", (*COMMAND, "nlgov"), "set registration.enabled first"),
        ("[registration]\nenabled = true", (*COMMAND, "basic"), "the profile is one of nlgov"),
    ],
)
def test_where_it_makes_none(ready: Operator, said: str, command: tuple[str, ...], told: str) -> None:
    """What would open nothing, or more than the installation has, is said at once."""
    ready.write("registration.toml", said)
    refused = ready.run(*command)
    assert (refused.exit_code, told in refused.output) == (1, True), refused.output
    assert ready.rows("SELECT token_sha256 FROM registration_tokens") == []


def test_it_is_shown_once(ready: Operator) -> None:
    """Its hash is kept, with the event; nobody reads it anywhere again."""
    ready.write("registration.toml", "[registration]\nenabled = true")
    made = ready.run(*COMMAND, "nlgov", "--uses", "3", "--days", "2")
    assert made.exit_code == 0, made.output
    token = re.fullmatch(r"initial access token .*: (\S{43})", made.output.strip())
    assert token is not None
    columns = "token_sha256 = sha256(%s), profile, organisation, uses_left, admits, expires_at - issued_at = '2 days'"
    said = columns.replace("%s", f"'{token[1]}'")
    assert ready.rows(f"SELECT {said} FROM registration_tokens") == [(True, "nlgov", "App B.V.", 3, False, True)]  # noqa: S608
    [(evidence,)] = ready.rows("SELECT evidence FROM audit_events WHERE type = 'registration.token_issued'")
    assert isinstance(evidence, dict)
    assert (evidence["profile"], evidence["uses"], evidence["admits"]) == ("nlgov", 3, False)
    assert token[1] not in str(evidence)


def test_an_app_that_can_do_nothing_is_named(ready: Operator) -> None:
    """Each time: its profile is none of `service.profiles`. What is not in service is no worry."""
    ready.write("clients.toml", CLIENT)
    told = "app: can do nothing here: service.profiles has fapi2, basic, not nlgov\n"
    assert told not in ready.run("clients", "apply").output
    ready.write("profiles.toml", '[service]\nprofiles = "fapi2, basic"')
    again = ready.run("clients", "apply")
    assert (again.exit_code, again.output.startswith(told)) == (0, True)
    ready.write("clients.toml", f"{CLIENT}active = false\n")
    assert told not in ready.run("clients", "apply").output


@pytest.mark.parametrize(
    "by_certificate",
    [
        'token_endpoint_auth_method = "tls_client_auth"\ntls_client_auth_san_dns = "app.example"',
        "tls_client_certificate_bound_access_tokens = true",
    ],
)
def test_an_app_that_nobody_asks_for_its_certificate_is_named(ready: Operator, by_certificate: str) -> None:
    """It proves itself by one, or its tokens are bound to one; without a proxy that passes it on it gets nothing."""
    ready.write("clients.toml", f"{CLIENT}{by_certificate}\n")
    told = "app: gets nothing by a certificate: proxy.client_certificate_header is not set\n"
    assert told in ready.run("clients", "apply").output
    ready.write("proxy.toml", '[proxy]\ntrusted = "10.1.0.0/24"\nclient_certificate_header = "Client-Cert"')
    assert told not in ready.run("clients", "apply").output
