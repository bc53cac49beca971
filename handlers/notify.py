"""Notifies channels about new, regressed and escalating issues; searches choose the channel of each issue.

In a burst, the first message is sent at once, and those that follow within a minute are sent as one digest.
"""

from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from vedette import Context, Duration, Event, EventFilter, Message, Notify, on
from vedette.events import IssueEvent
from vedette.notify import ChannelName, Colour

_LISTED: Final = 15


class Route(EventFilter):
    """A channel and the events that are sent to it."""

    to: ChannelName
    """The channel."""


class NotifySettings(BaseModel):
    """Settings of `notify`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    send: tuple[Route, ...] = Field(min_length=1)
    """The routes; each one that matches is notified, and each channel only once."""
    gather: Duration = "1m"
    """The time for which messages after a first one are gathered into a digest."""


@on("issue.created", "issue.unresolved")
async def notify(event: IssueEvent, notify: Notify, ctx: Context, settings: NotifySettings) -> None:
    """Notify every channel with a matching search; in the deferred run, send the digest."""
    if ctx.reminder is not None:
        channel = str(ctx.reminder.data["channel"])
        if await notify.release(channel, digest, settings.gather):
            await ctx.later(settings.gather, ctx.reminder.name, ctx.reminder.data)
        return
    message = message_of(event)
    channels = dict.fromkeys(route.to for route in settings.send if route.matches(event))
    for number, channel in enumerate(channels):
        if await notify.gather(channel, message, settings.gather):
            await ctx.later(settings.gather, f"gathered-{number}", {"channel": channel})
            await notify(channel, message)
        else:
            ctx.note(f"added to the next digest for {channel}")
    if not channels:
        ctx.note("no search matches")


def message_of(event: IssueEvent) -> Message:
    """Return the message about one issue."""
    fields = {
        "project": event.project.slug or "",
        "level": event.level or "",
        "priority": event.issue.priority or "",
        "where": event.issue.culprit or "",
    }
    return Message(
        f"{_what(event)} {event.short_id or ''}: {event.title or ''}",
        "" if event.issue.metadata.value is None else event.issue.metadata.value,
        event.web_url,
        fields,
        colour=_colour(event),
    )


def _colour(event: Event) -> Colour:
    if event.level == "fatal":
        return "red"
    return "yellow" if event.level in {"error", None} else "grey"


def digest(messages: list[Message], more: int) -> Message:
    """Return one message about many issues."""
    number = len(messages) + more
    if len(messages) == 1 and not more:
        return messages[0]
    lines = [f"{each.headline}\n{each.link}".rstrip() for each in messages[:_LISTED]]
    if number > len(lines):
        lines.append(f"and {number - len(lines)} others")
    return Message(f"{number} more issues", "\n".join(lines), colour=_worst(messages))


def _worst(messages: list[Message]) -> Colour:
    colours = {each.colour for each in messages}
    for colour in ("red", "yellow", "grey", "green"):
        if colour in colours:
            return colour
    return "yellow"


def _what(event: Event) -> str:
    if event.name == "issue.created":
        return "New"
    issue = getattr(event, "issue", None)
    if issue is not None and issue.is_escalating:
        return "Escalating"
    return "Regressed" if issue is not None and issue.is_regressed else "Reopened"
