"""Agents, their tokens and the areas of access, as tables for people and objects for programs."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

from rich.console import Console
from rich.table import Table

from console.rendering.formatting import date_and_clock
from console.rendering.record_table import Column, print_listing
from console.rendering.terminal import inert
from vedette.admin.agents import AgentSummary
from vedette.permissions.areas import AREAS, LEVELS, Area
from vedette.permissions.grants import EVERY
from vedette.store.agents.tokens import AgentToken

_MARKS: Final = ("read", "sent", "denied", "observed", "proposed", "paused")


def print_agents(console: Console, agents: Sequence[AgentSummary]) -> None:
    """Print the agents, and below them what needs attention."""
    if not agents:
        console.print("The settings have no agent: docs/agents.md shows a table [agents.NAME].")
        return
    columns: list[Column[AgentSummary]] = [
        Column("agent", lambda one: one.name, heads=True, style="cyan"),
        Column("mode", lambda one: ", ".join((one.mode, *(f"{each}: {mode}" for each, mode in one.modes.items())))),
        Column("areas", _areas, wraps=True),
        Column("calls", _calls, wraps=True),
        Column("last call", lambda one: date_and_clock(one.last) if one.last else "never", style="dim"),
    ]
    print_listing(console, columns, agents)
    for one in agents:
        for problem in one.problems:
            console.print(inert(f"{one.name}: {problem}", "yellow"), soft_wrap=True)


def print_tokens(console: Console, tokens: Sequence[AgentToken]) -> None:
    """Print tokens, without their texts."""
    if not tokens:
        console.print("There is no token: `vedette agents token NAME` makes one.")
        return
    columns: list[Column[AgentToken]] = [
        Column("id", lambda one: one.id, heads=True),
        Column("agent", lambda one: one.agent, heads=True, style="cyan"),
        Column("made", lambda one: _day(one.created), style="dim"),
        Column("by", lambda one: one.by),
        Column("ends", lambda one: "revoked" if one.revoked is not None else _day(one.expires) or "never"),
        Column("last used", lambda one: _day(one.used) or "never", style="dim"),
        Column("note", lambda one: one.note, wraps=True),
    ]
    print_listing(console, columns, tokens)


def print_areas(console: Console, areas: Sequence[Area], *, with_names: bool) -> None:
    """Print areas: the scopes of each level, and how many operations it has, or their names."""
    for area in areas:
        console.print(inert(f"{area.name}: {area.title}", "bold"))
        table = Table(box=None, pad_edge=False, show_header=False)
        for level, names, scopes in _rows(area):
            listed = ", ".join(names) if with_names else f"{len(names)} operation{'s' * (len(names) != 1)}"
            table.add_row(*map(inert, (f"  {level}", listed, scopes)))
        console.print(table)


def summary_object(agent: AgentSummary) -> dict[str, object]:
    """Return an agent as JSON."""
    values: dict[str, object] = asdict(agent)
    return values


def token_object(token: AgentToken) -> dict[str, object]:
    """Return a token as JSON, without its text."""
    values: dict[str, object] = asdict(token)
    return values


def area_object(area: Area) -> dict[str, object]:
    """Return an area as JSON: each level with its scopes and operations."""
    levels = {
        level: {"scopes": list(area.scopes(level)), "operations": [each.name for each in area.operations(level)]}
        for level in LEVELS
    }
    return {"area": area.name, "title": area.title, "levels": levels}


def _rows(area: Area) -> list[tuple[str, list[str], str]]:
    """Return each level that adds operations to the one before it: its name, the operations that it adds, scopes."""
    rows: list[tuple[str, list[str], str]] = []
    known: set[str] = set()
    for level in LEVELS[1:]:
        names = [each.name for each in area.operations(level) if each.name not in known]
        if names:
            rows.append((level, names, " ".join(area.scopes(level))))
        known.update(names)
    return rows


def _calls(agent: AgentSummary) -> str:
    return ", ".join(f"{agent.calls[mark]} {mark}" for mark in _MARKS if agent.calls.get(mark)) or "none"


def _areas(agent: AgentSummary) -> str:
    areas = [f"{name} {level}" for name, level in agent.areas.items() if name in AREAS]
    text = ", ".join(areas) or f"{agent.granted} operations"
    return text if agent.grant.projects == EVERY else f"{text} in {', '.join(agent.grant.projects)}"


def _day(milliseconds: int | None) -> str:
    return date_and_clock(milliseconds).partition(" ")[0] if milliseconds else ""
