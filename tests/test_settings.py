"""The settings: every fault told in one go and without a value, and what production refuses."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.registration_keys import POINT
from vad import settings
from vad.adapters.configuration import registrations
from vad.adapters.configuration.files import ConfigurationFileError, read
from vad.adapters.vault.errors import MasterKeyError
from vad.adapters.vault.master_key import MasterKey
from vad.bootstrap import foundation, web
from vad.bootstrap.redis import connection

GOOD = """
[service]
issuer = "https://vad.example"
[operator]
name = "Stichting Voorbeeld"
email = "hulp@vad.example"
security_email = "veilig@vad.example"
[database]
url = "postgresql+psycopg2://vad:hidden-1@db.example/vad"
[redis]
url = "rediss://:hidden-2@redis.example/0"
[keys]
master_key = "hidden-3"
[digid]
issuer = "https://digid.example"
client_id = "vad"
[brp]
base_url = "https://brp.example/api"
api_key = "hidden-4"
[prs]
base_url = "https://prs.example"
oin = "1"
audience = "x"
"""
Load = Callable[..., settings.Settings]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Load TOML with these replacements, under this environment and no other."""
    for name in [name for name in os.environ if name.upper().startswith("VAD__")]:
        monkeypatch.delenv(name)

    def with_changes(*replacements: tuple[str, str], **environment: str) -> settings.Settings:
        text = GOOD
        for old, new in replacements:
            assert old in text
            text = text.replace(old, new)
        (tmp_path / "vad.toml").write_text(text)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return settings.load((tmp_path,))

    return with_changes


def faults(load: Load, *replacements: tuple[str, str], **environment: str) -> set[str]:
    """The faults that are told, one per line; none of them holds a value that could be a secret."""
    with pytest.raises(ConfigurationFileError) as caught:
        load(*replacements, **environment)
    assert "hidden" not in str(caught.value)
    assert "hidden" not in repr(caught.value.__cause__)
    return set(str(caught.value).splitlines())


def test_good_settings_are_taken(load: Load) -> None:
    """Production is the default, secrets don't show, and what is loaded can't be changed."""
    known = load()
    assert known.service.deployment == "production"
    assert known.service.secure
    assert "hidden" not in repr(known) + str(known)
    with pytest.raises(ValueError, match="frozen"):
        known.service.issuer = "https://other.example"


def test_the_environment_wins(load: Load) -> None:
    """Variables VAD__SECTION__NAME go before the files."""
    known = load(VAD__SERVICE__ISSUER="https://elsewhere.example", VAD__DATABASE__POOL_SIZE="3")
    assert (known.service.issuer, known.database.pool_size) == ("https://elsewhere.example", 3)


def test_every_fault_is_told_at_once(load: Load) -> None:
    """Missing, superfluous, of the wrong type and against the rules: one run tells all of it, a line for each."""
    told = faults(
        load,
        ('name = "Stichting Voorbeeld"\n', ""),
        ('client_id = "vad"', 'client_id = "vad"\nsecret = "hidden-5"'),
        ("https://vad.example", "http://localhost:8100/"),
        ("https://brp.example/api", "https://user:hidden-6@brp.example/?x=1"),
        ("https://prs.example", "https://127.0.0.1"),
        ("postgresql+psycopg2://", "postgresql://"),
        ("rediss://:hidden-2@redis.example/0", "hidden-2"),
        ('master_key = "hidden-3"', 'master_key = "hidden-3"\nmaster_key_file = "/hidden-7"'),
        VAD__DATABASE__POOL_SIZE="hidden-8",
        VAD__SERVCE__ISSUER="hidden-9",
    )
    assert told == {
        "operator.name: Field required",
        "digid.secret: Extra inputs are not permitted",
        "database.pool_size: Input should be a valid integer, unable to parse string as an integer",
        "service.issuer: must be an address without path or trailing slash",
        "service.issuer: must be https in production",
        "service.issuer: must not be on loopback in production",
        "brp.base_url: must be an address without credentials, query or fragment",
        "brp.base_url: must not end in a slash",
        "prs.base_url: must not be on loopback in production",
        "database.url: must begin with postgresql+psycopg2:// and be well formed",
        "redis.url: must begin with redis:// or rediss:// and be well formed",
        "keys: set exactly one of keys.master_key_file and keys.master_key",
        "VAD__SERVCE__ISSUER: there is no such section",
    }


