"""Fixtures for tests over HTTP: one town for the whole run, clients and sources for tests, people who log in."""

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from joserfc.jwk import OKPKey, RSAKey

from tests.support import ministry
from tests.support.as_built import AsBuilt
from tests.support.certificate_holder import Certificates, variant
from tests.support.colleague import Colleague
from tests.support.database import FreshDatabase, Server, migrated_template, new_database
from tests.support.logout_receiver import LogoutReceiver
from tests.support.person import Person
from tests.support.relying_party_client import RelyingParty, new_key, public
from tests.support.town import Town, town
from vad.sandbox.redis import RedisServer

__all__ = ["migrated_template"]

REDIRECT = "https://rp.example/callback"
"""Nobody is there: the tests read the answer off the redirect."""
LOGGED_OUT = ("https://rp.example/uitgelogd", "https://rp.example/uitgelogd?app=1")
"""Where the tests' clients have people sent after logging out."""


@pytest.fixture(scope="session")
def rp_keys() -> dict[str, dict[str, object]]:
    """Give the private keys of the tests' own clients."""
    names = ("rp-one", "rp-two", "rp-bare", "rp-rs256", "rp-acts", "rp-fapi2", "rp-signs")
    return {name: new_key(name, use="sig", alg="ES256") for name in names}


@pytest.fixture(scope="session")
def asking_key() -> dict[str, object]:
    """Give the private key that the tests' own data source proves itself with."""
    return new_key("asking", use="sig", alg="ES256")


@pytest.fixture(scope="session")
def more_keys() -> dict[str, RSAKey | OKPKey]:
    """Give further private keys of the client `rp-rs256`, by kind."""
    return {"RSA": RSAKey.generate_key(2048), "OKP": OKPKey.generate_key("Ed25519")}


@pytest.fixture(scope="session")
def ministry_key(more_keys: dict[str, RSAKey | OKPKey]) -> RSAKey:
    """Give the private key of the client that speaks as the ministry's DVP proxy does."""
    return ministry.key_of(more_keys)


@pytest.fixture(scope="session")
def source_key() -> dict[str, object]:
    """Give the private key of the tests' own data source."""
    return new_key("source", use="enc", alg="ECDH-ES")


@pytest.fixture(scope="session")
def logout_receiver() -> Iterator[LogoutReceiver]:
    """Give the place where the tests' clients hear that a session ended."""
    with LogoutReceiver() as receiver:
        yield receiver


@pytest.fixture(scope="session")
def certificates(server_directory: Path) -> Certificates:
    """Give the certificates of the tests' own clients, and who vouches for them."""
    return Certificates.made(server_directory / "certificates")


@pytest.fixture(scope="session")
def overlay(  # noqa: PLR0913, PLR0917 - what its registrations hold
    server_directory: Path,
    rp_keys: dict[str, dict[str, object]],
    more_keys: dict[str, RSAKey | OKPKey],
    source_key: dict[str, object],
    logout_receiver: LogoutReceiver,
    asking_key: dict[str, object],
    certificates: Certificates,
) -> Path:
    """Give the folder with the tests' own registrations."""
    folder = server_directory / "overlay"
    folder.mkdir()
    (folder / "tests.toml").write_text(registrations(rp_keys, source_key, logout_receiver.address))
    (folder / "tests_limits.toml").write_text("[limits]\napi_per_person = 2000\ndownloads_per_person = 60\n")
    # After a test in which a register fails, the next one waits for it.
    (folder / "tests_claims.toml").write_text('[standard_claims]\npersons_file = "${standard_claims}"\n')
    (folder / "tests_outgoing.toml").write_text("[outgoing]\nrest = 1.0\n")
    asking = f"jwks = {{ keys = [{_inline(public(asking_key))}] }}"
    (folder / "tests_sources.toml").write_text(
        f'[[resource_servers]]\nidentifier = "https://source.example"\n{asking}\n'
    )
    (folder / "tests_certificates.toml").write_text(certificates.registrations(REDIRECT, public(rp_keys["rp-one"])))
    (folder / "tests_ministry.toml").write_text(ministry.registrations(ministry.key_of(more_keys), folder))
    keys = [public(rp_keys["rp-rs256"]), *(dict(key.as_dict(private=False)) for key in more_keys.values())]
    listed = ", ".join(map(_inline, keys))
    # As in production: the demo is walked through more often.
    (folder / "tests_letters.toml").write_text("[mandate]\nletters_per_year = 3\nletters_asked_per_day = 5\n")
    proved = f'[[clients]]\nclient_id = "rp-rs256"\njwks = {{ keys = [{listed}] }}\n'
    # A key with which they could sign with RS256 too, if their profile had that.
    rsa = _inline(dict(more_keys["RSA"].as_dict(private=False)))
    signers = {name: name for name in FAPI2} | {variant("key-mtls", 1): "rp-one", variant("key-mtls", 2): "rp-two"}
    for name, signer in signers.items():
        own = _inline(public(rp_keys[signer]))
        proved += f'[[clients]]\nclient_id = "{name}"\njwks = {{ keys = [{own}, {rsa}] }}\n'
    (folder / "tests_keys.toml").write_text(proved)
    return folder


