"""Provides the fields of templates, and the types of template fields in models."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import AfterValidator

from vedette._core.markdown import WebAddress
from vedette.rules.templates import Form, TextTemplate, UnusableTemplateError

if TYPE_CHECKING:
    from vedette.events import Event, Issue
    from vedette.rules.actions.base import ActionContext


_IN_WEBHOOKS = {
    **{name: name for name in ("culprit", "status", "substatus", "priority", "platform", "first_seen", "last_seen")},
    "events": "count",
    "users": "user_count",
}
"""Field of a template -> attribute of the issue in a webhook."""


def _checked(source: str) -> str:
    if not source.strip():
        raise ValueError("a text that is not empty")
    try:
        TextTemplate(source)
    except UnusableTemplateError as error:
        raise ValueError(str(error)) from None
    return source


def _checked_address(source: str) -> str:
    if not source.strip().lower().startswith(("https://", "http://", "{{", "{%")):
        raise ValueError("an address with http or https, such as `https://tickets.example/{{ issue.short_id }}`")
    return source


Template = Annotated[str, AfterValidator(_checked)]
"""A text with fields such as `{{ issue.title }}`."""
AddressTemplate = Annotated[str, AfterValidator(_checked), AfterValidator(_checked_address)]
"""An address with such fields, which begins with http or https or with a field."""
TemplateOrNothing = Template | Literal[""]
"""A template, or an empty text."""
AddressOrNothing = AddressTemplate | Literal[""]
"""An address template, or an empty text."""


def rendered(source: str, context: "ActionContext", form: Form = "plain") -> str:
    """Render a text for the issue of a context."""
    return TextTemplate(source).render(values_of(context), form).strip()


def rendered_address(source: str, context: "ActionContext") -> WebAddress | None:
    """Render an address for the issue of a context; None for one without http or https."""
    return TextTemplate(source).render_address(values_of(context))


def rendered_of_event(source: str, event: "Event", rule: str) -> str:
    """Render a plain text for an event without an issue; fields of the issue are empty."""
    return TextTemplate(source).render({"issue": {}, "event": _of_event(event), "rule": {"name": rule}}).strip()


def render_for_webhook(source: str, event: "Event", handler: str, form: Form = "plain") -> str:
    """Fill a template with the issue of a webhook, without a request to Sentry; missing fields are empty."""
    return TextTemplate(source).render(_of_webhook(event, handler), form).strip()


def render_address_for_webhook(source: str, event: "Event", handler: str) -> WebAddress | None:
    """Fill an address template with the issue of a webhook; return None when the result is no http(s) address."""
    return TextTemplate(source).render_address(_of_webhook(event, handler))


def values_of(context: "ActionContext") -> dict[str, Any]:
    """Return the fields that templates can use."""
    issue = context.issue
    return {
        "issue": {
            "id": issue.id,
            "short_id": issue.label,
            "title": issue.title,
            "culprit": issue.culprit,
            "level": issue.level,
            "status": issue.status,
            "substatus": issue.substatus,
            "priority": issue.priority,
            "platform": issue.platform,
            "url": WebAddress.parse(issue.permalink),
            "project": issue.project.slug if issue.project else None,
            "assignee": issue.assigned_to.name if issue.assigned_to else None,
            "events": issue.count,
            "users": issue.user_count,
            "first_seen": issue.first_seen,
            "last_seen": issue.last_seen,
        },
        "event": _of_event(context.event),
        "rule": {"name": context.rule},
    }


def _of_webhook(event: "Event", handler: str) -> dict[str, Any]:
    issue: Issue | None = getattr(event, "issue", None)
    known = {} if issue is None else {name: getattr(issue, attribute) for name, attribute in _IN_WEBHOOKS.items()}
    return {
        "issue": known
        | {
            "id": event.issue_id,
            "short_id": event.short_id,
            "title": event.title,
            "level": event.level,
            "url": WebAddress.parse(event.web_url),
            "project": event.project.slug,
            "assignee": issue.assigned_to.name if issue is not None and issue.assigned_to else None,
        },
        "event": _of_event(event),
        "rule": {"name": handler},
    }


def _of_event(event: "Event") -> dict[str, Any]:
    return {
        "name": event.name,
        "title": event.title,
        "level": event.level,
        "release": event.release,
        "environment": event.environment,
        "url": WebAddress.parse(event.web_url),
        "actor": event.actor.name,
        "tags": event.tags,
    }
