"""Looks up the assignee where a rule does not name one person or team."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from vedette.api.errors import NotFound, UnreadableAnswer
from vedette.rules.actions.base import ActionContext
from vedette.rules.issue_reader import facts_of_api_event
from vedette.rules.ownership import Ownership

_ENOUGH: Final = 100
"""The largest load that is counted; assignees with more issues are considered equal."""


@dataclass(frozen=True)
class AssigneeFinder:
    """A lookup of an assignee."""

    description: str
    """The assignee, for the description of the action."""
    reason_for_none: str
    """The reason where there is no assignee, for the run's summary."""
    find: Callable[[ActionContext, Ownership | None], Awaitable[str]]
    """Returns the assignee in the form of `assign`, or an empty text, by the context and the owners in a file."""
    needs: tuple[str, ...] = ()
    """Scopes besides event:write."""
    cost: int = 0
    """Calls besides the assignment itself."""


async def _owner(context: ActionContext, file: Ownership | None) -> str:
    del file
    owners = (await context.reader.issue()).owners
    return owners[0].owner if owners else ""


async def _suspect(context: ActionContext, file: Ownership | None) -> str:
    del file
    issue = await context.reader.issue()
    for owner in issue.owners or ():
        if owner.type == "suspectCommit":
            return owner.owner
    if issue.project is None:
        return ""
    event = await context.reader.event()
    try:
        found = await context.sentry.events.committers(issue.project.slug, event.event_id or event.id)
    except (NotFound, UnreadableAnswer):
        # Sentry responds so without a suspect commit, and for an author without an account, and so without an id.
        return ""
    return next((each.author.key for each in found.committers if each.author), "")


async def _resolver(context: ActionContext, file: Ownership | None) -> str:
    del file
    for activity in (await context.reader.issue()).activity:
        if str(activity.get("type", "")).startswith("set_resolved") and activity.get("user"):
            return f"user:{activity['user']['id']}"
    return ""


async def _by_file(context: ActionContext, file: Ownership | None) -> str:
    if file is None:
        return ""
    facts = context.facts
    if any(not facts.get(key).complete for key in file.keys):
        # The payload does not show the code, the latest event does.
        facts = facts_of_api_event(await context.reader.event()).with_more(facts)
    return next(iter(file.owners_of(facts)), "")


FINDERS: Final[Mapping[str, AssigneeFinder]] = {
    "owner": AssigneeFinder("the suggested owner", "Sentry suggests no owner", _owner, ("team:read",)),
    "suspect": AssigneeFinder(
        "the author of the suspect commit",
        "Sentry knows of no suspect commit, or its author is no member",
        _suspect,
        ("team:read", "member:read", "project:read"),
        cost=2,
    ),
    "resolver": AssigneeFinder(
        "the person that resolved it last", "no person has resolved it before", _resolver, ("member:read",)
    ),
    "ownership": AssigneeFinder(
        "the owner by the ownership rules",
        "no line of the ownership rules fits",
        _by_file,
        ("team:read", "member:read"),
        cost=1,
    ),
    "codeowners": AssigneeFinder(
        "the code's owner", "no line of the CODEOWNERS fits", _by_file, ("team:read", "member:read"), cost=1
    ),
}
"""By the name that a rule uses."""


async def choose(candidates: Sequence[str], by: str, context: ActionContext) -> str:
    """Choose one of several: the next in rotation, or the one with the fewest unresolved issues."""
    if by == "rotation":
        # The number is stored for each issue of a rule, so that a retry chooses the same person.
        name = f"rotation:{context.rule}"
        return candidates[await context.state.turn(name, context.issue.id) % len(candidates)]
    loads = [(await _count_load(name, context), position) for position, name in enumerate(candidates)]
    return candidates[min(loads)[1]]


async def _count_load(assignee: str, context: ActionContext) -> int:
    name = assignee if assignee.startswith("#") or "@" in assignee else assignee.removeprefix("user:")
    query = f'is:unresolved assigned:"{name}"' if not name.startswith("#") else f"is:unresolved assigned:{name}"
    count = 0
    async for _ in context.sentry.issues.search(query, page_size=_ENOUGH, collapse=["stats", "lifetime", "filtered"]):
        count += 1
        if count >= _ENOUGH:
            break
    return count


def identity_of(name: str) -> str:
    """Return the identity that facts have for an assignee in the form of `assign`."""
    kind, _, rest = name.partition(":")
    if name.startswith("#") or kind == "team":
        return name if rest.isdigit() else f"#{name.removeprefix('#').removeprefix('team:')}"
    if kind == "user" and rest.isdigit():
        return name
    person = rest if kind == "user" else name
    return f"email:{person}" if "@" in person else f"username:{person}"
