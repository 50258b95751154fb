"""The import graph: models ← sync_api, models ← jobs, and nothing else between them (design, floor plan)."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
#: What each package may import of the project.
ALLOWED = {
    "models": {"models"},
    "sync_api": {"models", "sync_api"},
    "jobs": {"models", "jobs"},
    "notebooks": {"models", "jobs"},
}
OWN = {*ALLOWED, "d110", "d110_demo", "d110_bench", "tests"}
#: Where the world begins: the pure core has none of it.
IMPURE = {"os", "time", "socket", "requests", "aiohttp", "httpx", "subprocess", "pycouchdb", "litestar", "prefect"}
#: The only module of each side that speaks to CouchDB, and the library it does so with.
COUCHDB_CLIENTS = {"aiohttp": "sync_api/couch.py", "pycouchdb": "jobs/couch.py"}


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name.split(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.add((node.module or "").split(".")[0])
    return found


def modules(package: str) -> list[Path]:
    return [p for p in sorted((ROOT / package).rglob("*.py")) if "node_modules" not in p.parts]


@pytest.mark.parametrize("package", sorted(ALLOWED))
def test_a_package_imports_only_what_the_graph_allows(package: str) -> None:
    assert modules(package)
    for path in modules(package):
        assert imports(path) & OWN <= ALLOWED[package], path


def test_the_core_imports_nothing_of_the_world() -> None:
    for path in modules("models"):
        assert not imports(path) & IMPURE, path


@pytest.mark.parametrize("library", sorted(COUCHDB_CLIENTS))
def test_one_module_on_each_side_speaks_to_couchdb(library: str) -> None:
    """Benchmarks are clients of both, with nothing in between."""
    users = {str(p.relative_to(ROOT)) for package in ALLOWED for p in modules(package) if library in imports(p)}
    assert {user for user in users if "/benchmarks/" not in user} == {COUCHDB_CLIENTS[library]}


def test_the_core_never_asks_a_clock() -> None:
    for path in modules("models"):
        text = path.read_text("utf-8")
        for call in ("datetime.now(", "date.today(", "utcnow(", "perf_counter("):
            assert call not in text, path
