"""What a running demo tells of itself: a short table for people, a JSON file for programs."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from vad.sandbox.demo.configuration import Configuration
from vad.sandbox.demo.keys import Keys
from vad.sandbox.demo.layout import NAMES, PGOS, SOURCES, WEB, Layout
from vad.sandbox.demo.state import State, write_private


def write(state: State, layout: Layout, keys: Keys, configuration: Configuration, running: Mapping[str, Any]) -> None:
    """Write the JSON file: addresses, keys of the demo's own client and sources, test persons, and what runs.

    `running` are the process ids by name and the addresses of the stores. Only we can read it: it holds private keys.
    """
    address = {layout.address(source): source for source in SOURCES}
    private = {PGOS[pgo]: key for pgo, key in keys.pgos.items()}
    content = {
        "base_port": layout.base,
        "addresses": layout.addresses(),
        **({"ca_file": str(state.ca_file)} if layout.tls else {}),
        **running,
        "state": str(state.folder),
        "configuration": [str(folder) for folder in configuration.folders],
        "logs": str(state.logs),
        "clients": [
            entry | ({"private_key": private[entry["client_id"]]} if entry["client_id"] in private else {})
            for entry in configuration.entries("clients")
        ],
        "resource_servers": [
            entry | _private(keys, address.get(entry["identifier"]))
            for entry in configuration.entries("resource_servers")
        ],
        "data_services": configuration.entries("data_services"),
        "staff": [person.to_json() for person in configuration.staff],
        "test_persons": [person.to_json() | {"name": person.full_name} for person in configuration.persons],
    }
    write_private(state.description, json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def _private(keys: Keys, source: str | None) -> dict[str, Any]:
    """The private keys of a source, if it is one of the demo's own."""
    if source is None:
        return {}
    asking = {"inquiry_key": keys.inquiry[source]} if source in keys.inquiry else {}
    return {"private_key": keys.sources[source], **asking}


def table(layout: Layout, configuration: Configuration, today: date) -> list[str]:
    """The lines that people read once everything runs."""
    lines = ["", *(f"  {NAMES[key]:<12} {layout.address(key)}" for key in WEB), "", "Test persons"]
    width = max((len(person.full_name) for person in configuration.persons), default=0)
    for person in configuration.persons:
        age = person.age_on(today)
        known = "died" if person.deceased_on else "age not known" if age is None else f"{age} years old"
        lines.append(f"  {person.bsn}  {person.full_name:<{width}}  {known}")
    lines += ["", "Staff, at the staff login, each with the DigiD that their first login asks for"]
    lines += [
        f"  {each.subject:<14} {', '.join(each.roles):<16} {each.bsn}  {each.name}" for each in configuration.staff
    ]
    return lines
