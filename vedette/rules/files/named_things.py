"""Finds the projects, users, teams, releases and repositories that rules name, each at its place.

Sentry is asked whether they exist by `vedette.rules.files.known_names`.
"""

import tomllib
from collections.abc import Iterator, Mapping
from typing import Any, cast

from vedette._core.toml_positions import Path, TomlPositions, places_of
from vedette.rules.actions.assignee_finders import FINDERS
from vedette.rules.files.schema_models import listed
from vedette.rules.model.rule import NamedThing, NameKind, Place
from vedette.search import parse

_WILD = frozenset("*?[")


def named_in(file: str, text: str) -> tuple[NamedThing, ...]:
    """Return the complete names in the rules of a file, in their order.

    Args:
        file: The name of the file.
        text: Its content, which `rules_of` has accepted.
    """
    reader = _Reader(file, places_of(text))
    rules: list[dict[str, Any]] = tomllib.loads(text).get("rule", [])
    found = [each for number, table in enumerate(rules) for each in reader.rule(("rule", number), table)]
    return tuple(sorted(found, key=lambda each: (each.place.line, each.place.column)))


class _Reader:
    def __init__(self, file: str, places: TomlPositions) -> None:
        self._file = file
        self._places = places

    def rule(self, way: Path, table: Mapping[str, Any]) -> Iterator[NamedThing]:
        for path, slug in _texts((*way, "projects"), table.get("projects", [])):
            if not set(slug) & _WILD:
                yield self._named("project", slug, path)
        yield from self._search((*way, "when"), table.get("when", ""))
        yield from self._search((*way, "search"), table.get("search", ""))
        yield from self._actions((*way, "then"), table["then"])

    def _actions(self, way: Path, tables: list[Mapping[str, Any]]) -> Iterator[NamedThing]:
        for number, table in enumerate(tables):
            path = (*way, number)
            for place, who in _texts((*path, "assign"), table.get("assign", [])):
                if who not in FINDERS:
                    yield self._named(*_assignee(who), place)
            if table.get("release", "latest") != "latest":
                yield self._named("release", table["release"], (*path, "release"))
            if "repository" in table:
                yield self._named("repository", table["repository"], (*path, "repository"))
            if "later" in table:
                yield from self._search((*path, "if"), table.get("if", ""))
                yield from self._actions((*path, "then"), table["then"])

    def _search(self, way: Path, text: str) -> Iterator[NamedThing]:
        for mention in parse(text).mentions:
            kind: NameKind = "username" if mention.kind == "user" else mention.kind
            place = Place(self._file, *self._places.inside(way, mention.position))
            yield NamedThing(kind, mention.name, place)

    def _named(self, kind: NameKind, name: str, way: Path) -> NamedThing:
        return NamedThing(kind, name, Place(self._file, *self._places.value(way)))


def _texts(way: Path, value: str | list[str]) -> Iterator[tuple[Path, str]]:
    """Yield each text of a value that is a text or a list, with its path."""
    texts = enumerate(listed(value))
    yield from (((*way, number) if isinstance(value, list) else way, text) for number, text in texts)


def _assignee(written: str) -> tuple[NameKind, str]:
    """Return the kind of an assignee in the form of `sentry.issues.assign`, and its name."""
    name = written.strip()
    kind, colon, rest = name.partition(":")
    if name.startswith("#"):
        return "team", name[1:]
    if colon and kind in {"team", "user"}:
        return cast("NameKind", kind), rest
    return ("user" if name.isdigit() or "@" in name else "user or team"), name
