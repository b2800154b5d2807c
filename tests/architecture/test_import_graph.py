"""Who may import whom, walked on the real import graph. import-linter proves the same from pyproject.toml."""

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.architecture.source_tree import PACKAGE, ROOT, Import, cycle_in, graph, imports, modules, within

LAYERS: tuple[tuple[str, ...], ...] = (
    ("vad.cli",),
    ("vad.sandbox",),
    ("vad.wsgi",),
    ("vad.bootstrap",),
    ("vad.settings",),
    ("vad.web", "vad.adapters"),
    ("vad.services",),
    ("vad.domain",),
)
"""From the top down: a layer may import what stands below it. Names on one line know nothing of each other."""

WEB_LAYERS: tuple[tuple[str, ...], ...] = (
    ("vad.web.routes",),
    ("vad.web.oidc", "vad.web.login", "vad.web.citizen", "vad.web.admin", "vad.web.api"),
    ("vad.web.health",),
    ("vad.web.support",),
)

FRAMEWORKS = frozenset(
    {
        "alembic",
        "authlib",
        "babel",
        "click",
        "cryptography",
        "flask",
        "govuk_frontend_jinja",
        "gunicorn",
        "jinja2",
        "joserfc",
        "jwt",
        "psycopg2",
        "pydantic",
        "pydantic_settings",
        "redis",
        "requests",
        "sqlalchemy",
        "structlog",
        "urllib3",
        "werkzeug",
    }
)
DOMAIN_MAY_USE = frozenset({"stdnum", "tzdata"})
"""The only packages from outside that the rules lean on: the 11-proof, and the time zones."""


def against_layers(layers: tuple[tuple[str, ...], ...]) -> list[str]:
    """Every import that goes up, or sideways between parts that are to know nothing of each other."""
    place = {name: height for height, names in enumerate(layers) for name in names}

    def part_of(module: str) -> str | None:
        return next((name for name in place if within(module, name)), None)

    wrong = []
    for found in imports():
        source, target = part_of(found.importer), part_of(found.imported)
        if source is None or target is None or source == target:
            continue
        if place[target] <= place[source]:
            wrong.append(told(found))
    return wrong


def told(found: Import) -> str:
    """Say where an import stands."""
    return f"{modules()[found.importer].shown}:{found.line} imports {found.imported}"


def importing(found: Iterable[Import], importer: str, roots: frozenset[str]) -> list[str]:
    """Every import by this package of something under these top-level names."""
    return [told(one) for one in found if within(one.importer, importer) and one.imported.split(".")[0] in roots]


def test_the_graph_is_there() -> None:
    """The walk sees the whole tree: no rule below holds because nothing was looked at."""
    assert len(modules()) == len(list(PACKAGE.rglob("*.py")))
    assert "vad.domain.access" in graph()["vad.services.issuing"]
    assert "vad.web.support.errors" in graph()["vad.web.login"]


def test_layers() -> None:
    """ADR 0001: cli > sandbox > wsgi > bootstrap > settings > web | adapters > services > domain."""
    assert against_layers(LAYERS) == []


def test_every_module_has_its_layer() -> None:
    """ADR 0001: nothing stands outside the layers."""
    known = {name for names in LAYERS for name in names}
    assert [name for name in modules() if name != "vad" and not any(within(name, layer) for layer in known)] == []


def test_layers_of_the_web() -> None:
    """ADR 0001: routes > oidc | login | citizen | admin | api > health > support."""
    assert against_layers(WEB_LAYERS) == []
    known = {name for names in WEB_LAYERS for name in names} | {"vad.web"}
    strangers = [name for name in modules() if within(name, "vad.web") and not any(within(name, one) for one in known)]
    assert strangers == []


def test_the_rules_know_no_framework() -> None:
    """ADR 0001: domain and services import no framework, database, HTTP or JWT library."""
    assert importing(imports(), "vad.domain", FRAMEWORKS) == []
    assert importing(imports(), "vad.services", FRAMEWORKS) == []


def test_the_domain_is_pure_python() -> None:
    """ADR 0001: the domain does no I/O: the standard library's doors to the outside stay shut as well."""
    doors = {"asyncio", "http", "io", "logging", "os", "pathlib", "random", "secrets", "socket", "sqlite3", "ssl"}
    doors |= {"shutil", "subprocess", "tempfile", "threading", "time"}
    assert importing(imports(), "vad.domain", frozenset(doors) | {"urllib"}) == []
    outside = {
        found.imported.split(".")[0]
        for found in imports()
        if within(found.importer, "vad.domain") and not _is_standard(found.imported)
    }
    assert outside <= DOMAIN_MAY_USE | {"vad"}


def test_services_know_ports_not_sockets() -> None:
    """ADR 0001: use cases know domain and ports, nothing else."""
    doors = frozenset({"asyncio", "http", "os", "pathlib", "random", "secrets", "socket", "ssl", "subprocess", "time"})
    assert importing(imports(), "vad.services", doors) == []


def test_adapters_know_no_web() -> None:
    """ADR 0001: adapters never import flask or werkzeug."""
    assert importing(imports(), "vad.adapters", frozenset({"flask", "werkzeug", "jinja2"})) == []


