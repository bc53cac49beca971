"""The checks of the settings, and of the plugins and handlers that were loaded with them."""

import os
import re
from collections.abc import Sequence

from vedette.checks.findings import Finding
from vedette.plugins.access_summary import find_missing_access
from vedette.plugins.registry import Registry
from vedette.settings.problems import SettingsError
from vedette.settings.settings import Settings
from vedette.settings.settings_file import settings_file

_IN_BRACKETS = re.compile(r"\((?P<step>set [^()]+)\)$")


def settings_broken(error: SettingsError) -> list[Finding]:
    """Return the findings of settings that cannot be used, one for each problem."""
    lines = [line for line in str(error).splitlines() if line]
    return [Finding("settings", "broken", line.rstrip("."), (_step(line),), cause="settings_invalid") for line in lines]


def check_settings(settings: Settings) -> Finding:
    """Return the finding of settings that could be read."""
    count = len(settings.integrations)
    file = settings_file(os.environ)
    source = f"{file} and variables" if file.exists() else "variables"
    if not count:
        return Finding(
            "settings",
            "warn",
            "no integration is configured, so only the demonstration can run",
            ("Set VEDETTE_CLIENT_SECRET, VEDETTE_TOKEN and VEDETTE_ORGANIZATION (docs/settings.md)",),
            cause="no_integration",
        )
    return Finding("settings", "ok", f"settings from {source}, with {count} integration{'s' * (count != 1)}")


def check_integration_settings(name: str, settings: Settings) -> Finding | None:
    """Return the finding of an integration that cannot call Sentry for lack of a setting; None if it can."""
    try:
        settings.require_integration(name)
    except SettingsError as error:
        first = str(error).splitlines()[0]
        return Finding(
            "token",
            "broken",
            f"Sentry cannot be called: {first}",
            (_step(first),),
            integration=name,
            cause="setting_missing",
        )
    return None


def check_plugins(registry: Registry) -> list[Finding]:
    """Return the findings about plugins and handlers: left-out plugins, misspelt names, missing grants."""
    found = [
        Finding("handlers", "broken", str(problem).rstrip("."), (_step(str(problem)),), cause="unknown_name")
        for problem in registry.unknown
    ]
    found += [
        Finding(
            "handlers",
            "warn",
            f"{problem.source}: {problem.reason}".rstrip("."),
            (f"Correct {problem.source}, and restart the workers",),
            cause="plugin_problem",
        )
        for problem in registry.problems
    ]
    for handler in sorted(registry.handlers.values(), key=lambda one: one.name):
        found += [
            Finding("handlers", "warn", f"{handler.name}: {lack}", (_step(lack),), cause="handler_lacks")
            for lack in find_missing_access(handler)
        ]
    return found or [_all_loaded(list(registry.handlers))]


def _all_loaded(names: Sequence[str]) -> Finding:
    if not names:
        return Finding(
            "handlers",
            "warn",
            "no handler is enabled: deliveries are stored, and nothing is done with them",
            ("Write triage.toml (docs/rules.md), or a handler of your own (`vedette new handler NAME`)",),
            cause="no_handler",
        )
    what = "handler is" if len(names) == 1 else "handlers are"
    return Finding("handlers", "ok", f"{len(names)} {what} loaded: {', '.join(sorted(names))}")


def _step(problem: str) -> str:
    """Return the advice in a problem's text as a step: in brackets at its end, or after its last colon."""
    if given := _IN_BRACKETS.search(problem):
        return f"{given['step'][:1].upper()}{given['step'][1:]}"
    _, colon, advice = problem.rpartition(": ")
    if colon and advice.startswith("did you mean"):
        return f"Write {advice.removeprefix('did you mean ').partition('?')[0]}"
    if colon and advice.startswith(("write", "take", "set", "put", "add")):
        return advice[:1].upper() + advice[1:]
    return f"Correct it: {problem}"
