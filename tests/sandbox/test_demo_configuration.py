"""The configuration of a demo: our templates with addresses and keys filled in, and the user's files over them."""

import json
from datetime import date
from pathlib import Path

import pytest

from vad.adapters.configuration import registrations
from vad.adapters.x509 import names
from vad.domain.certificate import NameKind
from vad.sandbox import brp, data_source, pgo, prs
from vad.sandbox.demo import configuration, keys
from vad.sandbox.demo.configuration import Configuration, Servers
from vad.sandbox.demo.keys import Keys
from vad.sandbox.demo.layout import SOURCES, WEB, Layout
from vad.sandbox.demo.programs import Programs
from vad.sandbox.demo.state import State
from vad.sandbox.digid import config as digid
from vad.sandbox.errors import SandboxError
from vad.sandbox.processes import Service
from vad.sandbox.tls import front
from vad.sandbox.tls.authority import subject_of
from vad.settings import load

SERVERS = Servers(
    "postgresql+psycopg2://app:a@127.0.0.1:1/vad",
    "postgresql+psycopg2://owner:o@127.0.0.1:1/vad",
    "redis://:r@127.0.0.1:2",
)
TODAY = date(2026, 11, 21)


class Demo:
    """A state folder with keys, in which configuration can be written."""

    def __init__(self, folder: Path) -> None:
        self.state = State(folder / "state")
        self.layout = Layout(9000)
        self.overlay = folder / "overlay"
        self.overlay.mkdir()
        self.persons: list[Path] = []
        with self.state.locked():
            self.keys: Keys = keys.keep(self.state.keys)

    def write(self) -> Configuration:
        """Write the configuration with the overlay."""
        return configuration.write(self.state, self.layout, self.keys, SERVERS, [self.overlay, *self.persons], TODAY)

    def neighbours(self) -> dict[str, Service]:
        """The programs around VAD, by the name of their configuration file."""
        services = Programs(self.state, self.layout, self.keys, self.write()).neighbours()
        return {Path(service.program.arguments[-1]).stem: service for service in services}


@pytest.fixture
def demo(tmp_path: Path) -> Demo:
    """Give a demo that has not been configured."""
    return Demo(tmp_path)