@pytest.fixture(scope="session")
def town_as_built(
    postgres: Server, migrated_template: str, redis_server: RedisServer, server_directory: Path, overlay: Path
) -> Iterator[AsBuilt]:
    """Give the town, with the tests' own registrations, and what it held before anybody came."""
    with (
        new_database(postgres, migrated_template) as database,
        town(server_directory / "town", database, redis_server.url, [overlay]) as built,
    ):
        yield AsBuilt.of(built)


@pytest.fixture(scope="module")
def the_town(town_as_built: AsBuilt) -> Town:
    """Give the town as it was built to each file of tests."""
    town_as_built.restore()
    return town_as_built.town


@pytest.fixture
def vad_town(the_town: Town) -> Town:
    """Give the town with all mocks behaving."""
    return the_town


@pytest.fixture
def town_database(the_town: Town) -> FreshDatabase:
    """Give the town's database, to look into."""
    return the_town.database


@pytest.fixture
def rp(the_town: Town, rp_keys: dict[str, dict[str, object]]) -> RelyingParty:
    """Give a client that is admitted everywhere."""
    return RelyingParty(the_town.issuer, "rp-one", REDIRECT, rp_keys["rp-one"])


@pytest.fixture
def other_rp(the_town: Town, rp_keys: dict[str, dict[str, object]]) -> RelyingParty:
    """Give a second client, admitted everywhere too."""
    return RelyingParty(the_town.issuer, "rp-two", REDIRECT, rp_keys["rp-two"])


@pytest.fixture
def acting_rp(the_town: Town, rp_keys: dict[str, dict[str, object]]) -> RelyingParty:
    """Give a client that understands that people act for others."""
    return RelyingParty(the_town.issuer, "rp-acts", REDIRECT, rp_keys["rp-acts"])


@pytest.fixture
def bare_rp(the_town: Town, rp_keys: dict[str, dict[str, object]]) -> RelyingParty:
    """Give a client that no source admits and that may only redeem codes."""
    return RelyingParty(the_town.issuer, "rp-bare", REDIRECT, rp_keys["rp-bare"])


@pytest.fixture
def rs256_rp(the_town: Town, rp_keys: dict[str, dict[str, object]]) -> RelyingParty:
    """Give a client that is registered for ID tokens with RS256."""
    return RelyingParty(the_town.issuer, "rp-rs256", REDIRECT, rp_keys["rp-rs256"])


@pytest.fixture
def source(the_town: Town, asking_key: dict[str, object]) -> RelyingParty:
    """Give the tests' own data source, as one that asks about tokens."""
    return RelyingParty(the_town.issuer, "https://source.example", "", asking_key)


@pytest.fixture
def new_person(the_town: Town) -> Iterator[Callable[[], Person]]:
    """Give people, each with a browser of their own."""
    people: list[Person] = []

    def make() -> Person:
        people.append(Person(the_town, urlsplit(REDIRECT).netloc))
        return people[-1]

    yield make
    for person in people:
        person.leave()


@pytest.fixture
def new_colleague(the_town: Town) -> Iterator[Callable[[], Colleague]]:
    """Give members of staff, each with a browser of their own, not logged in yet."""
    staff: list[Colleague] = []

    def make() -> Colleague:
        staff.append(Colleague(the_town))
        return staff[-1]

    yield make
    for colleague in staff:
        colleague.leave()


