"""Agents' settings and calls to draw, and an oracle of the decision on each, written from docs/agents.md alone.

The gate and both fronts are held to the same oracle. It knows no code of the gate: areas and levels are told again, as
an operator would read them.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Final, Literal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vedette.api.call import Answer, Call
from vedette.api.operations import OPERATIONS, Operation
from vedette.api.scopes import HIERARCHY
from vedette.simulator import World
from vedette.simulator.world import builders

Decision = Literal["denied", "observed", "proposed", "passed"]
"""`passed`: the gate lets the call through, whatever Sentry then answers."""

LEVELS: Final = ("off", "read", "write", "full")
MODES: Final = ("observe", "propose", "act")
AREAS: Final = (
    *("issues", "triage", "destroy-issues", "projects", "teams", "releases", "members", "alerts", "organization"),
)
PROJECTS: Final = ("shop", "bank")
UPDATES: Final = frozenset({"issues.update", "issues.update_many", "issues.update_in_project"})
DELETIONS: Final = frozenset({"issues.delete", "issues.delete_many", "issues.delete_in_project"})
BULK: Final = (UPDATES | DELETIONS) - {"issues.update", "issues.delete"}
COMMON_FIELDS: Final = frozenset({"status", "substatus", "assignedTo", "priority", "inbox", "hasSeen"})
AREA_OF_GROUP: Final = {
    **dict.fromkeys(("issues", "events", "traces", "replays"), "issues"),
    **{name: name for name in ("projects", "teams", "releases", "members", "alerts")},
    **dict.fromkeys(("monitors", "uptime"), "alerts"),
    **dict.fromkeys(("organizations", "dashboards"), "organization"),
}
ALSO_OF_PROJECTS: Final = frozenset(
    f"organizations.{name}" for name in ("projects", "environments", "tags", "list", "get", "region")
)
NEVER_BY_AREA: Final = frozenset(
    f"issues.{name}" for name in ("create_in_tracker", "link_tracker", "unlink_tracker", "start_autofix")
)
LIMITED_READS: Final = frozenset(
    {
        # Searches of the whole organization, limited to the granted projects.
        *("issues.search", "events.search", "events.validate", "traces.attributes", "releases.list"),
        *("organizations.environments", "organizations.tags", "issues.replay_count"),
        *("alerts.detectors", "alerts.rules", "monitors.list", "uptime.list"),
        # Answers that are reduced to the granted projects.
        *("organizations.projects", "organizations.get", "teams.list", "teams.get", "teams.mine", "teams.projects"),
        *("monitors.get", "alerts.rule"),
        # Answers about no project.
        *("members.list", "members.get", "teams.members", "organizations.list", "organizations.region"),
        *("organizations.integrations", "organizations.repositories", "organizations.repository_commits"),
    }
)
"""Reads that an agent with granted projects may make without naming one."""


@dataclass(frozen=True)
class AgentCase:
    """The settings of an agent, and a call that it makes."""

    settings: Mapping[str, Any]
    """The table `[agents.NAME]`."""
    operation: Operation
    project: str
    """The project that the call is about, where its operation is about one."""
    fields: tuple[str, ...] = ()
    """The fields of an issue that it sets."""

    @property
    def is_about_issue(self) -> bool:
        return "issue_id" in self.operation.parameters or self.operation.name in BULK

    @property
    def version(self) -> str:
        """A release of the project alone, which has to exist."""
        return f"{self.project}@1"

    @property
    def is_about_project(self) -> bool:
        return self.is_about_issue or not {"project_id_or_slug", "version"}.isdisjoint(self.operation.parameters)

    def parameters(self, issue_id: int) -> dict[str, str]:
        """Return the parameters of the path, about an issue, project and team that exist."""
        known = {
            "organization_id_or_slug": "acme",
            "issue_id": str(issue_id),
            "project_id_or_slug": self.project,
            "team_id_or_slug": "payments",
            "event_id": "a" * 32,
            "trace_id": "a" * 32,
            "uuid": "b" * 32,
            "version": self.version,
        }
        return {name: known.get(name, "1") for name in self.operation.parameters}

    @property
    def body(self) -> dict[str, Any]:
        """The fields with values that Sentry takes."""
        values = {"status": "resolved", "assignedTo": "", "merge": 1, "discard": True}
        return {name: values[name] for name in self.fields}

    def __str__(self) -> str:
        return f"{self.operation.name} {self.fields} in {self.project} with {self.settings}"


@dataclass
class WriteRecorder:
    """A connection to Sentry that takes writes without sending them, so that no example changes the next one."""

    inner: Any
    written: list[Call] = field(default_factory=list[Call])

    async def send(self, call: Call) -> Answer:
        if not call.operation.writes:
            return await self.inner.send(call)
        self.written.append(call)
        return Answer(200, {}, {})

    def server(self) -> Any:
        return self.inner.server()


async def check_cases(
    check: Callable[[AgentCase], Awaitable[Decision]], cases: st.SearchStrategy[AgentCase], count: int, *more: AgentCase
) -> None:
    """Try a case of each decision and draw others, until each decision was seen that there is.

    Args:
        check: Makes the call of a case, and returns the decision after comparing it with the oracle's.
        cases: Those to draw.
        count: How many.
        more: Cases to try besides.
    """
    loop, seen = asyncio.get_running_loop(), set[Decision]()

    async def note(case: AgentCase) -> None:
        seen.add(await check(case))

    @settings(max_examples=count, deadline=None, suppress_health_check=(HealthCheck.too_slow,))
    @given(cases)
    def examples(case: AgentCase) -> None:
        asyncio.run_coroutine_threadsafe(note(case), loop).result(timeout=30)

    for case in (*_one_of_each(), *more):
        await note(case)
    await asyncio.to_thread(examples)
    assert seen == {"denied", "observed", "proposed", "passed"}


def _one_of_each() -> list[AgentCase]:
    """A case of each decision, which a draw of a hundred may miss."""
    tables = [("act", "off"), *((mode, "write") for mode in MODES)]
    settings = [{"mode": mode, "may": {"triage": level}, "grant": {}} for mode, level in tables]
    return [AgentCase(each, OPERATIONS["issues.update"], "shop", ("status",)) for each in settings]


def add_releases(world: World) -> None:
    """Add the release of each project that cases name."""
    for slug in PROJECTS:
        builders.add_release(world, f"{slug}@1", [world.project_by_slug[slug]])


def agent_settings() -> st.SearchStrategy[dict[str, Any]]:
    """Tables `[agents.NAME]`, from those that grant nothing to those that grant all."""
    mode = st.sampled_from(MODES)
    names = [*OPERATIONS, "*", *{f"{each.group}.*" for each in OPERATIONS.values()}]
    grant = st.fixed_dictionaries(
        {},
        optional={
            "scopes": st.lists(st.sampled_from(sorted(HIERARCHY)), max_size=6, unique=True),
            "operations": st.lists(st.sampled_from(names), max_size=6, unique=True),
            "projects": st.sampled_from((["*"], ["shop"], ["sh*"], ["bank"], ["none"])),
            "fields": st.lists(st.sampled_from(("status", "assignedTo", "merge", "discard")), max_size=2, unique=True),
        },
    )
    return st.fixed_dictionaries(
        {"may": st.fixed_dictionaries({}, optional={area: st.sampled_from(LEVELS) for area in AREAS}), "grant": grant},
        optional={"mode": mode, "modes": st.fixed_dictionaries({}, optional={"sh*": mode, "bank": mode})},
    )


def agent_cases(operations: Mapping[str, Operation] = OPERATIONS) -> st.SearchStrategy[AgentCase]:
    """Settings with a call; half of them grant the area of the call, so that most paths of a decision are taken.

    Args:
        operations: Those to draw from.
    """

    def case(operation: Operation) -> st.SearchStrategy[AgentCase]:
        area = _areas_of(operation)[:1]
        settings = st.one_of(agent_settings(), agent_settings().map(lambda table: _with_area(table, area)))
        fields = st.sampled_from((("status",), ("assignedTo",), ("merge",), ("status", "discard")))
        wanted = fields if operation.name in UPDATES else st.just(())
        return st.builds(AgentCase, settings, st.just(operation), st.sampled_from(PROJECTS), wanted)

    return st.sampled_from([operations[name] for name in sorted(operations)]).flatmap(case)


def expected_decision(case: AgentCase) -> Decision:
    """Return the decision on a call, as docs/agents.md tells it."""
    if not _is_granted(case) or not _fields_are_granted(case) or not _project_is_granted(case):
        return "denied"
    if not case.operation.writes:
        return "passed"
    decided: dict[str, Decision] = {"observe": "observed", "propose": "proposed", "act": "passed"}
    return decided[_mode(case)]


def _is_granted(case: AgentCase) -> bool:
    operation, exact = case.operation, case.settings["grant"]
    needed = LEVELS.index(_level_of(operation))
    levels = [case.settings["may"].get(area, "off") for area in _areas_of(operation)]
    if any(LEVELS.index(level) >= needed for level in levels):
        return True
    held = {inner for scope in exact.get("scopes", ()) for inner in HIERARCHY[scope]}
    if operation.required and held.isdisjoint(operation.required):
        return False
    patterns = exact.get("operations") or ["*"]
    if operation.name in patterns:
        return True
    is_dangerous = operation.method == "DELETE" or operation.name.startswith("apps.") or not operation.required
    return not is_dangerous and any(fnmatchcase(operation.name, pattern) for pattern in patterns)


def _areas_of(operation: Operation) -> list[str]:
    name = operation.name
    if name in NEVER_BY_AREA:
        return []
    if operation.group == "issues" and operation.writes:
        found = ["triage"] if name in UPDATES | {"issues.comment", "issues.edit_comment"} else []
        return [*found, "destroy-issues"] if name in UPDATES | DELETIONS | {"issues.delete_comment"} else found
    found = [AREA_OF_GROUP[operation.group]] if operation.group in AREA_OF_GROUP else []
    return [*found, "projects"] if name in ALSO_OF_PROJECTS else found


def _level_of(operation: Operation) -> str:
    return {"GET": "read", "DELETE": "full"}.get(operation.method, "write")


def _fields_are_granted(case: AgentCase) -> bool:
    named, may = case.settings["grant"].get("fields"), case.settings["may"]
    if named:
        allowed = set(named)
    elif LEVELS.index(may.get("destroy-issues", "off")) >= LEVELS.index("write"):
        triages = LEVELS.index(may.get("triage", "off")) >= LEVELS.index("write")
        allowed = {"merge", "discard", *(COMMON_FIELDS if triages else ())}
    else:
        allowed = set(COMMON_FIELDS)
    return set(case.fields) <= allowed


def _project_is_granted(case: AgentCase) -> bool:
    granted = case.settings["grant"].get("projects", ["*"])
    if "*" in granted or not case.operation.required:
        return True
    if case.is_about_project:
        return any(fnmatchcase(case.project, pattern) for pattern in granted)
    if case.operation.name == "issues.by_event_id":
        return True  # decided by the answer, and none of these cases names an event that exists
    searches_nothing = not any(fnmatchcase(slug, pattern) for slug in PROJECTS for pattern in granted)
    is_search = case.operation.name in LIMITED_READS and case.operation.name in SEARCHES
    return case.operation.name in LIMITED_READS and not (is_search and searches_nothing)


SEARCHES: Final = frozenset(
    {
        *("issues.search", "events.search", "events.validate", "traces.attributes", "releases.list"),
        *("organizations.environments", "organizations.tags", "issues.replay_count"),
        *("alerts.detectors", "alerts.rules", "monitors.list", "uptime.list"),
    }
)
"""Searches that are denied where no project exists that the grant covers."""


def _mode(case: AgentCase) -> str:
    plain = case.settings.get("mode", "propose")
    if not case.is_about_project:
        return plain
    modes = case.settings.get("modes", {})
    return next((mode for pattern, mode in modes.items() if fnmatchcase(case.project, pattern)), plain)


def _with_area(table: dict[str, Any], areas: list[str]) -> dict[str, Any]:
    return {**table, "may": {**table["may"], **dict.fromkeys(areas, "full")}}
