"""No command, option or value of one with a letter wrong is taken in silence.

With VEDETTE_FULL=1 all misspellings are tried, otherwise some of each name.
"""

import asyncio
import json
from collections.abc import Iterator
from typing import Any, cast

import pytest
import typer
import typer.main

from console.main import app
from tests.misspelling import misspelt
from vedette._core.durations import UnreadableDurationError, parse_duration
from vedette.admin.filters import STATES, DeliveryFilter
from vedette.admin.names import UnknownNameError
from vedette.events.catalog import RESOURCES
from vedette.events.samples import UnknownSampleError, load, names
from vedette.rules.presets import UnknownPresetError, ready_names, ready_rules
from vedette.store.server.client import RedisClient
from vedette.store.server.keys import ROSTER
from vedette.store.server.server_check import open_redis

USAGE_ERROR: Any = typer.BadParameter.__base__
"""Of the command-line library that typer has within it."""
ROOT: Any = typer.main.get_command(app)
HANDLERS = ("triage", "notify", "runbook", "link_issue", "escalate_metric_alert")


def commands(group: Any = ROOT, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name in group.list_commands(cast("Any", None)):
        yield (*above, name)
        command = group.commands[name]
        if hasattr(command, "commands"):
            yield from commands(command, (*above, name))


COMMANDS = list(commands())


def command_at(way: tuple[str, ...]) -> Any:
    found = ROOT
    for name in way:
        found = found.commands[name]
    return found


@pytest.mark.parametrize("way", COMMANDS, ids=" ".join)
def test_no_command_and_no_option_may_be_misspelt(way: tuple[str, ...]) -> None:
    group, command = command_at(way[:-1]), command_at(way)
    for wrong in misspelt(way[-1], set(group.commands)):
        with pytest.raises(USAGE_ERROR):
            group.resolve_command(group.make_context("group", [wrong]), [wrong])
    options = {option for parameter in command.params for option in parameter.opts if option.startswith("--")}
    for option in sorted(options):
        for wrong in misspelt(option[2:], {each[2:] for each in options} | {"help"}):
            with pytest.raises(USAGE_ERROR):
                command.make_context(way[-1], [f"--{wrong}", "1", "argument"])


def test_each_command_was_looked_at() -> None:
    assert {("up",), ("dead", "discard"), ("rules", "backtest")} <= set(COMMANDS)


@pytest.mark.parametrize("state", STATES)
def test_no_state_may_be_misspelt(state: str) -> None:
    for wrong in misspelt(state, STATES):
        with pytest.raises(UnknownNameError, match=r"did you mean"):
            DeliveryFilter(state=wrong)


def test_no_handler_and_no_resource_may_be_misspelt_in_a_filter(redis_url: str) -> None:
    roster: dict[str, Any] = {"handlers": [], "problems": [], "written": 1, "names": HANDLERS}

    async def look(client: RedisClient) -> None:
        await client.set(ROSTER, json.dumps(roster))
        chosen = [DeliveryFilter(handler=wrong) for name in HANDLERS for wrong in misspelt(name)]
        chosen += [DeliveryFilter(resource=wrong) for name in RESOURCES for wrong in misspelt(name, RESOURCES)]
        for selection in chosen:
            with pytest.raises(UnknownNameError):
                await selection.refuse_unknown(client)

    async def looking() -> None:
        client = open_redis(redis_url)
        try:
            await look(client)
        finally:
            await client.aclose()

    asyncio.run(looking())


def test_no_sample_and_no_ready_made_rules_may_be_misspelt() -> None:
    for name in names():
        for wrong in misspelt(name, names()):
            with pytest.raises(UnknownSampleError):
                load(wrong)
    for name in ready_names():
        for wrong in misspelt(name, ready_names()):
            with pytest.raises(UnknownPresetError):
                ready_rules(wrong)


@pytest.mark.parametrize("age", ["30m", "24h", "7d", "1w"])
def test_no_unit_of_a_duration_may_be_misspelt(age: str) -> None:
    for unit in "xyzMDHS":
        with pytest.raises(UnreadableDurationError):
            parse_duration(f"{age[:-1]}{unit}")
