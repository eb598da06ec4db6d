"""What the project says of the packages it uses: which they are, and under which licence each stands."""

import ast
import importlib.metadata
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageMetadata
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("crawler", "scheduler", "presswatch")
# Needed, and imported by none of our files.
NOT_IMPORTED = {
    "lxml-html-clean": "trafilatura imports it and does not declare it",
    "tzdata": "zoneinfo reads it where the system has no time zones",
}
# Imported by what is run by hand alone.
NOT_INSTALLED = {"opencc": "which characters are the same, for the table that presswatch.text.generate makes"}


# In the standard library of newer Pythons than the oldest that we support.
_LATER_STDLIB = {"compression"}


def normal(name: str) -> str:
    """A distribution's name as the packaging specification compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def declared() -> dict[str, Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = [one for extra in project["optional-dependencies"].values() for one in extra]
    requirements = map(Requirement, [*project["dependencies"], *extras])
    return {normal(requirement.name): requirement for requirement in requirements}


def imported() -> dict[str, str]:
    """Every distribution that the product imports, with one file that does."""
    owners = importlib.metadata.packages_distributions()
    found: dict[str, str] = {}
    for path in sorted(path for package in PRODUCT for path in (ROOT / package).rglob("*.py")):
        for module in _modules(ast.parse(path.read_text())):
            if module in sys.stdlib_module_names | _LATER_STDLIB or module in PRODUCT:
                continue
            for owner in owners.get(module, [module]):
                found.setdefault(normal(owner), f"{path.relative_to(ROOT)}: {module}")
    return found


def _modules(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name.split(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]


def installed_for_us() -> set[str]:
    """The runtime dependencies of this platform and Python, and theirs."""
    found: set[str] = set()
    todo = list(declared().values())
    seen: set[str] = set()
    while todo:
        requirement = todo.pop()
        if str(requirement) in seen:
            continue
        seen.add(str(requirement))
        found.add(normal(requirement.name))
        for text in importlib.metadata.requires(requirement.name) or ():
            inner = Requirement(text)
            extras = ("", *requirement.extras)
            if inner.marker is None or any(inner.marker.evaluate({"extra": extra}) for extra in extras):
                todo.append(inner)
    return found


def licence(metadata: PackageMetadata) -> str:
    """What a distribution's metadata says: the expression, else the classifiers, else the free text."""
    if "License-Expression" in metadata:
        return metadata["License-Expression"]
    classifiers = [
        str(line).rpartition(" :: ")[2]
        for line in metadata.get_all("Classifier") or ()
        if str(line).startswith("License :: ") and str(line) != "License :: OSI Approved"
    ]
    return " or ".join(classifiers) or metadata["License"].partition("\n")[0]


def listed() -> Mapping[str, str]:
    """The table of docs/licences.md: each package with its licence."""
    text = (ROOT / "docs" / "licences.md").read_text()
    rows = re.findall(r"^\| (\S+) \| (.+) \|$", text.partition("| --- | --- |")[2], re.M)
    assert len(rows) == len(dict(rows))
    return dict(rows)


def test_what_is_imported_is_declared() -> None:
    undeclared = {name: where for name, where in imported().items() if name not in declared()}
    assert undeclared.keys() == NOT_INSTALLED.keys(), undeclared


def test_what_is_declared_is_imported() -> None:
    assert declared().keys() - imported().keys() == NOT_IMPORTED.keys()


def test_a_dependency_without_bounds_is_one_of_another_dependency() -> None:
    free = {name for name, requirement in declared().items() if not requirement.specifier}
    pinning = {
        normal(Requirement(text).name)
        for name in declared()
        for text in importlib.metadata.requires(name) or ()
    }
    assert free - pinning == set()


def test_the_licences_of_all_runtime_dependencies_are_listed() -> None:
    found = {name: licence(importlib.metadata.metadata(name)) for name in sorted(installed_for_us())}
    wrong = [f"| {name} | {said} |" for name, said in found.items() if listed().get(name) != said]
    assert wrong == [], "docs/licences.md lacks these rows"


def test_no_licence_is_listed_of_a_package_that_is_not_locked() -> None:
    locked = set(re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements.lock").read_text(), re.M))
    assert listed().keys() - locked == set()


def test_the_wheel_says_our_licence() -> None:
    metadata = importlib.metadata.metadata("presswatch")
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata.get_all("License-File") == ["LICENSE"]