def test_rows_stay_at_home() -> None:
    """ADR 0005: no row leaves `adapters/postgres`, and SQL is written nowhere else."""
    assert [
        told(found)
        for found in imports()
        if found.imported.split(".")[0] in {"sqlalchemy", "psycopg2", "alembic"}
        and not within(found.importer, "vad.adapters.postgres")
        and not within(found.importer, "vad.sandbox")
    ] == []
    others = ("vad.adapters.postgres", "vad.bootstrap", "vad.cli", "vad.sandbox")
    assert [
        told(found)
        for found in imports()
        if within(found.imported, "vad.adapters.postgres") and not any(within(found.importer, one) for one in others)
    ] == []


def test_jwts_are_read_and_written_in_one_place() -> None:
    """ADR 0001: every JWT, client assertions included, belongs to `adapters/jose` (and to the neighbourhood)."""
    assert [
        told(found)
        for found in imports()
        if found.imported.split(".")[0] in {"jwt", "joserfc"}
        and not any(within(found.importer, one) for one in ("vad.adapters.jose", "vad.sandbox"))
    ] == []


def test_authlib_stays_in_the_oidc_endpoints() -> None:
    """ADR 0001: Authlib's server lives in `web/oidc`; beside it VAD is DigiD's client. Its JOSE is unused."""
    found = [one for one in imports() if one.imported.split(".")[0] == "authlib"]
    homes = ("vad.web.oidc", "vad.adapters.oidc", "vad.sandbox")
    assert found
    assert [told(one) for one in found if not any(within(one.importer, home) for home in homes)] == []
    assert [told(one) for one in found if within(one.imported, "authlib.jose")] == []


def test_nobody_knows_the_sandbox() -> None:
    """ADR 0001: nothing but `cli` imports the sandbox: the production image has none."""
    known_to = {
        found.importer
        for found in imports()
        if within(found.imported, "vad.sandbox") and not within(found.importer, "vad.sandbox")
    }
    assert known_to <= {"vad.cli.main"}


def test_the_web_process_carries_no_tools() -> None:
    """What only commands need costs every worker memory: what the web process loads at its start brings none of it."""
    started = "vad.wsgi.on_starting(N(app=N(app_uri=vad.wsgi.running.WEB)))"
    listing = f"import sys, vad.wsgi; from types import SimpleNamespace as N; {started}; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", listing], cwd=ROOT, capture_output=True, text=True, check=True)
    brought = run.stdout.split()
    assert "vad.web.routes" in brought
    tools = ("alembic", "mako", "vad.cli", "vad.sandbox", "vad.adapters.tracing", "unittest", "setuptools")
    assert [name for name in brought if any(within(name, tool) for tool in tools)] == []


def test_what_serves_no_pages_carries_no_web() -> None:
    """The worker and the operator's commands start without Flask and VAD's pages: it is half a second, and memory."""
    reached: set[str] = set()
    coming = {f"vad.cli.{name}" for name in ("audit", "clients", "db", "keys", "staff", "worker")}
    while coming:
        reached |= coming
        coming = {imported for name in coming for imported in graph()[name]} - reached
    assert "vad.bootstrap.upkeep" in reached
    assert [name for name in sorted(reached) if within(name, "vad.web")] == []
    assert importing([each for each in imports() if each.importer in reached], "vad", frozenset({"flask"})) == []


def test_no_cycle_of_modules() -> None:
    """ADR 0001: no import cycle anywhere, not even one inside a function or for type checking."""
    assert cycle_in(graph()) is None


def test_no_cycle_of_packages() -> None:
    """ADR 0001: nor do sibling packages lean on each other in a circle."""
    for package in [module.name for module in modules().values() if module.is_package]:
        depth = package.count(".") + 1
        siblings: dict[str, set[str]] = {}
        for importer, imported in graph().items():
            for target in imported:
                if within(importer, package) and within(target, package) and package not in {importer, target}:
                    source, other = importer.split(".")[depth], target.split(".")[depth]
                    siblings.setdefault(source, set()).update({other} - {source})
        assert cycle_in({name: frozenset(others) for name, others in siblings.items()}) is None, package


def test_imports_are_absolute() -> None:
    """One search for a dotted name finds everybody who uses it."""
    assert [told(found) for found in imports() if found.imported.startswith(".")] == []


@pytest.mark.parametrize(
    ("edges", "cyclic"),
    [
        ({"a": frozenset({"b"}), "b": frozenset({"c"}), "c": frozenset[str]()}, False),
        ({"a": frozenset({"b", "c"}), "b": frozenset({"c"}), "c": frozenset[str]()}, False),
        ({"a": frozenset({"b"}), "b": frozenset({"c"}), "c": frozenset({"b"})}, True),
        ({"a": frozenset({"a"})}, True),
    ],
)
def test_a_cycle_would_be_found(edges: dict[str, frozenset[str]], cyclic: bool) -> None:  # noqa: FBT001
    """The search for cycles finds them, and only them."""
    assert (cycle_in(edges) is not None) is cyclic


def test_import_linter_agrees() -> None:
    """ADR 0001: the contracts of pyproject.toml hold as well."""
    command = Path(sys.executable).with_name("lint-imports")
    run = subprocess.run([command, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr


def _is_standard(name: str) -> bool:
    return name.split(".", maxsplit=1)[0] in sys.stdlib_module_names
