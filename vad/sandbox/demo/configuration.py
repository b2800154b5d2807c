"""The configuration of a demo: our templates and the user's own files, with addresses and keys filled in.

Templates are TOML with placeholders for addresses (`${vad}`, `${hospital}` …). A file of test persons or of records
holds nothing else; every other file is configuration of VAD and goes into the folder that VAD reads. A user may lay
files of the personen-mock of Haal Centraal (JSON) over the test persons.
"""

import json
import shutil
import string
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from vad.adapters.configuration.files import ConfigurationFileError, read
from vad.sandbox import personen_mock
from vad.sandbox.demo.keys import Keys, public
from vad.sandbox.demo.layout import CERTIFIED, PGOS, SOURCES, Layout
from vad.sandbox.demo.state import State, write_private
from vad.sandbox.errors import SandboxError
from vad.sandbox.fields import ConfigError
from vad.sandbox.persons import Person, PersonsError, load_persons
from vad.sandbox.ports import LOOPBACK
from vad.sandbox.staff_idp.staff import StaffPerson, load_staff
from vad.sandbox.tls import front
from vad.sandbox.tls.authority import subject_of

PROJECT = Path(__file__).resolve().parents[3]
DEFAULTS = PROJECT / "config"
TEMPLATES = DEFAULTS / "demo"
STAFF_ACR = "urn:example:two-factors"
"""What the mock identity provider of staff says of a login with a second factor."""
_PERSONEN_MOCK = ".json"
"""Of what is laid over: a file of persons, where the rest are folders."""
_APART = ("persons", "record", "staff")


class Addition(Protocol):
    """Clients for one purpose, beside those of every demo."""

    @property
    def folder(self) -> Path:
        """Where they stand."""

    def placeholders(self, state: State) -> Mapping[str, str]:
        """What is filled in there, beside addresses."""

    def registrations(self, state: State) -> list[dict[str, Any]]:
        """What they prove themselves with, made at the first start."""


@dataclass(frozen=True)
class Servers:
    """The stores, where they are ours to name; those that the environment names VAD finds there itself."""

    database_url: str | None = None
    migrate_url: str | None = None
    redis_url: str | None = None
    admin_url: str | None = None
    worker_url: str | None = None


@dataclass(frozen=True)
class Configuration:
    """What was written: the folders for `VAD_CONFIG`, all of them merged, the persons, and the file of records."""

    folders: tuple[Path, ...]
    content: Mapping[str, Any]
    persons: tuple[Person, ...]
    staff: tuple[StaffPerson, ...]
    records: Path

    def entries(self, kind: str) -> list[dict[str, Any]]:
        """The tables of `[[kind]]`, as registered."""
        return [dict(entry) for entry in self.content.get(kind, [])]

    def value(self, section: str, name: str) -> str:
        """A text in a section; raises `SandboxError` when it is not there."""
        found = self.content.get(section, {}).get(name)
        if not isinstance(found, str):
            raise SandboxError(f"the configuration of the demo lacks {name} in [{section}]")
        return found


def write(  # noqa: PLR0913, PLR0917 - what a start is made of
    state: State,
    layout: Layout,
    keys: Keys,
    servers: Servers,
    overlays: Sequence[Path],
    today: date,
    addition: Addition | None = None,
) -> Configuration:
    """Write the configuration of this start into the state folder. Raises `SandboxError` naming the file at fault."""
    shutil.rmtree(state.configuration, ignore_errors=True)
    apart = {name: state.programs / name for name in _APART}
    for folder in (state.configuration, *apart.values()):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(mode=0o700)
    claims = state.programs / "standard-claims.json"
    known = {**layout.addresses(), "smtp_port": str(layout.port("smtp")), "standard_claims": str(claims)}
    _render(TEMPLATES, "10-demo", state.configuration, apart, known)
    if addition is not None:
        known |= addition.placeholders(state)
        _render(addition.folder, "20-addition", state.configuration, apart, known)
        proofs = _tables("clients", addition.registrations(state))
        write_private(state.configuration / "55-addition-keys.toml", proofs)
    write_private(state.configuration / "50-demo-keys.toml", _keys(layout, keys))
    written = _stores(state, keys, servers, tls=layout.tls) + _admin(layout, servers)
    written += _tls(state, layout) if layout.tls else ""
    write_private(state.configuration / "60-demo-state.toml", written)
    files = [each for each in overlays if each.suffix == _PERSONEN_MOCK]
    for number, folder in enumerate((each for each in overlays if each not in files), start=1):
        _render(folder, f"9{number:02}-overlay", state.configuration, apart, known)
    read_by_vad = (DEFAULTS, state.configuration)
    try:
        content = read(read_by_vad)
        persons = {person.bsn: person for person in load_persons(sorted(apart["persons"].glob("*.toml")), today)}
        for file in files:
            persons = {person.bsn: person for person in personen_mock.load(file, today)} | persons
        staff = load_staff(sorted(apart["staff"].glob("*.toml")))
    except (ConfigurationFileError, PersonsError, ConfigError) as error:
        raise SandboxError(str(error)) from error
    told = {bsn: person.standard_claims for bsn, person in persons.items()}
    write_private(claims, json.dumps(told, indent=2, ensure_ascii=False) + "\n")
    records = state.programs / "records.toml"
    write_private(records, "\n".join(file.read_text("utf-8") for file in sorted(apart["record"].glob("*.toml"))))
    return Configuration(read_by_vad, content, _listed_first(persons), staff, records)


