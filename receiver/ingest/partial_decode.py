"""What the door reads of a body: the few values that identify a delivery, and nothing else.

Decoding all of it would cost 40 % of the door's rate, and a model would refuse what Sentry adds next year. So these
structs name only what `vedette.events.deduplication` asks for, every value may be anything, and a body whose shape they
cannot take is read again without them.
"""

import json
from typing import Any

import msgspec

from vedette._core.json_values import json_object


class DecodedObject(msgspec.Struct, gc=False):
    """An object of which only the id counts."""

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
    """`data`, of whatever resource."""

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
    """The body is not what any webhook is; `reason` names why, in the words of the record."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


_decode = msgspec.json.Decoder(DecodedEnvelope).decode
_OBJECTS = ("issue", "error", "event", "metric_alert", "activity", "alert", "issue_alert", "installation")


def read_envelope(body: bytes) -> DecodedEnvelope:
    """Return what identifies a delivery.

    Raises:
        UnreadableBodyError: `not_json`, `not_an_object` or `too_deep`.
    """
    try:
        return _decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):  # ValueError: text that is not valid UTF-8
        return _read_leniently(body)


def _read_leniently(body: bytes) -> DecodedEnvelope:
    try:
        # The standard parser also takes lone surrogates, which a Python sender can produce.
        value = json.loads(body)
    except RecursionError:
        raise UnreadableBodyError("too_deep") from None
    except ValueError:
        raise UnreadableBodyError("not_json") from None
    if not isinstance(value, dict):
        raise UnreadableBodyError("not_an_object")
    try:
        return msgspec.convert(_with_objects_only(json_object(value)), DecodedEnvelope)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise UnreadableBodyError("too_deep") from None


def _with_objects_only(value: dict[str, Any]) -> dict[str, Any]:
    kept = _dropping(value, ("installation", "data", "group", "event"))
    if "data" in kept:
        kept["data"] = _dropping(kept["data"], _OBJECTS)
        metric_alert = kept["data"].get("metric_alert")
        if metric_alert is not None:
            kept["data"]["metric_alert"] = _dropping(metric_alert, ("alert_rule",))
    return kept


def _dropping(value: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """Leave out those of `names` that hold something other than an object."""
    return {name: inner for name, inner in value.items() if name not in names or isinstance(inner, dict)}
