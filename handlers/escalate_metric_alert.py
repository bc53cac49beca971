"""Notifies a channel when a metric alert fires, and again when it is resolved, in one thread where supported."""

from vedette import Context, EventFilter, Message, Notify, on
from vedette.events import MetricAlertEvent
from vedette.notify import ChannelName


class EscalationSettings(EventFilter):
    """Settings of `escalate_metric_alert`."""

    channel: ChannelName
    """The channel to notify."""
    warnings: bool = False
    """Return whether the warning threshold is notified too."""


@on("metric_alert.critical", "metric_alert.warning", "metric_alert.resolved")
async def escalate_metric_alert(
    event: MetricAlertEvent, notify: Notify, ctx: Context, settings: EscalationSettings
) -> None:
    """Notify the channel; a resolution is sent only after its alert was."""
    if not settings.matches(event) or (event.action == "warning" and not settings.warnings):
        ctx.note("the settings exclude this alert")
        return
    await notify(settings.channel, message_of(event))


def message_of(event: MetricAlertEvent) -> Message:
    """Return the message about an alert."""
    is_over = event.action == "resolved"
    fields = {
        "projects": ", ".join(event.project_slugs),
        "environment": event.environment or "",
        "measured": event.alert_rule.aggregate or "",
        "search": event.alert_rule.query or "",
    }
    return Message(
        f"{'Resolved' if is_over else event.action.capitalize()}: {event.title or 'a metric alert'}",
        event.data.description_text or "",
        event.web_url,
        {} if is_over else fields,
        "green" if is_over else "red" if event.action == "critical" else "yellow",
        thread=event.subject or "",
        follows=is_over,
    )