def _listed_first(persons: Mapping[str, Person]) -> tuple[Person, ...]:
    """Those with a story of their own come before what a file of the personen-mock brought."""
    return tuple(sorted(persons.values(), key=lambda person: not person.story_nl))


def _render(source: Path, prefix: str, target: Path, apart: Mapping[str, Path], known: Mapping[str, str]) -> None:
    """Fill in every `*.toml` of `source` and put it where it belongs."""
    if not source.is_dir():
        raise SandboxError(f"{source} is not a folder")
    for file in sorted(source.glob("*.toml")):
        try:
            text = string.Template(file.read_text("utf-8")).safe_substitute(known)
            names = set(tomllib.loads(text))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise SandboxError(f"{file} cannot be read: {error}") from error
        kind = next((kind for kind in apart if kind in names), None)
        if kind is not None and names != {kind}:
            raise SandboxError(f"{file}: [[{kind}]] tables belong in a file of their own")
        write_private((target if kind is None else apart[kind]) / f"{prefix}-{file.name}", text)


def _keys(layout: Layout, keys: Keys) -> str:
    """The public keys of the demo's own client and data sources, added to their registrations by identity."""
    clients = [{"client_id": PGOS[pgo], "jwks": {"keys": [public(key)]}} for pgo, key in keys.pgos.items()]
    sources: list[dict[str, Any]] = []
    for source in SOURCES:
        asking = {"jwks": {"keys": [public(keys.inquiry[source])]}} if source in keys.inquiry else {}
        sources.append({"identifier": layout.address(source), "encryption_jwk": public(keys.sources[source]), **asking})
    return _tables("clients", clients) + _tables("resource_servers", sources)


def _stores(state: State, keys: Keys, servers: Servers, *, tls: bool) -> str:
    # As where sources are of other organisations; in a demo somebody certifies keys of each kind.
    certified: dict[str, str | None] = {
        "certified": "ES256, RS256, PS256",
        "certificate_ca_file": str(state.signing_ca_file),
    }
    sections: dict[str, dict[str, str | None]] = {
        "keys": {"master_key_file": str(keys.master_key_file), **(certified if tls else {})},
        "audit": {"checkpoint_key_file": str(keys.checkpoint_key_file), "publish_directory": str(state.published_log)},
        "database": {"url": servers.database_url, "migrate_url": servers.migrate_url},
        "worker": {"database_url": servers.worker_url},
        "redis": {"url": servers.redis_url},
    }
    lines = []
    for section, values in sections.items():
        known = {name: value for name, value in values.items() if value is not None}
        if known:
            lines += [f"[{section}]", *(f"{name} = {_toml(value)}" for name, value in known.items()), ""]
    return "\n".join(lines)


def _admin(layout: Layout, servers: Servers) -> str:
    """The pages for staff, where PostgreSQL has a role for them."""
    if servers.admin_url is None:
        return ""
    values = {
        "origin": layout.address("admin"),
        "issuer": layout.address("staff_idp"),
        "client_id": "vad-admin",
        "acr": STAFF_ACR,
        "database_url": servers.admin_url,
        "alarm_address": "beheer@vad.example",
    }
    lines = [f"{name} = {_toml(value)}" for name, value in values.items()]
    # Everybody in the demo comes from the same address.
    return "\n".join(["[admin]", *lines, "login_per_address = 6000", ""])


def _tls(state: State, layout: Layout) -> str:
    """What ends TLS is a proxy before VAD, and its authority one that the system does not know.

    The second app proves itself by a certificate, to which its tokens are bound.
    """
    proxy = {
        "trusted": LOOPBACK,
        "client_certificate_header": front.HEADER,
        "client_ca_file": str(state.client_ca_file),
        "certificate_origin": layout.address("mtls"),
    }
    lines = ["[outgoing]", f"ca_file = {_toml(str(state.ca_file))}", "", "[http]", "trusted_proxies = 1", ""]
    lines += ["[proxy]", *(f"{name} = {_toml(value)}" for name, value in proxy.items()), ""]
    lines += ["[[clients]]", f"client_id = {_toml(PGOS[CERTIFIED])}", 'token_endpoint_auth_method = "tls_client_auth"']
    lines += [f"tls_client_auth_subject_dn = {_toml(subject_of(CERTIFIED))}"]
    return "\n".join([*lines, "tls_client_certificate_bound_access_tokens = true", ""])


def _tables(name: str, entries: Sequence[Mapping[str, Any]]) -> str:
    lines = []
    for entry in entries:
        lines += [f"[[{name}]]", *(f"{key} = {_toml(value)}" for key, value in entry.items()), ""]
    return "\n".join(lines) + "\n"


def _toml(value: Any) -> str:
    """A value as TOML: texts (whose JSON form is TOML as well), lists and tables of them."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{json.dumps(str(key))} = {_toml(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_toml(each) for each in value) + "]"
    return json.dumps(value, ensure_ascii=False)