@pytest.mark.parametrize(
    ("section", "told"),
    [
        ("", "redis: set exactly one of redis.url, redis.sentinels and redis.cluster_nodes"),
        ('url = "redis://a"\ncluster_nodes = "a:1"', "redis: set exactly one of redis.url, redis.sentinels and"),
        ('sentinels = "a:1"', "redis.service_name: goes with redis.sentinels, and they with it"),
        ('cluster_nodes = "a:1"\nservice_name = "vad"', "redis.service_name: goes with redis.sentinels, and they"),
        ('url = "redis://a"\npassword = "hidden-2"', "redis.password: has no meaning with redis.url"),
        ('cluster_nodes = "a:1"\nsentinel_password = "hidden-2"', "redis.sentinel_password: has no meaning with"),
        ('cluster_nodes = "a:1,b"', "redis.cluster_nodes: must be host:port, separated by commas"),
        ('sentinels = "redis://a:1"\nservice_name = "vad"', "redis.sentinels: must be host:port, separated by"),
    ],
)
def test_redis_is_reached_in_one_way(load: Load, section: str, told: str) -> None:
    """One server, Sentinel or a cluster; what belongs to another way is a fault, not ignored."""
    (fault,) = faults(load, ('url = "rediss://:hidden-2@redis.example/0"', section))
    assert fault.startswith(told)


@pytest.mark.parametrize(
    "section",
    [
        'sentinels = "a.example:26379, [::1]:26380"\nservice_name = "vad"\npassword = "hidden-2"\ntls = true',
        'cluster_nodes = "a.example:6379"\nusername = "vad"\npassword = "hidden-2"\nca_file = "/etc/ca.pem"',
    ],
)
def test_sentinel_and_cluster_are_settings(load: Load, section: str) -> None:
    """Each way with what belongs to it is taken, and connects to nothing yet."""
    known = load(('url = "rediss://:hidden-2@redis.example/0"', section))
    assert known.redis.url is None
    assert connection(known.redis)


def test_nothing_at_all_names_every_section(tmp_path: Path, load: Load) -> None:
    """An empty configuration says what is needed."""
    with pytest.raises(ConfigurationFileError) as caught:
        settings.load((tmp_path,))
    told = str(caught.value)
    for section in ("service", "operator", "database", "redis", "digid", "brp", "prs", "keys"):
        assert f"{section}: " in told


def test_a_sandbox_alone_fetches_from_its_own_machine(load: Load) -> None:
    """An app's address must not lead to what listens on the machine of VAD itself."""
    assert not load().outgoing.loopback
    opened = {"VAD__OUTGOING__LOOPBACK": "true"}
    assert faults(load, **opened) == {"outgoing.loopback: is for a sandbox, and refused in production"}
    assert load(VAD__SERVICE__DEPLOYMENT="development", **opened).outgoing.loopback


LOCAL = ["localhost", "LOCALHOST.", "vad.localhost", "127.0.0.1", "127.9.9.9", "[::]", "[::1]", "[::ffff:127.0.0.1]"]


@pytest.mark.parametrize("host", LOCAL)
def test_production_refuses_loopback(load: Load, host: str) -> None:
    """However it is written: production talks to no program on its own machine."""
    assert faults(load, ("digid.example", host)) == {"digid.issuer: must not be on loopback in production"}


@pytest.mark.parametrize("name", ["vad.example", "digid.example", "brp.example", "prs.example"])
def test_production_refuses_plain_http(load: Load, name: str) -> None:
    """Everything that production speaks, and is reached by, is https; a development machine may do without."""
    (told,) = faults(load, (f"https://{name}", f"http://{name}"))
    assert told.endswith(": must be https in production")
    assert load(VAD__SERVICE__DEPLOYMENT="development").service.deployment == "development"


@pytest.mark.parametrize(
    "address", ["", "vad.example", "ftp://vad.example", "https://", "https://[1", "https://vad.example:x", "//vad"]
)
def test_an_issuer_must_be_an_address(load: Load, address: str) -> None:
    """Anything that is none is a fault, in development too."""
    told = faults(load, ("https://vad.example", address), VAD__SERVICE__DEPLOYMENT="development")
    assert told == {"service.issuer: must be an http(s) address"}


def test_a_section_as_one_variable_must_be_json(load: Load) -> None:
    """A variable for a whole section is told by name, not by value."""
    (told,) = faults(load, VAD__SERVICE="hidden-5")
    assert told == "a variable VAD__SECTION without a name must hold JSON: use VAD__SECTION__NAME"


def test_broken_files_are_named(tmp_path: Path) -> None:
    """A folder that is not there, and a file that is no TOML."""
    with pytest.raises(ConfigurationFileError, match="nowhere: not a folder"):
        settings.load((tmp_path / "nowhere",))
    (tmp_path / "broken.toml").write_text("a = hidden")
    with pytest.raises(ConfigurationFileError, match=r"broken\.toml: ") as caught:
        settings.load((tmp_path,))
    assert "hidden" not in str(caught.value)