def test_vad_understands_what_is_written(demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings and registrations load without a fault, and all addresses are those of this demo."""
    for name in ("VAD__DATABASE__URL", "VAD__DATABASE__MIGRATE_URL", "VAD__REDIS__URL"):
        monkeypatch.delenv(name, raising=False)
    written = demo.write()
    settings = load(written.folders)
    assert settings.service.issuer == "http://localhost:9000"
    assert settings.database.url.get_secret_value() == SERVERS.database_url
    assert settings.redis.url is not None
    assert settings.redis.url.get_secret_value() == SERVERS.redis_url
    known = registrations.parse(written.content)
    assert {source.identifier for source in known.resource_servers} == {demo.layout.address(key) for key in SOURCES}
    assert "${" not in str(written.content)


def test_with_tls_each_has_a_name_of_its_own(demo: Demo, monkeypatch: pytest.MonkeyPatch) -> None:
    """VAD trusts who vouches for them; the programs themselves listen elsewhere than where others find them."""
    for name in ("VAD__DATABASE__URL", "VAD__DATABASE__MIGRATE_URL", "VAD__REDIS__URL"):
        monkeypatch.delenv(name, raising=False)
    demo.layout = Layout(9000, tls=True)
    written = demo.write()
    programs = Programs(demo.state, demo.layout, demo.keys, written)
    tls = front.Config.from_json(json.loads(Path(programs.tls().program.arguments[-1]).read_text()))
    assert {each.port: each.target for each in tls.listeners} == {
        **{demo.layout.port(key): demo.layout.inner(key) for key in WEB},
        demo.layout.port("mtls"): demo.layout.inner("vad"),
    }
    settings = load(written.folders)
    assert settings.service.issuer == "https://vad.localhost:9000"
    assert settings.outgoing.ca_file == demo.state.ca_file
    assert settings.proxy.certificate_origin == "https://mtls.localhost:9015"
    clients = {str(client.client_id): client for client in registrations.parse(written.content).clients}
    assert clients["pgo-demo-2"].certificate_name == names.registered(NameKind.SUBJECT_DN, subject_of("pgo2"))
    ports = {service.port for service in demo.neighbours().values()} | {programs.vad().port}
    assert ports <= demo.layout.ports().keys() - {each.port for each in tls.listeners}


def test_files_with_secrets_are_ours_alone(demo: Demo) -> None:
    """The written configuration holds passwords of the stores."""
    demo.write()
    files = [*demo.state.configuration.iterdir(), *demo.state.programs.glob("*.toml")]
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


def test_the_user_s_files_win_and_may_use_our_addresses(demo: Demo) -> None:
    """A setting is replaced, a client is added, one of ours is changed; nothing of ours has to be touched."""
    (demo.overlay / "mine.toml").write_text(
        """
        [log]
        level = "debug"
        [[clients]]
        client_id = "mine"
        name = "Mine"
        organisation = "Me"
        redirect_uris = ["http://localhost:3000/back", "${pgo}/elsewhere"]
        jwks = { keys = [{ kty = "EC", crv = "P-256", x = "x", y = "y", kid = "1" }] }
        [[clients]]
        client_id = "pgo-demo"
        name = "Another name"
        """
    )
    written = demo.write()
    clients = {entry["client_id"]: entry for entry in written.entries("clients")}
    assert clients["mine"]["redirect_uris"] == ["http://localhost:3000/back", "http://localhost:9004/elsewhere"]
    assert clients["pgo-demo"]["name"] == "Another name"
    assert clients["pgo-demo"]["jwks"]["keys"] == [keys.public(demo.keys.pgos["pgo"])]
    assert written.content["log"]["level"] == "debug"


def test_the_user_s_persons_join_ours_and_stay_out_of_vad_s_settings(demo: Demo) -> None:
    """A file of persons is for the mock registers; VAD would refuse to start with it."""
    (demo.overlay / "people.toml").write_text(
        """
        [[persons]]
        bsn = "999993653"
        voornamen = "Ada"
        geslachtsnaam = "Zomer"
        geslacht = "V"
        birth = "1990-05-01"
        story = { nl = "Eigen testpersoon.", en = "A test person of one's own." }
        """
    )
    written = demo.write()
    assert written.persons[0].geslachtsnaam == "Jansen"
    assert written.persons[-1].full_name == "Ada Zomer"
    assert "persons" not in written.content


def test_the_user_s_files_of_the_personen_mock(demo: Demo) -> None:
    """A file laid over is persons for the registers; somebody whom the demo has already stays as the demo says."""
    persons = [
        {"burgerservicenummer": bsn, "naam": {"geslachtsnaam": "Gouda"}, "geboorte": {"datum": "20120801"}}
        for bsn in ("999991772", "999993458")
    ]
    file = demo.overlay / "test-data.json"
    file.write_text(json.dumps(persons))
    demo.persons = [file]
    known = {person.bsn: person for person in demo.write().persons}
    assert known["999991772"].full_name == "Frouke Jansen"
    assert known["999993458"].full_name == "Gouda"
    assert next(iter(known)) == "999991772"
    file.write_text("{")
    with pytest.raises(SandboxError, match=r"test-data\.json: cannot be read as JSON"):
        demo.write()


def test_the_user_s_records_are_added(demo: Demo) -> None:
    """Data for one's own test persons needs no change to our files."""
    (demo.overlay / "data.toml").write_text('[[record]]\ndata_service = "63"\nbsn = "999993653"\n')
    records = demo.write().records.read_text()
    assert records.count("[[record]]") > 1
    assert 'bsn = "999993653"' in records


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[log", "cannot be read"),
        ('[[persons]]\nbsn = "x"\n[log]\nlevel = "info"', "belong in a file of their own"),
        ('[[persons]]\nbsn = "123"', "story must be a table"),
    ],
)
def test_a_fault_in_the_user_s_file_names_the_file(demo: Demo, text: str, complaint: str) -> None:
    """One line with the file, so that it is clear whose fault it is."""
    (demo.overlay / "faulty.toml").write_text(text)
    with pytest.raises(SandboxError, match=rf"faulty\.toml.*{complaint}"):
        demo.write()


