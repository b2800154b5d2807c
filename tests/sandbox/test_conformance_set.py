"""`vad demo --profile-set`: what is registered for the conformance suite is what its configuration says."""

import hashlib
import json
import tomllib
from datetime import date
from pathlib import Path

import pytest
from cryptography import x509
from joserfc.jwk import RSAKey

from vad.adapters.configuration import registrations
from vad.bootstrap.person_claims import person_claims
from vad.domain.identifiers import Bsn
from vad.domain.profile import ClientAuthentication, Profile
from vad.domain.standard_claims import NAMES as NAMES_OF_CLAIMS
from vad.sandbox.demo import configuration, keys
from vad.sandbox.demo.configuration import Servers
from vad.sandbox.demo.conformance import NAMES, ProfileSet
from vad.sandbox.demo.layout import Layout
from vad.sandbox.demo.state import State, write_private
from vad.sandbox.tls.authority import Authority
from vad.settings import load

SUITE = "https://suite.example"
SERVERS = Servers(
    "postgresql+psycopg2://a:a@127.0.0.1:1/v", "postgresql+psycopg2://o:o@127.0.0.1:1/v", "redis://:r@127.0.0.1:2"
)


@pytest.mark.parametrize("name", NAMES)
def test_the_suite_is_told_what_is_registered(tmp_path: Path, name: str) -> None:
    """Clients, keys or secrets, redirect URIs with the alias of the plan; and the same ones at the next start."""
    state, layout, chosen = State(tmp_path), Layout(9000, tls=True), ProfileSet(name, SUITE)
    with state.locked():
        made = keys.keep(state.keys)
        write_private(state.registration_token, "token-of-this-start\n")
        for file in (state.ca_file, state.client_ca_file, state.signing_ca_file):
            Authority.kept(state.tls, file.stem, of_localhost=file == state.ca_file)
        written = configuration.write(state, layout, made, SERVERS, [], date(2026, 11, 28), chosen)
        folder = chosen.write(state, layout)
        told = {file.stem: json.loads(file.read_text()) for file in folder.iterdir()}
        assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}
        again = configuration.write(state, layout, made, SERVERS, [], date(2026, 11, 28), chosen)
        assert again.content == written.content
    assert set(told) == {plan["file"] for plan in chosen.plans}
    known = {client.client_id: client for client in registrations.parse(written.content).clients}
    seen = set()
    for plan in told.values():
        assert plan["server"]["discoveryUrl"] == "https://vad.localhost:9000/.well-known/openid-configuration"
        for which in ("client", "client2", "client_secret_post"):
            if which not in plan:
                continue
            if "client_id" not in plan[which]:
                assert plan[which] == {"client_name": "VAD", "initial_access_token": "token-of-this-start"}
                continue
            sent, client = plan[which], known[plan[which]["client_id"]]
            seen.add(client.client_id)
            callback = f"{SUITE}/test/a/{plan['alias']}/callback"
            assert client.redirect_uris == (callback, f"{callback}?dummy1=lorem&dummy2=ipsum")
            if "client_secret" in sent:
                hashed = hashlib.sha256(sent["client_secret"].encode()).hexdigest()
                assert (client.profile, client.client_secret_sha256) == (Profile.BASIC, (hashed,))
            else:
                (private,) = sent["jwks"]["keys"]
                (public,) = client.jwks
                assert client.profile is Profile.FAPI2
                by_name = client.token_endpoint_auth_method is ClientAuthentication.TLS_CLIENT_AUTH
                assert (client.certificate_name is not None) == by_name
                assert by_name <= ("mtls" in plan)
                assert by_name == ("mtls" in client.client_id and "key" not in client.client_id)
                assert dict(public) == RSAKey.import_key(private).as_dict(private=False)
                assert "d" not in public
        for place in ("mtls", "mtls2"):
            if place in plan:
                certificate = x509.load_pem_x509_certificate(plan[place]["cert"].encode())
                assert certificate.issuer == x509.load_pem_x509_certificate(plan[place]["ca"].encode()).subject
                assert "PRIVATE KEY" in plan[place]["key"]
    registered = [tomllib.loads(file.read_text("utf-8"))["clients"] for file in chosen.folder.glob("*.toml")]
    assert seen == {each["client_id"] for clients in registered for each in clients}
    wanted = {Profile.NLGOV, Profile.FAPI2 if name == NAMES[0] else Profile.BASIC}
    found = load(written.folders)
    assert set(found.service.allowed_profiles) == {each.value for each in wanted}
    shared = person_claims(found)
    assert (shared is not None) == (Profile.BASIC in wanted)
    assert shared is None or shared.of(Bsn("999991772")).keys() == set(NAMES_OF_CLAIMS)