def test_production_refuses_the_master_key_of_a_demo(load: Load) -> None:
    """Whoever has the demo has its key: only development takes it."""
    key = MasterKey.generate_text(demo=True)
    known = load(VAD__KEYS__MASTER_KEY=key)
    with pytest.raises(MasterKeyError, match="can't be used in production") as caught:
        web.create_app(known)
    assert key not in str(caught.value)
    relaxed = load(VAD__KEYS__MASTER_KEY=key, VAD__SERVICE__DEPLOYMENT="development")
    assert foundation.master_key(relaxed).demo


def test_folders_are_merged_in_order(tmp_path: Path, load: Load) -> None:
    """The later folder wins, setting by setting; registrations are merged by their identity."""
    load()
    over = tmp_path / "over"
    over.mkdir()
    (over / "more.toml").write_text('[digid]\nclient_id = "other"\n[[clients]]\nclient_id = "a"\nname = "A"\n')
    known = settings.load((tmp_path, over))
    assert (known.digid.client_id, known.digid.issuer) == ("other", "https://digid.example")


JWK = f'{{ kty = "EC", {POINT}, use = "enc" }}'
SIGNING_JWK = f'{{ kty = "EC", {POINT}, use = "sig" }}'
REGISTERED = f"""
[[data_services]]
id = "48"
name_nl = "Basisgegevens Zorg"
name_en = "Basic care data"
[[clients]]
client_id = "app"
name = "App"
organisation = "App B.V."
redirect_uris = ["https://app.example/callback"]
jwks = {{ keys = [{SIGNING_JWK}] }}
[[resource_servers]]
identifier = "https://source.example"
name = "Bron"
organisation = "Bron"
data_services = ["48"]
identifier_type = "bsn_jwe"
encryption_jwk = {JWK}
admitted = {{ app = ["48"] }}
"""

BAD_REGISTRATIONS = [
    ('client_id = "app"', 'client_id = "an app"', "clients.0.client_id: "),
    ("https://app.example/callback", "http://app.example/callback", "http only on loopback"),
    ("https://app.example/callback", "https://app.example/*", "without fragment or wildcard"),
    ("https://app.example/callback", "https://app.example/#x", "without fragment or wildcard"),
    ("https://app.example/callback", "app:callback", "without fragment or wildcard"),
    ('use = "sig" }] }', 'd = "hidden" }] }', "holds private members"),
    (f"keys = [{SIGNING_JWK}]", 'keys = [{ kty = "oct", k = "hidden" }]', "an asymmetric JWK is needed"),
    (f"keys = [{SIGNING_JWK}]", "keys = []", "clients.0.jwks.keys: "),
    ('organisation = "App B.V."\n', "", "clients.0.organisation: Field required"),
    ('data_services = ["48"]', 'data_services = ["48", "99"]', "unknown data service 99"),
    ('app = ["48"]', 'other = ["48"]', "admits the unknown client other"),
    ('app = ["48"]', 'app = ["48", "49"]', "admits to 49, which it does not offer"),
    ('"bsn_jwe"', '"rid"', "identifier_type rid needs oin and prs_scope"),
    ('"bsn_jwe"', '"rid"\naccess_token_lifetime = 900', "at most 300 s"),
    ('"bsn_jwe"', '"clear"', "identifier_type: "),
    ('"bsn_jwe"', '"bsn_jwe"\naccess_token_lifetime = 901', "access_token_lifetime: "),
    ('"bsn_jwe"', '"bsn_jwe"\nminimum_level = "basis"', "minimum_level: "),
    (f"encryption_jwk = {JWK}", f"encryption_jwk = {JWK}".replace(', use = "enc"', ""), "must say `use: enc`"),
]


@pytest.mark.parametrize(("old", "new", "told"), BAD_REGISTRATIONS)
def test_a_fault_in_a_registration_is_told(tmp_path: Path, old: str, new: str, told: str) -> None:
    """Each under its place, without its value."""
    assert old in REGISTERED
    (tmp_path / "registrations.toml").write_text(REGISTERED.replace(old, new, 1))
    with pytest.raises(ConfigurationFileError) as caught:
        registrations.parse(read((tmp_path,)))
    assert told in str(caught.value)
    assert "hidden" not in str(caught.value)


def test_all_faults_of_registrations_are_told_at_once(tmp_path: Path) -> None:
    """One run tells every fault of every entry."""
    broken = REGISTERED.replace('"bsn_jwe"', '"rid"').replace('app = ["48"]', 'other = ["1"]')
    (tmp_path / "registrations.toml").write_text(broken)
    with pytest.raises(ConfigurationFileError) as caught:
        registrations.parse(read((tmp_path,)))
    assert len(str(caught.value).splitlines()) == 3
    assert registrations.parse({}).clients == ()
