"""Parses a verified body to a typed event, without I/O, clock or settings."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from pydantic import ValidationError

from vedette._core.json_values import json_object
from vedette.events.catalog import RESOURCES, check_promises
from vedette.events.errors import InvalidPayload
from vedette.events.event import Event
from vedette.events.json_decoding import decode
from vedette.events.kinds.activity_alert import ActivityAlertData, ActivityAlertEvent
from vedette.events.kinds.comment import CommentData, CommentEvent
from vedette.events.kinds.error import ErrorData, ErrorEvent
from vedette.events.kinds.event_alert import EventAlertData, EventAlertEvent
from vedette.events.kinds.generic import GenericEvent
from vedette.events.kinds.installation import InstallationData, InstallationEvent
from vedette.events.kinds.issue import IssueData, IssueEvent
from vedette.events.kinds.legacy_webhook import LegacyWebhookData, LegacyWebhookEvent
from vedette.events.kinds.metric_alert import MetricAlertData, MetricAlertEvent
from vedette.events.kinds.preprod_artifact import PreprodArtifactData, PreprodArtifactEvent
from vedette.events.kinds.schedule import SCHEDULE, ScheduleData, ScheduleEvent
from vedette.events.kinds.seer import SeerData, SeerEvent
from vedette.events.kinds.service_hook import ServiceHookData, ServiceHookEvent
from vedette.events.payload.envelope import Envelope
from vedette.events.payload.fields import Payload


@dataclass(frozen=True, slots=True)
class _Kind:
    event: type[Event]
    data: type[Payload]


_KINDS: Final[Mapping[str, _Kind]] = {
    "issue": _Kind(IssueEvent, IssueData),
    "error": _Kind(ErrorEvent, ErrorData),
    "event_alert": _Kind(EventAlertEvent, EventAlertData),
    "activity_alert": _Kind(ActivityAlertEvent, ActivityAlertData),
    "metric_alert": _Kind(MetricAlertEvent, MetricAlertData),
    "comment": _Kind(CommentEvent, CommentData),
    "installation": _Kind(InstallationEvent, InstallationData),
    "seer": _Kind(SeerEvent, SeerData),
    "preprod_artifact": _Kind(PreprodArtifactEvent, PreprodArtifactData),
    "service_hook": _Kind(ServiceHookEvent, ServiceHookData),
    "legacy_webhook": _Kind(LegacyWebhookEvent, LegacyWebhookData),
}


def parse(resource: str, body: bytes | str | Mapping[str, object], *, happened_at: datetime | None = None) -> Event:
    """Read a body as a typed event.

    An unknown action of a known resource gives that resource's event; an unknown resource gives a `GenericEvent`.
    Fields that are missing or not as expected become None or empty; `event.raw` has the original.

    Args:
        resource: value of the `Sentry-Hook-Resource` header, or `service_hook` or `legacy_webhook`.
        body: raw bytes, text, or an already decoded object, which is copied.
        happened_at: when it happened, if Vedette rebuilt it.

    Raises:
        InvalidPayload: the body is not a JSON object, or is not of this resource.
    """
    event = _parse(resource, body)
    return event if happened_at is None else replace(event, happened_at=happened_at)


def _parse(resource: str, body: bytes | str | Mapping[str, object]) -> Event:
    raw = decode(resource, body)
    kind = _KINDS.get(resource)
    if resource == SCHEDULE:
        return _due(raw)
    if kind is None:
        return _generic(resource, raw)
    described = RESOURCES[resource]
    content = check_promises(described, raw)
    try:
        data = kind.data.model_validate(content)
    except ValidationError as error:
        raise InvalidPayload(resource, f"{error.error_count()} promised parts are unreadable") from None
    if not described.enveloped:
        return kind.event(resource=resource, data=data, raw=raw)
    return kind.event(resource=resource, data=data, raw=raw, **_enveloped(raw))


def class_of(resource: str) -> type[Event]:
    """Return the class of the events of a resource."""
    kind = _KINDS.get(resource)
    return GenericEvent if kind is None else kind.event


def _enveloped(raw: dict[str, Any]) -> dict[str, Any]:
    envelope = Envelope.model_validate(raw)
    return {
        "action": envelope.action or "",
        "installation": envelope.installation.uuid,
        "actor": envelope.actor,
    }


def _due(raw: dict[str, Any]) -> ScheduleEvent:
    try:
        data = ScheduleData.model_validate(raw.get("data"))
    except ValidationError as error:
        raise InvalidPayload(SCHEDULE, f"{error.error_count()} parts are unreadable") from None
    return ScheduleEvent(resource=SCHEDULE, action="due", data=data, raw=raw)


def _generic(resource: str, raw: dict[str, Any]) -> GenericEvent:
    data: object = raw.get("data")
    content = json_object(data)
    return GenericEvent(resource=resource, data=content, raw=raw, **_enveloped(raw))
