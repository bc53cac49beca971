"""Determines the subject of a delivery, and whether two deliveries are the same.

The receiver decides both from a partial decode, before any model exists, and the workers from the typed event. They
must agree, so the rules live here, as plain functions over values that either side has already extracted.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple

from vedette.events.catalog import RESOURCES, canonical_action
from vedette.events.identifiers import digest, digest_of_id, identifier, key_id
from vedette.events.identity_paths import Traits


def _prefixed(prefix: str, *candidates: object) -> str | None:
    found = key_id(*candidates)
    return None if found is None else f"{prefix}:{found}"


_ABOUT_AN_ISSUE: Final = frozenset(
    ("issue", "error", "event_alert", "activity_alert", "comment", "service_hook", "legacy_webhook")
)


def subject_of(resource: str, traits: Traits, *, installation: str | None = None) -> str | None:
    """Return the key for ordering and coalescing: deliveries with the same subject are handled one after the other.

    Args:
        resource: the resource of the delivery.
        traits: what the payload says.
        installation: the envelope's `installation.uuid`.

    Returns:
        For example `issue:6941180273`; None if the delivery has no known subject.
    """
    if resource in _ABOUT_AN_ISSUE:
        return _prefixed("issue", traits.get("issue_id"))
    if resource == "seer":
        run = (traits.get("run_id"), traits.get("sentry_run_id"))
        return _prefixed("issue", traits.get("issue_id")) or _prefixed("seer", *run)
    if resource == "metric_alert":
        return _prefixed("metric_alert", traits.get("alert_rule_id"), traits.get("metric_alert_id"))
    if resource == "installation":
        return _prefixed("installation", traits.get("installation_uuid"), installation)
    if resource == "preprod_artifact":
        return _prefixed("build", traits.get("build_id"))
    return None


_OCCURRENCES: Final[Mapping[tuple[str, str], str]] = {
    ("issue", "created"): "issue_id",
    ("issue", "assigned"): "issue_id",
    ("issue", "resolved"): "issue_id",
    ("issue", "unresolved"): "issue_id",
    ("issue", "archived"): "issue_id",
    ("comment", "created"): "comment_id",
}
OCCURRING: Final = tuple(f"{resource}.{action}" for resource, action in _OCCURRENCES)
"""The events that can be rebuilt from the history of an issue."""


def occurrence_of(resource: str, action: str, traits: Traits) -> str | None:
    """Return an event's name and the id of its object, such as `issue.resolved 42`; None if none can be rebuilt.

    Arrived deliveries are counted by it, and compared with the history of the issue. Unlike the deduplication key it
    depends on nothing that Sentry's API shows differently from its webhooks.

    Args:
        resource: the resource of the delivery.
        action: its action, in either spelling.
        traits: what the payload says.
    """
    action = canonical_action(resource, action)
    trait = _OCCURRENCES.get((resource, action))
    found = None if trait is None else key_id(traits.get(trait))
    return None if found is None else f"{resource}.{action} {found}"


class _Rule(NamedTuple):
    """The recognition of a repetition: the first usable id of `ids`, and everything in `parts` equal."""

    ids: tuple[str, ...]
    parts: tuple[str, ...] = ()


_RULES: Final[Mapping[str, _Rule]] = {
    "error": _Rule(("event_id",), ("project",)),
    "event_alert": _Rule(("event_id",), ("triggered_rule", "issue_alert_id")),
    "activity_alert": _Rule(("issue_id",), ("alert_id", "activity_type", "activity_details")),
    "metric_alert": _Rule(("metric_alert_id",), ("date_closed",)),
    "comment": _Rule(("comment_id",), ("comment",)),
    "seer": _Rule(("run_id", "sentry_run_id"), ("iteration_index",)),
    "preprod_artifact": _Rule(("build_id",), ("state",)),
    "installation": _Rule(("installation_uuid",)),
    "service_hook": _Rule(("event_id",), ("issue_id",)),
    "legacy_webhook": _Rule(("event_id",), ("issue_id", "triggered_rule")),
}

# Keys that move between attempts (count, lastSeen) must not be among the parts: Sentry serialises an issue again for
# every attempt.
_ISSUE_RULES: Final[Mapping[str, _Rule]] = {
    "created": _Rule(("issue_id",)),
    "assigned": _Rule(("issue_id",), ("assignee",)),
    "resolved": _Rule(("issue_id",), ("resolution_type", "status_details")),
    "unresolved": _Rule(("issue_id",), ("substatus",)),
    "archived": _Rule(("issue_id",), ("substatus", "status_details")),
}
_ANY_ISSUE_RULE: Final = _Rule(("issue_id",), ("assignee", "substatus", "resolution_type", "status_details"))

# Parts that are ids: compared as text, as they change between integer and text over Sentry's versions.
_ID_PARTS: Final = frozenset(("project", "issue_alert_id", "alert_id", "issue_id"))


# Most deliveries are errors.
_PROJECT_ALONE: Final = _RULES["error"].parts


def _rule_for(resource: str, action: str) -> _Rule | None:
    return _ISSUE_RULES.get(action, _ANY_ISSUE_RULE) if resource == "issue" else _RULES.get(resource)


def deduplication_key_of(resource: str, action: str, traits: Traits, *, installation: str | None = None) -> str | None:
    """Return a key that Sentry's repetitions of one delivery share, however each is serialised.

    Where `is_bucketed` says so, the same key may come again later and mean something new: add a 15-minute bucket.

    Args:
        resource: the resource of the delivery.
        action: its action, in either spelling.
        traits: what the payload says.
        installation: the envelope's `installation.uuid`, the key's prefix.

    Returns:
        Short text, or None when the payload lacks the id to recognise it by: such a delivery is never a duplicate.
    """
    action = canonical_action(resource, action)
    rule = _rule_for(resource, action)
    if rule is None:
        return None
    found = None
    for name in rule.ids:
        found = key_id(traits.get(name))
        if found is not None:
            break
    else:
        return None
    key = f"{key_id(installation) or '-'}:{resource}.{key_id(action) or '-'}:{found}"
    if not rule.parts:
        return key
    if rule.parts == _PROJECT_ALONE:
        return f"{key}:{digest_of_id(identifier(traits.get('project')))}"
    return f"{key}:{digest([_part(name, traits.get(name)) for name in rule.parts])}"


def _part(name: str, value: object) -> object:
    return identifier(value) if name in _ID_PARTS else value


def is_bucketed(resource: str, action: str) -> bool:
    """Return whether the key repeats legitimately: an issue is resolved twice, an alert flaps in one incident."""
    if resource == "issue":
        return action != "created"
    return resource in {"metric_alert", "activity_alert"}


def recurs(resource: str, action: str) -> bool:
    """Return whether an equal body may come again in earnest, so that it is a repetition for a short time only.

    False if the body has an id of its own: of a created issue, an event, a comment, a run, a build.
    """
    return resource not in RESOURCES or is_bucketed(resource, action)
