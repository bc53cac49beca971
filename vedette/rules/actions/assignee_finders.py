"""Finding out whom to assign to, where the rule does not name one person or team."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from vedette.api.errors import NotFound, UnreadableAnswer
from vedette.rules.actions.base import ActionContext
from vedette.rules.ownership import Ownership, owners_by

_ENOUGH: Final = 100
"""Issues that are counted of one who may be assigned to; whoever has more is as busy as one can be."""


@dataclass(frozen=True)
class AssigneeFinder:
    """One way of finding somebody."""

    words: str
    """Whom it finds."""
    nobody: str
    """Why it may find nobody."""
    find: Callable[[ActionContext, Ownership | None], Awaitable[str]]
    """Given the work and what a file says of ownership, who is meant, as `assign` takes it; or an empty text."""
    needs: tuple[str, ...] = ()
    """Scopes besides event:write."""
    cost: int = 0
    """Calls besides the assignment itself."""


async def _owner(work: ActionContext, file: Ownership | None) -> str:
    del file
    owners = (await work.reader.issue()).owners
    return owners[0].owner if owners else ""


async def _suspect(work: ActionContext, file: Ownership | None) -> str:
    del file
    issue = await work.reader.issue()
    for owner in issue.owners or ():
        if owner.type == "suspectCommit":
            return owner.owner
    if issue.project is None:
        return ""
    event = await work.reader.event()
    try:
        found = await work.sentry.events.committers(issue.project.slug, event.event_id or event.id)
    except (NotFound, UnreadableAnswer):
        # Sentry's answers where it knows of no commit, and where an author has no account and so no id.
        return ""
    return next((each.author.key for each in found.committers if each.author), "")


async def _resolver(work: ActionContext, file: Ownership | None) -> str:
    del file
    for activity in (await work.reader.issue()).activity:
        if str(activity.get("type", "")).startswith("set_resolved") and activity.get("user"):
            return f"user:{activity['user']['id']}"
    return ""


async def _by_file(work: ActionContext, file: Ownership | None) -> str:
    return "" if file is None else next(iter(await owners_by(file, work.facts, work.reader)), "")


FINDERS: Final[Mapping[str, AssigneeFinder]] = {
    "owner": AssigneeFinder("the suggested owner", "Sentry suggests nobody", _owner, ("team:read",)),
    "suspect": AssigneeFinder(
        "the author of the suspect commit",
        "Sentry knows of no suspect commit, or its author is no member",
        _suspect,
        ("team:read", "member:read", "project:read"),
        cost=2,
    ),
    "resolver": AssigneeFinder(
        "whoever resolved it last", "no person has resolved it before", _resolver, ("member:read",)
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
"""By the word that stands for them in a rule."""


async def find(candidates: Sequence[str], by: str, work: ActionContext) -> str:
    """One of several: the next in rotation, or whoever has the fewest unresolved issues."""
    if by == "rotation":
        # A turn is taken once for each issue of a rule, so that a repeated attempt finds the same person.
        name = f"rotation:{work.rule}"
        return candidates[await work.state.turn(name, work.issue.id) % len(candidates)]
    loads = [(await _load(who, work), place) for place, who in enumerate(candidates)]
    return candidates[min(loads)[1]]


async def _load(who: str, work: ActionContext) -> int:
    name = who if who.startswith("#") or "@" in who else who.removeprefix("user:")
    query = f'is:unresolved assigned:"{name}"' if not name.startswith("#") else f"is:unresolved assigned:{name}"
    count = 0
    async for _ in work.sentry.issues.search(query, page_size=_ENOUGH, collapse=["stats", "lifetime", "filtered"]):
        count += 1
        if count >= _ENOUGH:
            break
    return count


def identity_of(who: str) -> str:
    """The identity that facts would show for somebody who is written so."""
    kind, _, rest = who.partition(":")
    if who.startswith("#") or kind == "team":
        return who if rest.isdigit() else f"#{who.removeprefix('#').removeprefix('team:')}"
    if kind == "user" and rest.isdigit():
        return who
    person = rest if kind == "user" else who
    return f"email:{person}" if "@" in person else f"username:{person}"
