"""Decodes the few fields of a body that identify a delivery.

Decoding all of it would cost 40 % of the receiver's throughput, and a strict model would reject fields that Sentry adds
later. So these structs have only the fields that `vedette.events.deduplication` needs, of any type, and a body of
another shape is decoded again leniently.
"""

import json
from typing import Any

import msgspec

from vedette._core.json_values import json_object


class DecodedObject(msgspec.Struct, gc=False):
    """An object with an id."""

    id: Any = None


class DecodedIssue(DecodedObject, gc=False):
    """`data.issue`."""

    short_id: Any = msgspec.field(name="shortId", default=None)
    title: Any = None
    substatus: Any = None
    status_details: Any = msgspec.field(name="statusDetails", default=None)


class DecodedEvent(msgspec.Struct, gc=False):
    """`data.error` and `data.event`, and the events of service hooks and legacy webhooks."""

    event_id: Any = None
    event_id_in_api: Any = msgspec.field(name="eventID", default=None)
    issue_id: Any = None
    project: Any = None
    title: Any = None


class DecodedMetricAlert(DecodedObject, gc=False):
    """`data.metric_alert`."""

    date_closed: Any = None
    alert_rule: DecodedObject | None = None


class DecodedActivity(msgspec.Struct, gc=False):
    """`data.activity`."""

    type: Any = None
    details: Any = None


class DecodedInstallation(msgspec.Struct, gc=False):
    """`installation` of the envelope, and `data.installation`."""

    uuid: Any = None


class DecodedData(msgspec.Struct, gc=False):
    """`data` of any resource."""

    issue: DecodedIssue | None = None
    error: DecodedEvent | None = None
    event: DecodedEvent | None = None
    metric_alert: DecodedMetricAlert | None = None
    activity: DecodedActivity | None = None
    alert: DecodedObject | None = None
    issue_alert: DecodedObject | None = None
    installation: DecodedInstallation | None = None
    assignee: Any = None
    resolution_type: Any = None
    triggered_rule: Any = None
    comment_id: Any = None
    comment: Any = None
    issue_id: Any = None
    run_id: Any = None
    sentry_run_id: Any = None
    group_id: Any = None
    iteration_index: Any = None
    build_id: Any = msgspec.field(name="buildId", default=None)
    state: Any = None


class DecodedEnvelope(msgspec.Struct, gc=False):
    """A body: an integration's webhook, a service hook's or a legacy one's."""

    action: Any = None
    installation: DecodedInstallation | None = None
    data: DecodedData | None = None
    group: DecodedObject | None = None
    event: DecodedEvent | None = None
    id: Any = None
    triggering_rules: Any = None


class UnreadableBodyError(Exception):
    """The body is not that of a webhook; `reason` is the quarantine reason."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


_decode = msgspec.json.Decoder(DecodedEnvelope).decode
_OBJECTS = ("issue", "error", "event", "metric_alert", "activity", "alert", "issue_alert", "installation")


def decode_envelope(body: bytes) -> DecodedEnvelope:
    """Return the fields that identify a delivery.

    Raises:
        UnreadableBodyError: `not_json`, `not_an_object` or `too_deep`.
    """
    try:
        return _decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):  # ValueError: text that is not valid UTF-8
        return _decode_leniently(body)


def _decode_leniently(body: bytes) -> DecodedEnvelope:
    try:
        # The standard library's parser also accepts lone surrogates, which a Python sender can produce.
        value = json.loads(body)
    except RecursionError:
        raise UnreadableBodyError("too_deep") from None
    except ValueError:
        raise UnreadableBodyError("not_json") from None
    if not isinstance(value, dict):
        raise UnreadableBodyError("not_an_object")
    try:
        return msgspec.convert(_keep_objects(json_object(value)), DecodedEnvelope)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise UnreadableBodyError("too_deep") from None


def _keep_objects(value: dict[str, Any]) -> dict[str, Any]:
    kept = _drop_non_objects(value, ("installation", "data", "group", "event"))
    if "data" in kept:
        kept["data"] = _drop_non_objects(kept["data"], _OBJECTS)
        metric_alert = kept["data"].get("metric_alert")
        if metric_alert is not None:
            kept["data"]["metric_alert"] = _drop_non_objects(metric_alert, ("alert_rule",))
    return kept


def _drop_non_objects(value: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Return the fields without those of `names` that are no objects."""
    return {name: inner for name, inner in value.items() if name not in names or isinstance(inner, dict)}
