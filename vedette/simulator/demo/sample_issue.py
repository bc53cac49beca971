"""The issue of the samples, in the demonstration's world: what `vedette trigger issue.created` names is there."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from vedette.events import samples
from vedette.simulator.world import builders
from vedette.simulator.world.incidents import record_error
from vedette.simulator.world.issues import ErrorReport
from vedette.simulator.world.short_ids import number_of

if TYPE_CHECKING:
    from vedette.simulator.world.world import World

TEAM = "berth-ops"
_AGE = timedelta(days=1)


def add_sample_issue(world: World) -> None:
    """Put the samples' issue, with its project and an owner, into a world that does not have it yet."""
    sample: dict[str, Any] = samples.load("issue.created")["data"]["issue"]
    slug, metadata = sample["project"]["slug"], sample["metadata"]
    project = builders.add_project(world, slug, name=sample["project"]["name"], teams=[builders.add_team(world, TEAM)])
    project.ownership = f"path:* #{TEAM}"
    project.issue_counter = number_of(sample["shortId"]) - 1
    report = ErrorReport(metadata["type"], metadata["value"], metadata["filename"], metadata["function"])
    # It is older than the simulation, which has sent no webhook for it.
    event = record_error(world, project, report, world.clock() - _AGE)
    if event is not None:
        # Its id is the samples' own, whatever number the world would have given it.
        world.issues[int(sample["id"])] = world.issues.pop(event.issue.id)
        event.issue.id = int(sample["id"])
