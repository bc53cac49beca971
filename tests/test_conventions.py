"""The naming rules of CONTRIBUTING.md, as checks. The allow-lists may only get shorter."""

import ast
import re
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROOMS = ("vedette", "receiver", "workers", "gateway", "handlers", "console")
MOST_FILES = 24
"""Modules in one folder."""
TINY = 25
"""Lines; a smaller module that one other imports is a section of it."""

DOUBLE_NAMES = {
    "Answer": "vedette.search and vedette.api export one each: what a fact answers, and what Sentry answers",
    "Event": "vedette.events exports authors' event, vedette.simulator exports the simulated one",
}
GERUNDS: dict[str, str] = {
    "formatting": "the noun for it; the functions format values for people",
    "paging": "the noun that API clients use",
    "retrying": "an adjective: it holds the retrying call",
}
"""Names of one word that end as gerunds do, and why they stay."""
TINY_MODULES = {
    "vedette.api.resources.issues": "joins the parts of one resource; each is a module",
}
_QUESTION = re.compile(r"(What|Who|Whom|Whose|Where|Whether|How|Whatever)\b")


def modules() -> list[Path]:
    return sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py") if "plugin_template" not in path.parts)


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def test_public_classes_have_unique_names() -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for path in modules():
        if {"models", "payload"} & set(path.parts):
            continue
        for node in tree_of(path).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(str(path.relative_to(ROOT)))
    double = {name: found for name, found in places.items() if len(found) > 1}
    assert double.keys() <= DOUBLE_NAMES.keys(), double


def test_no_allowance_is_left_that_nothing_needs() -> None:
    names = [
        node.name
        for path in modules()
        for node in tree_of(path).body
        if isinstance(node, ast.ClassDef) and not {"models", "payload"} & set(path.parts)
    ]
    assert {name for name in DOUBLE_NAMES if names.count(name) < 2} == set()
    assert set(GERUNDS) <= {path.stem for path in modules()}
    assert len(DOUBLE_NAMES) + len(GERUNDS) + len(TINY_MODULES) <= 10


def test_no_folder_is_crowded() -> None:
    folders: dict[str, int] = defaultdict(int)
    for path in modules():
        folders[str(path.parent.relative_to(ROOT))] += 1
    assert {folder: count for folder, count in folders.items() if count > MOST_FILES} == {}


def test_no_module_is_called_by_a_bare_gerund() -> None:
    found = {path.stem for path in modules() if path.stem.endswith("ing") and "_" not in path.stem}
    assert found <= GERUNDS.keys()


def test_no_docstring_begins_as_a_question() -> None:
    wrong: list[str] = []
    for path in modules():
        tree = tree_of(path)
        nodes = [
            tree,
            *(n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)),
        ]
        for node in nodes:
            first = (ast.get_docstring(node) or "").partition("\n")[0]
            if _QUESTION.match(first):
                wrong.append(f"{path.relative_to(ROOT)}: {first}")
    assert wrong == []


def test_a_tiny_module_is_imported_by_more_than_one() -> None:
    importers: dict[str, set[str]] = defaultdict(set)
    for path in modules():
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.ImportFrom) and node.module:
                importers[node.module].add(str(path))
    tiny: list[str] = []
    for path in modules():
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        lines = len(path.read_text(encoding="utf-8").splitlines())
        if path.stem not in {"__init__", "__main__", "app"} and lines < TINY and len(importers[name]) == 1:
            tiny.append(name)
    assert set(tiny) <= TINY_MODULES.keys()


def test_each_test_file_names_what_it_tests() -> None:
    missing = [
        str(path.relative_to(ROOT))
        for room in ROOMS
        for path in sorted((ROOT / "tests" / room).rglob("test_*.py"))
        if not _names_its_subject(path.relative_to(ROOT / "tests"))
    ]
    assert missing == [], "name a module or package of the same folder, or move it to tests/scenarios"


def _names_its_subject(test: Path) -> bool:
    """Whether a test file is called by a module or package, with a suffix where there are several of one."""
    name, folder = test.stem.removeprefix("test_"), ROOT / test.parent
    if not folder.is_dir():
        return folder.with_suffix(".py").exists()
    # Lua scripts and files of rules are tested too; what concerns a package as a whole has the package's name.
    subjects = {path.stem for path in folder.iterdir() if not path.stem.startswith("__")} | {folder.name}
    return any(name == subject or name.startswith(f"{subject}_") for subject in subjects)
