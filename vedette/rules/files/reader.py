"""Reads rules files, and reports every problem of every file with its line and column."""

import re
import tomllib
from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from vedette._core.json_values import json_list, json_object
from vedette._core.regular_files import read_regular_file
from vedette._core.toml_positions import Path as Way
from vedette._core.toml_positions import TomlPositions, places_of
from vedette.authoring.cron import make_cron
from vedette.rules.actions import ACTIONS, Action, LaterAction, UnusableFileError
from vedette.rules.files.errors import RuleProblem, RulesError
from vedette.rules.files.key_rules import never_about_an_issue, unfitting_keys
from vedette.rules.files.named_things import named_in
from vedette.rules.files.schema_models import MOST, RuleForm, listed
from vedette.rules.files.validation_messages import problems_of, shown, suggest
from vedette.rules.model.rule import Place, Rule, RuleSchedule, RuleSet
from vedette.search import Query, SearchSyntaxError, parse

_POSITION = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_RULE = "rule"


def read_rules(paths: Iterable[Path | str], *, channels: Collection[str] | None = None) -> RuleSet:
    """Read rules from files, in their order.

    Args:
        paths: The files.
        channels: The configured channels, so that a rule that notifies another is refused; None if they are unknown.

    Raises:
        RulesError: With every problem of every file, also one that cannot be opened.
    """
    texts: list[tuple[str, str]] = []
    problems: list[RuleProblem] = []
    for path in paths:
        try:
            texts.append((str(path), read_regular_file(Path(path)).decode()))
        except OSError as error:
            problems.append(RuleProblem(str(path), 1, 1, error.strerror or str(error), "a rules file"))
        except UnicodeDecodeError as error:
            problems.append(RuleProblem(str(path), 1, 1, f"byte {error.start} is not UTF-8", "a text file in UTF-8"))
    return rules_of(texts, problems, channels=channels)


def rules_of(
    texts: Sequence[tuple[str, str]],
    problems: Sequence[RuleProblem] = (),
    *,
    channels: Collection[str] | None = None,
) -> RuleSet:
    """Read rules from texts, each with the name of its file.

    Args:
        texts: Name and content of each file.
        problems: Problems of files that could not be read.
        channels: The configured channels, as for `read_rules`.

    Raises:
        RulesError: With all of `problems`, and every problem of the texts.
    """
    found = list(problems)
    rules: list[Rule] = []
    for file, text in texts:
        reader = _Reader(file, text, channels)
        rules += reader.rules()
        found += sorted(reader.problems, key=lambda problem: (problem.line, problem.column))
    found += _same_names(rules)
    if found:
        raise RulesError(found)
    named = tuple(each for file, text in texts for each in named_in(file, text))
    return RuleSet(tuple(rules), tuple(file for file, _ in texts), named)


def _same_names(rules: list[Rule]) -> Iterator[RuleProblem]:
    first: dict[str, Rule] = {}
    for rule in rules:
        other = first.setdefault(rule.name, rule)
        if other is not rule:
            place = rule.place
            found = f"a second rule named {shown(rule.name)}; the first is at {other.place}"
            yield RuleProblem(place.file, place.line, place.column, found, "another name")


def _schedule(form: RuleForm, search: Query | None) -> RuleSchedule | None:
    if form.schedule is None or search is None:
        return None
    return RuleSchedule(make_cron(form.schedule, form.timezone or "UTC"), search, form.most or MOST)


