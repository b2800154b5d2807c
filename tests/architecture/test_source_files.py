"""How a file of VAD looks: its size, what a package says, what happens when it is imported, who reads the clock."""

import ast
import subprocess
import sys
from collections.abc import Iterator

from tests.architecture.source_tree import ROOT, Module, modules, within

MOST_LINES = 300
OUR_FILES = sorted(path for folder in ("vad", "tests", "deploy") for path in (ROOT / folder).rglob("*.py"))

CLOCK_READERS = {
    "vad.web.support.services": "a request gets its moment here, once, and hands it down as `at`",
    "vad.cli": "a command gets its moment here",
    "vad.sandbox": "the neighbours are programs of their own",
}
"""Who may ask what time it is, and why. Everybody else is told."""

PURE = frozenset(
    {
        *("dataclass", "field", "frozenset", "object", "re.compile", "timedelta", "UUID"),  # values
        *(
            "NewType",
            "ParamSpec",
            "TypeVar",
            "ContextVar",
            "ZoneInfo",
            "IPv6Network",
            "Path",
            "Path.resolve",
            "get_args",
            "list",
            "int",
            "MappingProxyType",
        ),
        *("cache", "contextmanager", "lru_cache"),  # decorators
    }
)
"""What any file may call while it is imported: it makes a value or a type, and touches nothing outside."""

DECLARATIONS = {
    "vad.adapters.jose": frozenset({"jwt.PyJWT"}),  # reading options, nothing else
    "vad.adapters.redis": frozenset(
        {"Codec", "Field", "choice", "collection", "exactly", "many", "nested", "optional"}
    ),
    "vad.adapters.configuration": frozenset(
        {"AfterValidator", "ConfigDict", "Field", "model_validator", "timedelta.total_seconds"}
    ),
    "vad.settings": frozenset({"ConfigDict", "Field", "SettingsConfigDict", "model_validator"}),
    "vad.web.api": frozenset({"BeforeValidator", "Field", "Response", "StringConstraints"}),
    "vad.web.support.api_models": frozenset({"ConfigDict", "Field"}),
    "vad.web.admin.audit": frozenset(
        {"AfterValidator", "BeforeValidator", "Field", "Response", "StringConstraints", "needs"}
    ),
    "vad.web.admin": frozenset(
        {"Blueprint", "Blueprint.get", "Blueprint.post", "Entry", "Group", "staff_page", "msgid"}
    ),
    "vad.web": frozenset(
        {
            "api_document.spec_tree",
            "api_document.spec_tree.validate",
            "Blueprint",
            "Blueprint.delete",
            "Blueprint.get",
            "Blueprint.post",
            "Blueprint.put",
            "Blueprint.route",
            "ErrorWords",
            "msgid",
        }
    ),
    "vad.cli": frozenset(
        {
            *("click.command", "click.group", "click.option", "click.argument", "click.Choice"),
            *("click.Path", "click.FloatRange", "click.IntRange", "click.DateTime"),
            *("Group.add_command", "Group.command"),
        }
    ),
    "vad.sandbox": frozenset(
        {
            *("Level", "Group.command"),
            *("click.IntRange", "click.Path", "click.command", "click.group", "click.option"),
        }
    ),
}
"""What a package declares while it is imported: columns, settings, routes, commands. None of it opens anything."""

OF_OUR_OWN = {
    "vad.domain.possession": frozenset({"Possession"}),
    "vad.domain.profile_table": frozenset({"Rules"}),
    "vad.domain.representation": frozenset({"ConsentId"}),
    "vad.services.agreed_commands": frozenset({"Command"}),
    "vad.sandbox.holder_check": frozenset({"Shown"}),
    "vad.services.correlation": frozenset({"Correlation"}),
    "vad.services.log_fhir_codes": frozenset({"Code", "Kind"}),
    "vad.settings": frozenset(
        {
            "Admin",
            "Ministry",
            "Audit",
            "Http",
            "Keys",
            "Limits",
            "Log",
            "Mail",
            "Mandate",
            "Metrics",
            "Outgoing",
            "ParentalAccess",
            "Post",
            "Proxy",
            "Registration",
            "Sso",
            "StandardClaims",
            "Tracing",
            "Worker",
        }
    ),
}
"""Values of our own that stand for a default."""

STATEMENTS = "vad.adapters.postgres"
OPENS_A_DATABASE = frozenset({"Database", "Session", "connect", "create_engine", "engine_from_config", "sessionmaker"})
"""Tables and SQL statements are values, built once, in too many words for a list: there, what opens is named."""

RUN_BY_OTHERS = {
    "vad.adapters.postgres.migrations.env": "a script that Alembic runs; nothing imports it",
}