@pytest.fixture
def colleague(new_colleague: Callable[[], Colleague]) -> Colleague:
    """Give one of them."""
    return new_colleague()


@pytest.fixture
def person(new_person: Callable[[], Person]) -> Person:
    """Give one person."""
    return new_person()


SECRETS = {"rp-secret-basic": "first: 100% + ümlaut / %3A", "rp-secret-post": "second-of-the-secrets"}
"""What the clients of profile `basic` prove themselves with."""
FAPI2 = ("rp-fapi2", "rp-signs")
"""The clients of profile `fapi2`; the second signs each of its requests."""


def registrations(rp_keys: dict[str, dict[str, object]], source_key: dict[str, object], told_at: str = "") -> str:
    """Write what a town registers for the tests; `told_at` is where its clients hear that a session ended."""
    lines = ["[service]", 'profiles = "nlgov, fapi2, basic, ministry"', ""]
    for name, key in rp_keys.items():
        grant_types = ["authorization_code"]
        if name != "rp-bare":
            grant_types += ["refresh_token", "urn:ietf:params:oauth:grant-type:token-exchange"]
        lines += [
            "[[clients]]",
            f'client_id = "{name}"',
            f'name = "Test {name}"',
            'organisation = "Testbedrijf B.V."',
            f'redirect_uris = ["{REDIRECT}", "{REDIRECT}?app=1", "http://127.0.0.1/native"]',
            f"grant_types = {json.dumps(grant_types)}",
            f"jwks = {{ keys = [{_inline(public(key))}] }}",
            f"post_logout_redirect_uris = {json.dumps(list(LOGGED_OUT))}",
            *([f'backchannel_logout_uri = "{told_at}/{name}"'] if told_at and name != "rp-bare" else []),
            *(['id_token_signed_response_alg = "RS256"'] if name == "rp-rs256" else []),
            *(['profile = "fapi2"'] if name in FAPI2 else []),
            *(["require_signed_request_object = true"] if name == "rp-signs" else []),
            *(["representation = true", 'api_scopes = ["mandates"]'] if name in {"rp-acts", *FAPI2} else []),
            "",
        ]
    for name, secret in SECRETS.items():
        method = name.removeprefix("rp-").replace("-", "_")
        lines += [
            "[[clients]]",
            f'client_id = "{name}"',
            f'name = "Test {name}"',
            'organisation = "Testbedrijf B.V."',
            'profile = "basic"',
            f'token_endpoint_auth_method = "client_{method}"',
            f'client_secret_sha256 = ["{hashlib.sha256(secret.encode()).hexdigest()}"]',
            f'redirect_uris = ["{REDIRECT}"]',
            "",
        ]
    # What nobody who acts for another can come by: only the app for oneself is admitted to it.
    lines += ["[[data_services]]", 'id = "99"', 'name_nl = "Onbereikbaar"', 'name_en = "Out of reach"', ""]
    for identifier, name, algorithm in (
        ("https://source.example", "Laboratorium Noord", "ES256"),
        ("https://south.example", "Laboratorium Zuid", "RS256"),
    ):
        # Profile fapi2 knows no RS256.
        apps = [each for each in rp_keys if each != "rp-bare" and (algorithm == "ES256" or each not in FAPI2)]
        admitted = "{ " + ", ".join(f'{each} = ["48", "51"]' for each in apps) + " }"
        lines += [
            "[[resource_servers]]",
            f'identifier = "{identifier}"',
            f'name = "{name}"',
            f'organisation = "{name}"',
            'data_services = ["48", "51"]',
            'identifier_type = "pseudonym"',
            f'access_token_signing_alg = "{algorithm}"',
            f"encryption_jwk = {_inline(public(source_key))}",
            f"admitted = {admitted}",
            "",
        ]
    everywhere = ("rp-one", "rp-two", "rp-acts")
    for source, service in (("hospital", "48"), ("gp", "49"), ("rivm", "63")):
        lines += [
            "[[resource_servers]]",
            f'identifier = "${{{source}}}"',
            "admitted = { " + ", ".join(f'{name} = ["{service}"]' for name in rp_keys if name in everywhere) + " }",
            "",
        ]
    return "\n".join(lines)


def _inline(jwk: dict[str, object]) -> str:
    return "{ " + ", ".join(f"{name} = {json.dumps(value)}" for name, value in jwk.items()) + " }"
