"""Lists the resources and actions, and the properties of the body of each resource.

The receiver needs this table before any model is involved, and `@on(...)` needs it to recognise a misspelt name; so it
is separate from the models and cheap to import. Source of the names: Sentry's sender, where its docs differ.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from vedette._core.json_values import json_object
from vedette.events.errors import InvalidPayload


@dataclass(frozen=True, slots=True)
class Resource:
    """One kind of webhook.

    Attributes:
        name: the value of the `Sentry-Hook-Resource` header, or ours for webhooks that have no such header.
        actions: canonical actions that Sentry is known to send; the set is open.
        objects: keys that must hold an object.
        any_of: keys of which at least one must be there, whatever it holds.
        enveloped: Whether the keys are under `data` of the usual envelope instead of at the top of the body.
    """

    name: str
    actions: tuple[str, ...]
    objects: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    enveloped: bool = True


_SEER_ACTIONS: Final = (
    "root_cause_started",
    "root_cause_completed",
    "solution_started",
    "solution_completed",
    "coding_started",
    "coding_completed",
    "pr_created",
    "iteration_started",
    "iteration_completed",
)

RESOURCES: Final[Mapping[str, Resource]] = {
    resource.name: resource
    for resource in (
        Resource("issue", ("created", "assigned", "resolved", "unresolved", "archived"), objects=("issue",)),
        Resource("error", ("created",), objects=("error",)),
        Resource("event_alert", ("triggered",), objects=("event",)),
        Resource("activity_alert", ("triggered",), objects=("issue", "activity")),
        # Sentry sends `open` too; its docs list the other three.
        Resource("metric_alert", ("critical", "warning", "resolved", "open"), objects=("metric_alert",)),
        Resource("comment", ("created", "updated", "deleted"), any_of=("comment_id", "comment")),
        Resource("installation", ("created", "deleted"), objects=("installation",)),
        Resource("seer", _SEER_ACTIONS, any_of=("run_id", "sentry_run_id")),
        Resource("preprod_artifact", ("size_analysis_completed", "build_distribution_completed"), any_of=("buildId",)),
        Resource("service_hook", (), objects=("group", "event"), enveloped=False),
        Resource("legacy_webhook", (), objects=("event",), any_of=("id",), enveloped=False),
    )
}

# Sentry's docs say `archived`; its sender says `ignored`, except to apps that once stored the documented name.
_SPELLINGS: Final[Mapping[tuple[str, str], str]] = {("issue", "ignored"): "archived"}


def canonical_action(resource: str, action: str) -> str:
    """Return the one spelling under which we know an action: `ignored` of an issue is `archived`."""
    return _SPELLINGS.get((resource, action), action)


def canonical_name(resource: str, action: str) -> str:
    """`resource.action` in its one spelling, or the resource alone for webhooks that carry no action."""
    canonical = canonical_action(resource, action)
    return f"{resource}.{canonical}" if canonical else resource


def names_of(resource: str, action: str) -> tuple[str, ...]:
    """Every name an event answers to, the canonical one first."""
    canonical = canonical_action(resource, action)
    others = (old for (of, old), new in _SPELLINGS.items() if of == resource and new == canonical)
    return (canonical_name(resource, action), *(f"{resource}.{other}" for other in others))


def known_names() -> list[str]:
    """All names that a current Sentry is known to send, other spellings included, sorted."""
    names: set[str] = set()
    for resource in RESOURCES.values():
        for action in resource.actions or ("",):
            names.update(names_of(resource.name, action))
    return sorted(names)


def check_promises(resource: Resource, body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the part of a body that holds the resource's content, or refuse a body of another resource.

    Raises:
        InvalidPayload: a promised key is missing or holds something that is not an object.
    """
    content: object = body.get("data") if resource.enveloped else body
    if not isinstance(content, dict):
        raise InvalidPayload(resource.name, "`data` is not an object")
    found = json_object(content)
    place = "data." if resource.enveloped else ""
    for key in resource.objects:
        if not isinstance(found.get(key), dict):
            raise InvalidPayload(resource.name, f"`{place}{key}` is not an object")
    if resource.any_of and not any(key in found for key in resource.any_of):
        missing = " and ".join(f"`{place}{key}`" for key in resource.any_of)
        raise InvalidPayload(resource.name, f"{missing} missing")
    return found