def executed_on_import(module: Module) -> Iterator[ast.Call]:
    """Give every call made by importing a module: defaults and decorators, but no body of a function."""

    def visit(node: ast.AST) -> Iterator[ast.Call]:
        if isinstance(node, ast.Call):
            yield node
        if isinstance(node, ast.Lambda):
            return
        if isinstance(node, ast.If) and ast.unparse(node.test) in {"TYPE_CHECKING", "__name__ == '__main__'"}:
            return
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            parts: list[ast.AST] = [*node.decorator_list, *node.args.defaults, *filter(None, node.args.kw_defaults)]
        else:
            parts = list(ast.iter_child_nodes(node))
        for part in parts:
            yield from visit(part)

    return visit(module.tree)


def called(call: ast.Call, module: Module) -> str:
    """Name what is called; a method by the class of what it is called on, as far as this file shows it."""
    function = call.func
    if not isinstance(function, ast.Attribute):
        return ast.unparse(function)
    owner = function.value
    if isinstance(owner, ast.Call):
        return f"{called(owner, module)}.{function.attr}"
    return f"{_made_by(ast.unparse(owner), module)}.{function.attr}"


def _made_by(name: str, module: Module) -> str:
    """Name the class whose instance a name of this module, or of the one it was imported from, holds."""
    for node in module.tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name and isinstance(node.value, ast.Call):
            return called(node.value, module)
        if isinstance(node, ast.FunctionDef) and node.name == name:
            return "Group" if any("group" in ast.unparse(one) for one in node.decorator_list) else name
        if isinstance(node, ast.ImportFrom) and name in {alias.name for alias in node.names}:
            origin = modules().get(node.module or "")
            return _made_by(name, origin) if origin else name
    return name


def harmless(name: str, module: Module) -> bool:
    """Whether calling this while the module is imported builds nothing but values and declarations."""
    if within(module.name, STATEMENTS):
        return not set(name.split(".")) & OPENS_A_DATABASE
    known = (*DECLARATIONS.items(), *OF_OUR_OWN.items())
    return name in PURE or any(name in names for package, names in known if within(module.name, package))


def test_a_file_is_read_in_one_sitting() -> None:
    """CONTRIBUTING.md: 200 lines is a smell, 300 a defect."""
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in OUR_FILES}
    assert [f"{path.relative_to(ROOT)}: {lines} lines" for path, lines in lengths.items() if lines > MOST_LINES] == []


def test_a_package_only_says_what_it_owns() -> None:
    """CONTRIBUTING.md: every `__init__.py` is a docstring, with no imports and nothing else."""
    for module in modules().values():
        if module.is_package:
            assert ast.get_docstring(module.tree), module.shown
            assert len(module.tree.body) == 1, module.shown
    folders = {path.parent for path in (ROOT / "vad").rglob("*.py")}
    assert [folder for folder in folders if not (folder / "__init__.py").exists()] == []


def test_nothing_is_built_on_import() -> None:
    """ADR 0001: no module-level app, engine, client or server; importing a file makes values and declarations."""
    wrong = []
    for module in modules().values():
        if module.name not in RUN_BY_OTHERS:
            calls = ((call.lineno, called(call, module)) for call in executed_on_import(module))
            wrong += [f"{module.shown}:{line} calls {name}" for line, name in calls if not harmless(name, module)]
    assert wrong == []


def test_importing_everything_opens_nothing() -> None:
    """ADR 0001: after importing all of VAD there is no app, engine, connection, client, thread or open socket."""
    names = [name for name in modules() if name not in RUN_BY_OTHERS]
    run = subprocess.run(
        [sys.executable, "-c", _IMPORT_ALL, *names], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stdout.strip()) == (0, "[]"), run.stdout + run.stderr


_IMPORT_ALL = """
import gc, importlib, socket, sys, threading
for name in sys.argv[1:]:
    importlib.import_module(name)
import flask, redis, requests, sqlalchemy
built = (flask.Flask, redis.Redis, redis.ConnectionPool, requests.Session, sqlalchemy.Engine, socket.socket)
found = [type(one).__name__ for one in gc.get_objects() if isinstance(one, built)]
print(found + [thread.name for thread in threading.enumerate() if thread is not threading.main_thread()])
"""


def test_time_comes_in_as_an_argument() -> None:
    """CONTRIBUTING.md: nobody but those listed asks what time it is; a stopwatch (`time.monotonic`) is no clock."""
    clocks = {"datetime.now", "datetime.today", "datetime.utcnow", "date.today", "time.time", "time.time_ns"}
    readers = {
        module.name
        for module in modules().values()
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node) in clocks
    }
    assert [name for name in sorted(readers) if not any(within(name, known) for known in CLOCK_READERS)] == []


def test_clocks_go_by_their_full_name() -> None:
    """The rule above sees every clock: none is imported under a short name."""
    short = {"time", "time_ns", "monotonic"}
    for module in modules().values():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ImportFrom) and node.module == "time":
                assert not short & {alias.name for alias in node.names}, module.shown
