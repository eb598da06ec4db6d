"""The direction of imports: scheduler → crawler → presswatch, and each heavy driver in one place."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FORBIDDEN = {
    "presswatch": {"crawler", "scheduler"},
    "crawler": {"scheduler"},
    "scheduler": set[str](),
}
# The two places where everything is put together, inside functions. Nothing but `__main__` imports them.
TOGETHER = ("presswatch/cli", "presswatch/api.py")
# Who alone may import a driver: a folder or a file.
OWNERS = {
    "scrapy": "crawler",
    "apscheduler": "scheduler",
    "elasticsearch": "presswatch/search/elastic/",
}

# The rooms of the reader, lowest first: each imports only from those before it.
ROOMS = ("vocabulary", "page", "fields", "related", "body", "kind", "start", "article", "__init__")


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Every absolute module a file imports, with its line."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((name.name, node.lineno) for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, node.lineno


def product_files() -> list[Path]:
    return sorted(path for package in FORBIDDEN for path in (ROOT / package).rglob("*.py"))


def test_packages_import_in_one_direction() -> None:
    wrong = []
    for path in product_files():
        package = path.relative_to(ROOT).parts[0]
        if path.name == "__main__.py" or any(path.is_relative_to(ROOT / place) for place in TOGETHER):
            continue
        for module, line in imports(path):
            above = module.startswith(("presswatch.cli", "presswatch.api"))
            if module.split(".")[0] in FORBIDDEN[package] or above:
                wrong.append(f"{path.relative_to(ROOT)}:{line} imports {module}")
    assert wrong == []


@pytest.mark.parametrize("driver", OWNERS)
def test_a_driver_is_imported_in_one_place(driver: str) -> None:
    users = {
        path.relative_to(ROOT).as_posix()
        for path in product_files()
        for module, _line in imports(path)
        if module.split(".")[0] == driver
    }
    assert {user for user in users if not user.startswith(OWNERS[driver])} == set()
    assert not any(user.startswith("crawler/extract/") for user in users)


def test_the_rooms_of_the_reader_import_in_one_direction() -> None:
    folder = ROOT / "crawler" / "extract"
    wrong = []
    for path in folder.rglob("*.py"):
        room = path.relative_to(folder).with_suffix("").parts[0]
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.ImportFrom) or not (node.module or "").startswith("crawler.extract"):
                continue
            inside = (node.module or "").split(".")[2:]
            for used in inside[:1] or [name.name for name in node.names]:
                if used not in ROOMS or ROOMS.index(used) > ROOMS.index(room):
                    wrong.append(f"{path.relative_to(ROOT)}:{node.lineno} imports {used}")
    assert {path.stem for path in folder.iterdir() if path.stem != "__pycache__"} == set(ROOMS)
    assert wrong == []


def test_one_module_imports_a_dialect_of_sql_and_the_archive_alone_writes_statements() -> None:
    imported = [
        (path.relative_to(ROOT).as_posix(), module) for path in product_files() for module, _ in imports(path)
    ]
    dialects = {user for user, module in imported if module.startswith("sqlalchemy.dialects")}
    assert dialects == {"presswatch/archive/upsert.py"}
    outside = [
        line
        for path in product_files()
        if not path.is_relative_to(ROOT / "presswatch" / "archive")
        for line in path.read_text().splitlines()
        if line.startswith(("import sqlalchemy", "from sqlalchemy"))
    ]
    # The type of the transaction that the archive's functions are given.
    assert set(outside) == {"from sqlalchemy import Connection"}


def test_only_the_demo_command_knows_of_the_demo() -> None:
    users = {
        path.relative_to(ROOT).as_posix()
        for path in product_files()
        for module, _line in imports(path)
        if module.startswith("presswatch.demo")
    }
    assert {user for user in users if not user.startswith("presswatch/demo/")} <= {"presswatch/cli/demo.py"}


def test_starting_the_command_line_loads_no_stage_and_no_heavy_library() -> None:
    heavy = [
        "apscheduler",
        "crawler",
        "dateparser",
        "elasticsearch",
        "lxml",
        "scheduler",
        "scrapy",
        "sqlalchemy",
        "trafilatura",
    ]
    code = f"import sys, presswatch.cli; print(sorted(set({heavy}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_what_tells_how_it_stands_loads_only_what_it_needs() -> None:
    heavy = ["alembic", "idna", "luqum", "pebble", "presswatch.query", "scrapy"]
    code = f"import sys, presswatch.cli.status; print(sorted(set({heavy}) & set(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"


def test_the_daemon_loads_nothing_that_fetches_or_reads_pages() -> None:
    heavy = ["scrapy", "trafilatura", "lxml", "numpy", "alembic", "elasticsearch"]
    code = f"import sys, scheduler.daemon; print(sorted(set({heavy}) & set(sys.modules)))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"
