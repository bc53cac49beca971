"""`vedette rules check` and `vedette rules schema`: the check of rules files, and their JSON Schema for editors."""

import json
import os
import sys
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Annotated

import typer

from console.commands.rules.online_check import ask_sentry
from console.exit_codes import FOUND_WRONG, WRONG_USAGE, explained
from console.filters import AsJson
from console.rendering.terminal import echo, echo_lines
from vedette.rules import RulesError, RuleSet, read_rules
from vedette.rules.files.errors import RuleProblem
from vedette.rules.files.json_schema import rules_schema
from vedette.rules.files.locations import default_rules, files_of, rules_files
from vedette.settings.problems import SettingsError
from vedette.settings.settings import load_settings
from vedette.settings.settings_file import has_settings_file

Files = Annotated[list[Path] | None, typer.Argument(help="Rules files; those that are in force here unless given.")]


def files_in_force(files: list[Path] | None) -> list[Path]:
    """Return the given files, else those of the triage handler, relative to the working directory.

    Raises:
        SettingsError: The settings cannot be used.
    """
    if files:
        return files
    triage = load_settings().handlers.get("triage")
    return [_from_here(path) for path in rules_files(files_of((triage.model_extra or {}) if triage else {}))()]


def _from_here(path: Path) -> Path:
    """Return the path as a person in this folder would write it."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) and path != default_rules() else path


def check(
    files: Files = None,
    online: Annotated[
        bool, typer.Option("--online", help="Also ask Sentry for the projects, people, teams and releases in them.")
    ] = False,
    integration: Annotated[
        str | None,
        typer.Option(help="With --online: the integration to ask; the only one, or `default`, unless given."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check rules files. Exit code 0: they can be used; 1: something in them is wrong; 2: a file cannot be read.

    With --online also 1: Sentry does not have a name in them, or the token may not read it.
    """
    if integration is not None and not online:
        echo("--integration chooses the Sentry that --online asks: add --online", err=True)
        raise typer.Exit(WRONG_USAGE)
    with explained():
        paths = files_in_force(files)
        channels = _channels(are_named=bool(files))
    missing = [path for path in paths if not path.is_file()]
    for path in missing:
        echo(f"{path} is no file: name the rules file to check", err=True)
    if missing:
        raise typer.Exit(WRONG_USAGE)
    try:
        rules = read_rules(paths, channels=channels)
    except RulesError as error:
        _print_problems(error.problems, as_json=as_json)
        raise typer.Exit(FOUND_WRONG) from None
    if online:
        _check_names(rules, integration, as_json=as_json)
    _print_rules(rules, paths, as_json=as_json)


def _channels(*, are_named: bool) -> Collection[str] | None:
    """Return the channels of the settings, to compare with those in rules; None if they are not known.

    Args:
        are_named: Whether files were named, which can be looked at where there are no settings, as in CI.

    Raises:
        SettingsError: The settings cannot be used.
    """
    try:
        settings = load_settings()
    except SettingsError as error:
        if not are_named:
            raise
        echo(f"Names of channels were not checked, as the settings cannot be used: {error}", err=True)
        return None
    if are_named and not settings.channels and not has_settings_file(os.environ):
        return None
    return settings.channels


def _check_names(rules: RuleSet, integration: str | None, *, as_json: bool) -> None:
    """Print the names that Sentry does not have; end the command if there is one, or one that could not be checked."""
    with explained():
        asked = ask_sentry(rules, integration)
    _print_problems(asked.problems, as_json=as_json)
    for sentence in asked.untold:
        echo(sentence, err=True)
    echo(f"Asked {asked.account} for {asked.names} names: {len(asked.problems)} are wrong", err=True)
    if asked.problems or asked.untold:
        raise typer.Exit(FOUND_WRONG)


def schema() -> None:
    """Print the JSON Schema of rules files, for editors."""
    sys.stdout.write(json.dumps(rules_schema(), indent=2, ensure_ascii=False) + "\n")


def _print_problems(problems: Iterable[RuleProblem], *, as_json: bool) -> None:
    for problem in problems:
        if as_json:
            names = ("file", "line", "column", "found", "expected")
            sys.stdout.write(json.dumps({name: getattr(problem, name) for name in names}) + "\n")
        else:
            echo_lines(str(problem))


def _print_rules(rules: RuleSet, paths: list[Path], *, as_json: bool) -> None:
    for rule in rules:
        then = [action.describe() for action in rule.then]
        when = None if rule.schedule is None else str(rule.schedule)
        if as_json:
            line = {"rule": rule.name, "file": rule.place.file, "line": rule.place.line, "on": list(rule.events)}
            more = {"schedule": when, "then": then, "needs": list(rule.needs), "calls": rule.cost}
            sys.stdout.write(json.dumps({**line, **more}) + "\n")
        else:
            calls = f"at most {rule.cost} calls" + (" for each" if when else "")
            echo(f"{rule.name}: {f'{when}: ' if when else ''}{'; '.join(then)} ({calls})")
    if not as_json:
        ship = " that ship with Vedette" if paths == [default_rules()] else ""
        count = sum(rule.schedule is not None for rule in rules)
        scheduled = f", {count} of them scheduled," if count else ""
        typer.echo(f"{len(rules)} rules{ship}{scheduled} can be used; they need {', '.join(rules.needs) or 'no scope'}")