class _Reader:
    """Reads one file."""

    def __init__(self, file: str, text: str, channels: Collection[str] | None) -> None:
        self.file = file
        self.channels = channels
        self.text = text
        self.problems: list[RuleProblem] = []
        self._places = TomlPositions(text)

    def rules(self) -> list[Rule]:
        document = self._document()
        if document is None:
            return []
        self._places = places_of(self.text)
        for key in document:
            if key != _RULE:
                self._problem((key,), f"key {key}", f"`[[rule]]`{suggest(key, [_RULE])}", of_key=True)
        tables: object = document.get(_RULE, [])
        if not isinstance(tables, list) or any(not isinstance(each, dict) for each in json_list(tables)):
            self._problem((_RULE,), "rule is no array of tables", "`[[rule]]`, in two brackets", of_key=True)
            return []
        rules = [self._rule(number, table) for number, table in enumerate(json_list(tables))]
        return [rule for rule in rules if rule is not None]

    def _document(self) -> dict[str, Any] | None:
        try:
            return tomllib.loads(self.text)
        except tomllib.TOMLDecodeError as error:
            text = str(error)
            position = _POSITION.search(text)
            line, column = self._places.at(len(self.text.rstrip()))
            if position is not None and position[1]:
                line, column = int(position[1]), int(position[2])
            found = _POSITION.sub("", text)
            self.problems.append(RuleProblem(self.file, line, column, found, "valid TOML"))
        except RecursionError:
            self.problems.append(RuleProblem(self.file, 1, 1, "it is nested too deep to be read", "valid TOML"))
        except ValueError as error:
            # TOML's grammar allows values that Python does not support, such as a number of 5,000 digits.
            self.problems.append(RuleProblem(self.file, 1, 1, str(error), "valid TOML"))
        return None

    def _rule(self, number: int, table: dict[str, Any]) -> Rule | None:
        way: Way = (_RULE, number)
        before = len(self.problems)
        form: RuleForm | None = None
        for key, found, expected in unfitting_keys(table):
            self._problem((*way, key) if key else way, found, expected, of_key=True)
        try:
            form = RuleForm.model_validate(table)
        except ValidationError as error:
            self.problems += problems_of(error, RuleForm, table, way, self._places, self.file)
        query = self._query((*way, "when"), table.get("when", ""))
        search = self._query((*way, "search"), table.get("search", ""), for_sentry=True)
        then = self._actions((*way, "then"), table.get("then", []))
        self._check_needs_issue((*way, "then"), form, then)
        if form is None or len(self.problems) > before:
            return None
        return Rule(
            name=form.name,
            events=listed(form.on),
            schedule=_schedule(form, search),
            when=query,
            then=then,
            mode=form.mode,
            projects=listed(form.projects),
            stop=form.stop,
            cooldown=form.cooldown,
            place=Place(self.file, *self._places.key(way)),
        )

    def _check_needs_issue(self, way: Way, form: RuleForm | None, then: tuple[Action, ...]) -> None:
        """Refuse actions that need an issue if no event has one."""
        if form is None or not never_about_an_issue(listed(form.on)):
            return
        for number, action in enumerate(then):
            if action.needs_issue:
                found = f"{action.kind} needs an issue, which {', '.join(listed(form.on))} never names"
                self._problem((*way, number), found, "{ notify = ... }, or an event of an issue")

    def _query(self, way: Way, text: object, *, for_sentry: bool = False) -> Query | None:
        if not isinstance(text, str) or not text.strip():
            return None
        try:
            return parse(text, for_sentry=for_sentry, is_strict=True)
        except SearchSyntaxError as error:
            line, column = self._places.inside(way, error.position)
            found = "this search cannot be read"
            self.problems.append(RuleProblem(self.file, line, column, found, error.expected, error.marked))
            return None

    def _actions(self, way: Way, tables: object) -> tuple[Action, ...]:
        if not isinstance(tables, list):
            return ()
        found: list[Action] = []
        for number, table in enumerate(json_list(tables)):
            if isinstance(table, dict):
                action = self._action((*way, number), json_object(table))
                found += [] if action is None else [action]
        return tuple(found)

    def _action(self, way: Way, table: dict[str, Any]) -> Action | None:
        kinds = [key for key in table if key in ACTIONS]
        if len(kinds) != 1:
            self._wrong_kind(way, table, kinds)
            return None
        model = ACTIONS[kinds[0]]
        try:
            action = model.model_validate(table).with_files_read(Path(self.file).parent)
            self._check_channels(way, action)
            return self._with_parts(way, action) if isinstance(action, LaterAction) else action
        except UnusableFileError as error:
            self._problem((*way, "file"), f"file = {shown(table.get('file'))}", str(error))
        except ValidationError as error:
            self.problems += problems_of(error, model, table, way, self._places, self.file)
        return None

    def _check_channels(self, way: Way, action: Action) -> None:
        for channel in action.channels if self.channels is not None else ():
            if channel not in (self.channels or ()):
                known = ", ".join(sorted(self.channels or ())) or "none is set"
                expected = f"a channel of the settings ({known}){suggest(channel, self.channels or ())}"
                self._problem((*way, action.kind), f"there is no channel {shown(channel)}", expected)

    def _with_parts(self, way: Way, action: LaterAction) -> Action:
        return action.with_parts(self._query((*way, "if"), action.if_), self._actions((*way, "then"), action.then))

    def _wrong_kind(self, way: Way, table: dict[str, Any], kinds: list[str]) -> None:
        if kinds:
            self._problem(way, f"{' and '.join(kinds)} in one action", "an action for each: { ... }, { ... }")
            return
        key = next(iter(table), "")
        expected = f"one of {', '.join(ACTIONS)}{suggest(key, ACTIONS)}"
        if key:
            self._problem((*way, key), f"there is no action {shown(key)}", expected, of_key=True)
        else:
            self._problem(way, "an action that does nothing", expected)

    def _problem(self, way: Way, found: str, expected: str, *, of_key: bool = False) -> None:
        line, column = self._places.key(way) if of_key else self._places.value(way)
        self.problems.append(RuleProblem(self.file, line, column, found, expected))
