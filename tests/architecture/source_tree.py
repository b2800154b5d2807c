"""VAD's own source, read as text: its modules and who imports whom. Nothing of it is run."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "vad"


class Import(NamedTuple):
    """One name that one module takes from elsewhere."""

    importer: str
    imported: str
    """A module of VAD, or the dotted name of something from outside."""
    line: int


class Module(NamedTuple):
    """One Python file of VAD."""

    name: str
    path: Path
    tree: ast.Module

    @property
    def is_package(self) -> bool:
        """Whether it is the `__init__.py` of a folder."""
        return self.path.name == "__init__.py"

    @property
    def shown(self) -> str:
        """Its path, as it is written in the documentation."""
        return self.path.relative_to(ROOT).as_posix()


@cache
def modules() -> dict[str, Module]:
    """Every module of VAD by its dotted name."""
    return {module.name: module for module in map(_read, sorted(PACKAGE.rglob("*.py")))}


@cache
def imports() -> tuple[Import, ...]:
    """Every import of every module: at the top, inside a function, or for type checking alone."""
    return tuple(found for module in modules().values() for found in _imports_of(module))


@cache
def graph() -> dict[str, frozenset[str]]:
    """Which modules of VAD each module of VAD imports."""
    known = modules()
    edges: dict[str, set[str]] = {name: set() for name in known}
    for found in imports():
        if found.imported in known:
            edges[found.importer].add(found.imported)
    return {name: frozenset(imported) for name, imported in edges.items()}


def within(name: str, package: str) -> bool:
    """Whether a dotted name is this package or something in it."""
    return name == package or name.startswith(f"{package}.")


def cycle_in(edges: dict[str, frozenset[str]]) -> list[str] | None:
    """One cycle of a graph, if there is any: names, the first repeated at the end."""
    done: set[str] = set()
    path: list[str] = []

    def visit(node: str) -> list[str] | None:
        if node in path:
            return [*path[path.index(node) :], node]
        if node in done:
            return None
        path.append(node)
        found = next((cycle for cycle in map(visit, sorted(edges.get(node, ()))) if cycle), None)
        path.pop()
        done.add(node)
        return found

    return next((cycle for cycle in map(visit, sorted(edges)) if cycle), None)


def _read(path: Path) -> Module:
    parts = path.relative_to(ROOT).with_suffix("").parts
    name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    return Module(name, path, ast.parse(path.read_text(encoding="utf-8"), str(path)))


def _imports_of(module: Module) -> Iterator[Import]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(module.name, alias.name, node.lineno)
        elif isinstance(node, ast.ImportFrom):
            origin = "." * node.level + (node.module or "")
            for alias in node.names:
                whole = f"{origin}.{alias.name}"
                # `from vad.web import login` takes a module, `from vad.domain.age import reached` a name of one.
                yield Import(module.name, whole if _is_module(whole) else origin, node.lineno)


def _is_module(name: str) -> bool:
    path = ROOT.joinpath(*name.split("."))
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()
