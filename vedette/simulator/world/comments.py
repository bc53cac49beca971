"""Comments on issues, and what else people and integrations leave behind: merges and deletions."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from vedette.simulator.serializers.dates import isoformat
from vedette.simulator.world import transitions
from vedette.simulator.world.issues import Comment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from vedette.simulator.world.actors import Actor
    from vedette.simulator.world.issues import Issue
    from vedette.simulator.world.world import World

SAME_COMMENT_WITHIN = timedelta(hours=1)
"""How long Sentry refuses the same text by the same author on one issue."""


def is_repeated(world: World, issue: Issue, actor: Actor, text: str) -> bool:
    """Return whether Sentry would answer "already posted"."""
    since = world.clock() - SAME_COMMENT_WITHIN
    return any(c.text == text and c.actor.key == actor.key and c.when > since for c in reversed(issue.comments))


def comment(world: World, issue: Issue, actor: Actor, text: str) -> Comment:
    """Leave a comment; its author is subscribed to the issue."""
    world.revision += 1
    written = Comment(world.next_id("comment"), text, actor, world.clock())
    issue.comments.append(written)
    issue.subscribers.add(actor.key)
    # The history shows comments too, under the comment's own id.
    transitions.note_activity(world, issue, "note", actor, {"text": text}).id = written.id
    _emit_comment_webhook(world, issue, written, "created")
    return written


def edit_comment(world: World, issue: Issue, written: Comment, text: str) -> None:
    """Change a comment's text."""
    world.revision += 1
    written.text = text
    for activity in issue.activity:
        if activity.type == "note" and activity.id == written.id:
            activity.data["text"] = text
    _emit_comment_webhook(world, issue, written, "updated")


def delete_comment(world: World, issue: Issue, written: Comment) -> None:
    """Take a comment back; the webhook still carries its text."""
    world.revision += 1
    issue.comments.remove(written)
    issue.activity = [a for a in issue.activity if not (a.type == "note" and a.id == written.id)]
    _emit_comment_webhook(world, issue, written, "deleted")


def _emit_comment_webhook(world: World, issue: Issue, written: Comment, action: str) -> None:
    def data() -> dict[str, Any]:
        return {
            "comment_id": written.id,
            "issue_id": issue.id,
            "project_slug": issue.project.slug,
            "timestamp": isoformat(written.when),
            "comment": written.text,
        }

    world.emit("comment", action, data, written.actor, str(written.id))


def delete_issue(world: World, issue: Issue, *, discard: bool = False) -> None:
    """Delete an issue with its events; discarded ones also refuse what would make them again."""
    world.revision += 1
    world.issues.pop(issue.id, None)
    world.issue_by_short_id.pop(issue.short_id, None)
    for key in [(issue.project.id, grouping) for grouping in issue.groupings]:
        world.issue_by_grouping.pop(key, None)
        if discard:
            world.discarded.add(key)
    for event in issue.events:
        world.events.pop(event.id, None)


def merge(world: World, issues: Sequence[Issue], actor: Actor) -> Issue:
    """Merge issues of one project into the one with most events; the other ids lead to it from then on."""
    world.revision += 1
    parent, *children = sorted(issues, key=lambda issue: (-issue.count, issue.first_seen))
    for child in children:
        _absorb(world, parent, child)
    parent.events.sort(key=lambda event: event.when)
    transitions.note_activity(world, parent, "merge", actor, {"issues": [{"id": str(child.id)} for child in children]})
    return parent


def _absorb(world: World, parent: Issue, child: Issue) -> None:
    parent.count += child.count
    parent.users |= child.users
    parent.first_seen = min(parent.first_seen, child.first_seen)
    parent.last_seen = max(parent.last_seen, child.last_seen)
    for event in child.events:
        event.issue = parent
    parent.events += child.events
    parent.groupings |= child.groupings
    for grouping in child.groupings:
        world.issue_by_grouping[parent.project.id, grouping] = parent
    world.merged_into[child.id] = parent.id
    world.issues.pop(child.id, None)
    world.issue_by_short_id[child.short_id] = parent
