"""Finds unknown names in the settings: handlers, providers and channels.

`[handlers.triag] mode = "observe"` would leave `triage` acting. Only a process that has loaded the plugins can check
this, and when one of them could not be loaded, an unknown name may belong to it.
"""

import os
from collections.abc import Collection, Iterator

from vedette._core.nearest_name import did_you_mean, find_nearest_name
from vedette.notify.channel_name import channels_named
from vedette.plugins.registry import Problem, Registry
from vedette.settings.problems import SettingProblem
from vedette.settings.settings import Settings
from vedette.settings.settings_file import settings_file


def report_unknown_names(registry: Registry, settings: Settings) -> None:
    """Add unknown names to `registry.unknown`, and those that may belong to a missing plugin to its problems.

    Args:
        registry: The loaded handlers and providers.
        settings: The settings.
    """
    found, doubtful = find_unknown_tables(
        settings, registry.names, registry.providers, is_complete=registry.is_complete
    )
    registry.unknown += found
    registry.unknown += _unknown_channels(registry, settings)
    registry.problems += [Problem(f"[{one.setting}]", one.problem) for one in doubtful]


def find_unknown_tables(
    settings: Settings, handlers: Collection[str], providers: Collection[str], *, is_complete: bool
) -> tuple[list[SettingProblem], list[SettingProblem]]:
    """Return the tables with unknown names, and those that may belong to a plugin that was not loaded.

    Args:
        settings: The settings.
        handlers: The names of all handlers that were found.
        providers: The names of all providers that take settings.
        is_complete: Whether every plugin could be loaded.
    """
    found: list[SettingProblem] = []
    doubtful: list[SettingProblem] = []
    tables = (
        ("handlers", "handler", settings.handlers, handlers),
        ("provide", "provider", settings.provide, providers),
    )
    for table, what, given, known in tables:
        for name in sorted(set(given) - set(known)):
            near = find_nearest_name(name, known)
            hint = f"did you mean {near}?" if near else "take it away, or load the plugin that has it"
            problem = f"there is no {what} {name}: {hint}"
            # A name that is nearly that of a handler without a table is certainly a misspelling.
            is_doubtful = not is_complete and (near is None or near in given)
            into = doubtful if is_doubtful else found
            into.append(SettingProblem(f"{table}.{name}", problem, settings_file(os.environ), "table"))
    return found, doubtful


def _unknown_channels(registry: Registry, settings: Settings) -> Iterator[SettingProblem]:
    file = settings_file(os.environ)
    for handler in registry.handlers.values():
        named = [("grant.channels", channel) for channel in handler.grant.channels]
        if handler.own is not None:
            named += channels_named(handler.own)
        for place, channel in named:
            if channel in settings.channels or (place == "grant.channels" and set(channel) & set("*?[")):
                continue
            hint = did_you_mean(channel, settings.channels) or f": write [channels.{channel}]"
            yield SettingProblem(f"handlers.{handler.name}.{place}", f"there is no channel {channel}{hint}", file)
