"""docs/conformance.md lists every module of every plan, says how it stands, and names the test that plays it."""

import ast
import importlib
import json
import pkgutil
import re

import pytest

import tests.conformance as package
from tests.conformance import modules
from tests.conformance.playing import FORM_POST, SIGNED
from tests.support.certificate_holder import VARIANTS
from tests.support.documents import PROJECT
from vad.sandbox.demo.scripted_browser import ScriptedBrowser

TEXT = (PROJECT / "docs/conformance.md").read_text("utf-8")
SECTIONS = {
    "Basic OP and Form Post OP": modules.BASIC,
    "Config OP": modules.CONFIG,
    "Dynamic OP": modules.DYNAMIC,
    "RP-Initiated Logout OP": modules.RP_LOGOUT,
    "Back-Channel Logout OP": modules.BACKCHANNEL_LOGOUT,
    "FAPI 2.0 Security Profile": modules.FAPI2,
    "FAPI 2.0 Message Signing": modules.SIGNED_REQUESTS,
}
ALSO = {"Basic OP and Form Post OP": FORM_POST, "FAPI 2.0 Security Profile": SIGNED}
"""How a second plan plays the modules of a section."""
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
STATES = {"passes", "review", "skipped", "fails"}


def section(title: str) -> str:
    """What stands under this heading."""
    return TEXT.split(f"\n## {title}\n")[1].split("\n## ")[0]


@pytest.fixture(scope="module")
def played() -> dict[tuple[str, str], set[str]]:
    """Give the ids that say which modules a test plays, by file and name of the test."""
    found: dict[tuple[str, str], set[str]] = {}
    for info in pkgutil.iter_modules(package.__path__):
        if info.name.startswith("test_"):
            for name, test in vars(importlib.import_module(f"{package.__name__}.{info.name}")).items():
                for mark in getattr(test, "pytestmark", ()):
                    if mark.name == "parametrize" and "module" in mark.args[0]:
                        ids = {str(each.id) for each in mark.args[1]}
                        found[f"tests/conformance/{info.name}.py", name] = ids
    return found


def test_every_plan_is_there() -> None:
    """By the name that the suite gives it, and with all its modules."""
    assert set(SECTIONS.values()) >= {each for name, each in modules.PLANS.items() if "message-signing" not in name}
    for name in modules.PLANS:
        assert f"`{name}`" in TEXT


@pytest.mark.parametrize("title", SECTIONS)
def test_every_module_has_its_row(title: str, played: dict[tuple[str, str], set[str]]) -> None:
    """Once, with a state, and with a test that bears its name, in every way in which a plan plays it."""
    rows = [line.strip("| ").split(" | ", 2) for line in section(title).splitlines() if line.startswith("| `")]
    assert tuple(name.strip("`") for name, _, _ in rows) == SECTIONS[title]
    for name, state, shown in rows:
        assert state in STATES, name
        first, *_ = NAMED.findall(shown)
        wanted = {name.strip("`")} | ({f"{name.strip('`')}-{ALSO[title]}"} if title in ALSO else set())
        assert wanted <= played.get(first, set()), f"{name} is not what {first} plays"


def test_every_variant_with_certificates_has_its_column(played: dict[tuple[str, str], set[str]]) -> None:
    """A row for each module, and a state for each variant that has it, with a test that plays it so."""
    lines = section("FAPI 2.0 Security Profile with certificates").splitlines()
    rows = [line.strip("| ").split(" | ") for line in lines if line.startswith("| `")]
    assert tuple(name.strip("`") for name, *_ in rows) == modules.FAPI2
    for cell, *states, shown in rows:
        name = cell.strip("`")
        ids = set().union(*(played.get(test, set()) for test in NAMED.findall(shown)))
        for (variant, (by_key, dpop)), state in zip(VARIANTS.items(), states, strict=True):
            left_out = (name in modules.ABOUT_DPOP and not dpop) or (name in modules.ABOUT_ASSERTIONS and not by_key)
            assert state in ({"not played"} if left_out else STATES), name
            assert (f"{name}-{variant}" in ids) == (not left_out), f"{name}, {variant}"


def test_nothing_else_is_played(played: dict[tuple[str, str], set[str]]) -> None:
    """No test bears the name of a module that no plan has."""
    known = {name for names in modules.PLANS.values() for name in names}
    ways = "|".join((*ALSO.values(), *VARIANTS))
    assert {re.sub(rf"-({ways})$", "", each) for ids in played.values() for each in ids} == known


def test_what_the_suites_browser_presses_stays_as_it_is() -> None:
    """Each id of its commands is one of those that docs/demo.md promises to keep."""
    scripted = ScriptedBrowser("https://vad.example", "https://digid.example", "https://suite.example/test/a/x")
    kinds = ("basic", "dynamic", "logout", "fapi2")
    told = json.dumps([scripted.browser, *(scripted.override(kind) for kind in kinds)])
    pressed = {re.sub(r"-\d+$", "-1", each) for each in re.findall(r'\["(?:click|text)", "id", "([^"]+)"', told)}
    promised = (PROJECT / "docs/demo.md").read_text("utf-8").split("\n## For scripts\n")[1].split("\n## ")[0]
    assert {"represented-myself", "consent-give", "bsn"} < pressed
    assert {each for each in pressed if f"`{each}`" not in promised} == set()


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("Basic OP and Form Post OP", "basic"),
        ("Dynamic OP", "dynamic"),
        ("RP-Initiated Logout OP", "logout"),
        ("FAPI 2.0 Security Profile", "fapi2"),
    ],
)
def test_the_suites_browser_takes_every_picture(title: str, kind: str) -> None:
    """What a person judges is what the blocks of the files take; what else they do has a row of its own."""
    scripted = ScriptedBrowser("https://vad.example", "https://digid.example", "https://suite.example/test/a/x")
    blocks = scripted.override(kind)
    taken = {name for name, own in blocks.items() if "update-image-placeholder" in json.dumps(own)}
    rows = [line.strip("| ").split(" | ", 2) for line in section(title).splitlines() if line.startswith("| `")]
    judged = {name.strip("`") for name, state, _ in rows if state == "review"}
    assert judged <= taken
    assert all(f"| `{name}` | " in section("The set-up") for name in blocks.keys() - judged)


def test_every_named_test_exists() -> None:
    """A test that was renamed or removed takes its row with it."""
    named = NAMED.findall(TEXT)
    assert len(named) > 100
    known: dict[str, set[str]] = {}
    for file, name in named:
        if file not in known:
            tree = ast.parse((PROJECT / file).read_text("utf-8"))
            known[file] = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        assert name in known[file], f"{file}::{name}"
