"""Messages as a Microsoft Teams workflow takes them: an Adaptive Card, posted to the workflow's webhook.

Office 365 connectors and their message cards are retired; the workflow "When a Teams webhook request is received"
replaces them. It takes 28 KB in all. A card's `TextBlock` reads Markdown, a `TextRun` does not: so all text is written
in runs, and nothing in a title can become a link. A mention would need an entry under `msteams`, which is never made.
"""

from typing import Any, Final

from vedette.notify.http_post import to_bytes
from vedette.notify.message import Colour, Message, cropped, one_line

MESSAGE: Final = 28 * 1024
"""Bytes of a whole message."""
_MARGIN: Final = 1024
_TITLE: Final = 300
_TEXT: Final = 6000
_FIELDS: Final = 20
_FIELD: Final = 500
_COLOURS: Final[dict[Colour, str]] = {"grey": "default", "green": "good", "yellow": "warning", "red": "attention"}


def body_of(message: Message) -> dict[str, Any]:
    """Return the JSON for a workflow, cut to its size limit."""
    longest = _TEXT
    body = _body(message, longest)
    while len(to_bytes(body)) > MESSAGE - _MARGIN and longest > 1:
        longest //= 2
        body = _body(message, longest)
    return body


def _body(message: Message, longest: int) -> dict[str, Any]:
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "Full"},
        "body": _elements(message, longest),
        "actions": [{"type": "Action.OpenUrl", "title": "Open", "url": message.link}] if message.link else [],
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}


def _elements(message: Message, longest: int) -> list[dict[str, Any]]:
    title = cropped(message.headline, min(_TITLE, longest))
    elements = [_line({"text": title, "weight": "bolder", "size": "medium", "color": _COLOURS[message.colour]})]
    elements += [_line({"text": each}) for each in cropped(message.body, longest).splitlines() if each.strip()]
    for name, value in list(message.fields.items())[:_FIELDS]:
        if value:
            label = {"text": f"{cropped(one_line(name), _FIELD // 4)}: ", "weight": "bolder"}
            elements.append(_line(label, {"text": cropped(one_line(value), min(_FIELD, longest))}))
    return elements


def _line(*runs: dict[str, Any]) -> dict[str, Any]:
    return {"type": "RichTextBlock", "inlines": [{"type": "TextRun", **run} for run in runs]}
