"""Messages as Slack takes them: Block Kit, to an incoming webhook or through a bot's `chat.postMessage`.

Slack's markup gives meaning to `&`, `<` and `>` alone: written as entities, nothing in a text can become a link or
call a channel (`<!here>`). The title is plain text to Slack, and `verbatim` keeps it from guessing names in the rest.
Bounds, from Slack's reference of blocks and of `chat.postMessage`: header 150 characters, section 3000, ten fields of
2000 each.
"""

import re
from typing import Any, Final

from vedette.notify.message import Colour, Message, cropped, one_line

HEADER: Final = 150
SECTION: Final = 3000
FIELDS: Final = 10
FIELD: Final = 2000
_FALLBACK: Final = 300
_COLOURS: Final[dict[Colour, str]] = {"grey": "#8d8d8d", "green": "#2eb67d", "yellow": "#ecb22e", "red": "#e01e5a"}
_ADDRESS: Final = re.compile(r"https?://[^\s<>|\"]+")
PASSING_ERRORS: Final = frozenset(
    {"ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable", "request_timeout"}
)
"""Errors of `chat.postMessage`, sent with status 200, after which it may accept the message later."""


def body_of(message: Message) -> dict[str, Any]:
    """Return the JSON for both webhooks and `chat.postMessage`."""
    title = message.headline
    attachment = {"color": _COLOURS[message.colour], "blocks": _blocks(message, title)}
    # Shown where blocks are not: in notifications, and read aloud.
    return {"text": escaped(title, _FALLBACK), "attachments": [attachment]}


def escaped(text: str, longest: int) -> str:
    """Escape a text for Slack's markup, cut so that the escaped text keeps the length."""
    parts = [_entity(character) for character in text]
    if sum(map(len, parts)) <= longest:
        return "".join(parts)
    room = longest - 1
    for place, part in enumerate(parts):
        room -= len(part)
        if room < 0:
            return "".join(parts[:place]) + "…"
    return "".join(parts)


def _blocks(message: Message, title: str) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": {"type": "plain_text", "text": cropped(title, HEADER), "emoji": False}}
    ]
    if message.body:
        # Web addresses are put into brackets, which takes room.
        text = escaped(message.body, SECTION - 2 * len(_ADDRESS.findall(message.body)) - 2)
        blocks.append({"type": "section", "text": _markup(_ADDRESS.sub(lambda found: f"<{found[0]}>", text))})
    fields = [_field(name, value) for name, value in message.fields.items() if value]
    if fields:
        blocks.append({"type": "section", "fields": fields[:FIELDS]})
    if message.link and len(message.link) < SECTION // 2:
        blocks.append({"type": "section", "text": _markup(f"<{message.link.replace('&', '&amp;')}|Open>")})
    return blocks


def _field(name: str, value: str) -> dict[str, Any]:
    return _markup(f"*{escaped(one_line(name), FIELD // 4)}*\n{escaped(one_line(value), FIELD // 2)}")


def _markup(text: str) -> dict[str, Any]:
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def _entity(character: str) -> str:
    return {"&": "&amp;", "<": "&lt;", ">": "&gt;"}.get(character, character)
