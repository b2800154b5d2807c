"""docs/architecture.md has every page for staff, at its address and with its file."""

import re
from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

from flask import Blueprint, Flask

from tests.architecture.source_tree import ROOT
from vad.web import admin

DOCUMENT = ROOT / "docs" / "architecture.md"
ROW = re.compile(r"^\|[^|]+\|[^|]+\|([^|]+)\| `vad/web/admin/(\w+)\.py` \|$", re.MULTILINE)


def pages() -> Iterator[tuple[str, str]]:
    """Each address, and the file that answers there."""
    app = Flask(__name__, static_folder=None)
    for module in iter_modules(admin.__path__):
        blueprint = getattr(import_module(f"{admin.__name__}.{module.name}"), "blueprint", None)
        if isinstance(blueprint, Blueprint) and not module.ispkg:
            app.register_blueprint(blueprint)
    for rule in app.url_map.iter_rules():
        file = app.view_functions[rule.endpoint].__module__.rpartition(".")[2]
        yield re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), file


def test_every_page_for_staff_is_in_the_table() -> None:
    """No address is missing there, and none is told of that is not there."""
    told = {
        (address, row[2])
        for row in ROW.finditer(DOCUMENT.read_text("utf-8"))
        for address in re.findall(r"`([^`]+)`", row[1])
    }
    known = set(pages())
    assert ("/logboek/vragen/wie-mocht", "log_questions") in known
    assert sorted(told ^ known) == []
