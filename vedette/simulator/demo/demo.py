"""The demonstration: the shop's day, as an endless, seeded sequence of incidents.

The first one is a fatal payment error, so that a new user sees an issue worth acting on within a second.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import structlog

from vedette.simulator.demo.error_catalog import TROUBLES, ErrorTemplate, report_of
from vedette.simulator.demo.shop import build_shop, next_release
from vedette.simulator.world import comments, incidents, transitions
from vedette.simulator.world.actors import Actor
from vedette.simulator.world.people import Assignee

if TYPE_CHECKING:
    from collections.abc import Callable

    from vedette.simulator.world.issues import Event, Issue
    from vedette.simulator.world.projects import Project
    from vedette.simulator.world.world import World

FIRST_AFTER = 0.3
"""Seconds from the start to the first incident."""
_REMARKS = (
    "Saw this in the {project} dashboards too; looks like it started this morning.",
    "Could be the new release. Rolling back if it continues.",
    "Harmless as far as I can tell, customers can retry.",
    "Reproduced locally with a Räksmörgås in the basket \N{SHRIMP}.",
)
# What the day begins with, one of each: something to assign, something to archive, something to resolve.
_OPENING = ("refused capture", "ResizeObserver", "example Python exception")
_ALERT = "Fatal errors → on-call"


class Demonstration:
    """Lets things happen in a world.

    Args:
        world: filled with the shop when it has no projects yet.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.random = world.random
        if not world.projects:
            build_shop(world)
        self.steps = 0
        self._log = structlog.get_logger("vedette.simulator")

    async def run(self, pace: float) -> None:
        """Let things happen until cancelled, one every `pace` seconds on average."""
        await asyncio.sleep(min(FIRST_AFTER, pace))
        while True:
            what = self.step()
            self._log.debug("happened", what=what, issues=len(self.world.issues))
            await asyncio.sleep(pace * self.random.uniform(0.5, 1.5))

    def step(self) -> str:
        """Let one thing happen; return its name."""
        self.steps += 1
        if self.steps <= len(_OPENING):
            self._record(next(template for template in TROUBLES if _OPENING[self.steps - 1] in template.value))
            return "new error"
        choices: list[tuple[int, str, Callable[[], object]]] = [
            (45, "new error", self._new_error),
            (30, "error again", self._error_again),
            (8, "person", self._person_acts),
            (7, "release", self._release),
            (6, "regression", self._regression),
            (4, "burst", self._burst),
        ]
        _, name, act = self.random.choices(choices, [weight for weight, _, _ in choices])[0]
        act()
        return name

    def _record(self, template: ErrorTemplate) -> Event | None:
        project = self.world.project_by_slug.get(template.project)
        if project is None:
            # Someone deleted the project, which is theirs to do.
            return None
        report = report_of(template, self.random, self._release_of(project))
        event = incidents.record_error(self.world, project, replace(report, platform=project.platform or "python"))
        if event and report.level == "fatal":
            incidents.trigger_alert(self.world, event, _ALERT)
        return event

    def _release_of(self, project: Project) -> str | None:
        versions = [version for version, release in self.world.releases.items() if project in release.projects]
        return versions[-1] if versions else None

    def _new_error(self) -> None:
        self._record(self.random.choices(TROUBLES, [template.weight for template in TROUBLES])[0])

    def _some(self, wanted: Callable[[Issue], bool]) -> Issue | None:
        """Return one of the newest issues that fit."""
        newest = list(self.world.issues.values())[-60:]
        fitting = [issue for issue in newest if wanted(issue)]
        return self.random.choice(fitting) if fitting else None

    def _again(self, issue: Issue) -> None:
        report = replace(issue.report, user=f"shopper-{self.random.randint(1, 5000)}")
        release = self._release_of(issue.project)
        incidents.record_error(self.world, issue.project, replace(report, release=release))

    def _error_again(self) -> None:
        issue = self._some(lambda issue: issue.status != "resolved")
        if issue:
            self._again(issue)

    def _burst(self) -> None:
        """Let one archived issue come so often that it escalates; without one, an open issue a few times."""
        archived = self._some(lambda issue: issue.substatus == "archived_until_escalating")
        issue = archived or self._some(lambda issue: issue.status == "unresolved")
        if issue:
            for _ in range(incidents.ESCALATES_AFTER if archived else 5):
                self._again(issue)

    def _regression(self) -> None:
        """Make a release in which a resolved issue comes back."""
        issue = self._some(lambda issue: issue.status == "resolved")
        if issue:
            next_release(self.world, issue.project.slug)
            self._again(issue)

    def _release(self) -> None:
        slug = self.random.choice(list(self.world.project_by_slug))
        next_release(self.world, slug)

    def _person_acts(self) -> None:
        issue = self._some(lambda issue: issue.status == "unresolved")
        if issue is None or not self.world.users:
            return
        actor = Actor(user=self.random.choice(list(self.world.users.values())))
        deed = self.random.choice(("assign", "comment", "resolve", "archive"))
        if deed == "assign" and actor.user:
            transitions.assign(self.world, issue, actor, Assignee(actor.user))
        elif deed == "comment":
            remark = self.random.choice(_REMARKS).format(project=issue.project.name)
            comments.comment(self.world, issue, actor, remark)
        elif deed == "resolve":
            transitions.resolve(self.world, issue, actor)
        else:
            transitions.archive(self.world, issue, actor, "archived_until_escalating")