def test_an_overlay_that_is_no_folder_is_told(demo: Demo) -> None:
    """One line, not a demo without the user's settings."""
    demo.overlay.rmdir()
    with pytest.raises(SandboxError, match="overlay is not a folder"):
        demo.write()


def test_a_second_start_forgets_the_user_s_former_files(demo: Demo) -> None:
    """What is laid over holds for one start."""
    (demo.overlay / "mine.toml").write_text('[log]\nlevel = "debug"\n')
    assert demo.write().content["log"]["level"] == "debug"
    (demo.overlay / "mine.toml").unlink()
    assert demo.write().content["log"]["level"] == "info"


def test_every_program_is_configured_on_its_own_port(demo: Demo) -> None:
    """Each finds its port, its persons and the addresses of the others in one file that only we can read."""
    services = demo.neighbours()
    assert set(services) == set(WEB) - {"vad", "admin"}
    assert {name: service.port for name, service in services.items()} == {
        name: demo.layout.port(name) for name in services
    }
    assert {file.stat().st_mode & 0o777 for file in demo.state.programs.glob("*.json")} == {0o600}


def test_every_configuration_is_one_that_the_program_accepts(demo: Demo) -> None:
    """Each program reads back what was written for it."""
    demo.neighbours()

    def raw(name: str) -> dict[str, object]:
        content = json.loads((demo.state.programs / f"{name}.json").read_text())
        del content["port"]
        return dict(content)

    assert digid.Config.from_json(raw("digid")).redirect_uris == (
        "http://localhost:9000/digid/callback",
        "http://localhost:9013/digid/callback",
    )
    assert digid.Config.from_json(raw("digid")).form_origins == ("http://localhost:9004", "http://localhost:9008")
    assert brp.Config.from_json(raw("brp")).persons
    assert len(prs.Config.from_json(raw("prs")).organizations) == 2
    assert pgo.Config.from_json(raw("pgo")).sources[0].url == "http://localhost:9005/fhir/48/Patient/$everything"
    for source in SOURCES:
        config = data_source.Config.from_json(raw(source))
        assert config.identifier == demo.layout.address(source)
        assert (config.pseudonym_service is not None) is (source == "gp")
        assert (config.inquiry_key is not None) is (source == "rivm")


def test_a_source_that_takes_no_part_in_acting_refuses_it_itself_too(demo: Demo) -> None:
    """What is registered at VAD the source is told as well: it does not rely on VAD alone."""
    (demo.overlay / "source.toml").write_text(
        '[[resource_servers]]\nidentifier = "${hospital}"\nrepresentation = false\n'
    )
    demo.neighbours()
    told = {name: json.loads((demo.state.programs / f"{name}.json").read_text()) for name in SOURCES}
    assert {name: config["representation"] for name, config in told.items()} == {
        name: name != "hospital" for name in SOURCES
    }


def test_a_user_s_source_that_gets_references_is_made_known_to_the_prs(demo: Demo) -> None:
    """Somebody's own data source receives RIDs without a word to the mock PRS."""
    public = keys.public(demo.keys.sources["gp"])
    members = f'kty = "EC", crv = "P-256", use = "enc", kid = "1", x = "{public["x"]}", y = "{public["y"]}"'
    (demo.overlay / "source.toml").write_text(
        f"""
        [[resource_servers]]
        identifier = "http://localhost:3000"
        name = "Mine"
        organisation = "Me"
        data_services = ["49"]
        identifier_type = "rid"
        oin = "00000099000000009000"
        prs_scope = "mine"
        encryption_jwk = {{ {members} }}
        """
    )
    demo.neighbours()
    assert '"00000099000000009000"' in (demo.state.programs / "prs.json").read_text()
