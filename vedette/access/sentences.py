"""Describes calls in plain English, by their operation and body.

People approve proposals by these sentences, and the audit shows them. Therefore the text of a handler never replaces
them: it is appended in quotes if it says more.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from vedette.access.issue_cache import CachedIssue, IssueCache
from vedette.api.call import Call
from vedette.api.issue_update import InvalidUpdateError, IssueUpdate
from vedette.api.write_descriptions import describe

_LONGEST: Final = 300
_LONGEST_VALUE: Final = 60
_LABELS: Final = 10
_ORGANIZATION: Final = "organization_id_or_slug"
_FIELDS: Final[Mapping[str, str]] = {
    "status": "status",
    "substatus": "substatus",
    "statusDetails": "status_details",
    "assignedTo": "assigned_to",
    "priority": "priority",
    "inbox": "for_review",
    "hasSeen": "has_seen",
    "isBookmarked": "is_bookmarked",
    "isSubscribed": "is_subscribed",
}
_PAST: Final[Mapping[str, str]] = {
    "Add": "added",
    "Change": "changed",
    "Comment": "commented",
    "Create": "created",
    "Delete": "deleted",
    "Give": "gave",
    "Invite": "invited",
    "Link": "linked",
    "Record": "recorded",
    "Register": "registered",
    "Remove": "removed",
    "Send": "sent",
    "Set": "set",
    "Unlink": "unlinked",
}
"""The first word of each writing operation's summary, in the past tense."""
_SMALL_WORDS: Final = frozenset(
    {"a", "an", "and", "as", "at", "by", "for", "from", "in", "into", "it", "its", "of", "on", "the", "to", "with"}
)
"""Terms that add nothing to a sentence."""


def update_of(body: Mapping[str, Any]) -> IssueUpdate | None:
    """Return the update with this body; None if the body has other fields."""
    if not body or set(body) - set(_FIELDS):
        return None
    given: dict[str, Any] = {_FIELDS[name]: value for name, value in body.items() if value is not None}
    if given.get("status") == "ignored" and not given.get("substatus") and not given.get("status_details"):
        # Sentry takes the bare status as forever; the client, which always sends a substatus, means something milder.
        given["substatus"] = "archived_forever"
    try:
        return IssueUpdate(**given)
    except (InvalidUpdateError, TypeError, AttributeError):
        return None


def sentence_of(call: Call, issues: Sequence[CachedIssue], issue_cache: IssueCache) -> str:
    """Return the effect of a call in the past tense, and in quotes the description by the handler if that says more.

    Args:
        call: The call that is sent.
        issues: The issues that it is about.
        issue_cache: The names of teams, members and issues from Sentry's answers.
    """
    if not call.operation.writes:
        return f"asked to {call.operation.summary[:1].lower()}{call.operation.summary[1:]}"
    makes = _MADE.get(call.operation.name, _of_any)
    made = one_line(makes(call, issues, issue_cache))
    claimed = one_line(call.intent)
    if _adds_nothing(claimed, made, call):
        return made
    quoted = claimed.replace('"', "'")
    return f'{made} (as the handler says: "{quoted}")'


def _of_update(call: Call, issues: Sequence[CachedIssue], issue_cache: IssueCache) -> str:
    body, labels = call.body or {}, labels_of(issues) or "no issue"
    if body == {"merge": True}:
        return f"merged {labels}"
    update = update_of(body)
    if update is None:
        return f"set {', '.join(f'{name}={_shown(value)}' for name, value in sorted(body.items()))} of {labels}"
    return describe(update, labels, assignee=issue_cache.actor(update.assigned_to or ""))


def _of_delete(_: Call, issues: Sequence[CachedIssue], __: IssueCache) -> str:
    return f"deleted {labels_of(issues) or 'no issue'}"


def _of_comment(_: Call, issues: Sequence[CachedIssue], __: IssueCache) -> str:
    return f"commented on {labels_of(issues) or 'an issue'}"


def _of_link(call: Call, _: Sequence[CachedIssue], issue_cache: IssueCache) -> str:
    body = call.body or {}
    known = issue_cache.issues.get(str(body.get("issueId")))
    label = known.label if known else f"issue {_shown(body.get('issueId'))}"
    return f"linked {_shown(body.get('project'))}#{_shown(body.get('identifier'))} to {label}"


def _of_message(call: Call, _: Sequence[CachedIssue], __: IssueCache) -> str:
    return f"notified {call.parameters.get('channel', '')}: {(call.body or {}).get('title', '')}"


def _of_any(call: Call, issues: Sequence[CachedIssue], _: IssueCache) -> str:
    """Describe any other operation by its summary in the past tense, its parameters and its body."""
    first, _space, rest = call.operation.summary.partition(" ")
    named = {"issue_id": labels_of(issues)} if issues else {}
    details = [
        f"{name.removesuffix('_id_or_slug').removesuffix('_id')} {_shown(named.get(name, value))}"
        for name, value in call.parameters.items()
        if name != _ORGANIZATION
    ]
    details += [f"{name} {_shown(value)}" for name, value in (call.body or {}).items()]
    said = f"{_PAST.get(first, f'called {call.operation.name}: {first}')} {rest}"
    return f"{said}: {', '.join(details)}" if details else said


_Makes = Callable[[Call, Sequence[CachedIssue], IssueCache], str]
_MADE: Final[Mapping[str, _Makes]] = {
    "issues.update": _of_update,
    "issues.update_many": _of_update,
    "issues.update_in_project": _of_update,
    "issues.delete": _of_delete,
    "issues.delete_many": _of_delete,
    "issues.delete_in_project": _of_delete,
    "issues.comment": _of_comment,
    "apps.link_issue": _of_link,
    "notify.send": _of_message,
}


def labels_of(issues: Sequence[CachedIssue]) -> str:
    """Return the short ids of issues as part of a sentence; of many, the first and the number of the others."""
    names = [issue.label for issue in issues]
    shown = names if len(names) <= _LABELS else [*names[: _LABELS - 1], f"{len(names) - _LABELS + 1} more"]
    return " and ".join(filter(None, [", ".join(shown[:-1]), *shown[-1:]]))


def _adds_nothing(claimed: str, made: str, call: Call) -> bool:
    """Return whether a claim has no term that the sentence and the call lack, small ones aside."""
    if not claimed or claimed == made:
        return True
    values = (*call.parameters.values(), *(call.body or {}).values(), call.operation.summary)
    known = _words(made).union(*(_words(_text(value)) for value in values))
    return _words(claimed) <= known | _SMALL_WORDS


def _words(text: str) -> set[str]:
    return set(re.findall(r"\w+", text.casefold()))


def _shown(value: object) -> str:
    text = one_line(_text(value))
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def one_line(text: str) -> str:
    """Return the text in one printable line of limited length."""
    line = " ".join("".join(each if each.isprintable() else " " for each in text).split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
