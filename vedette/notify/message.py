"""The message that callers send to a channel; each service has a module that renders it.

All of it is plain text. Titles of issues are written by anyone who can make an application fail, so nothing in them may
become markup, a link or a mention of all members.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_args
from urllib.parse import urlsplit

from vedette._core.printable import printable

Colour = Literal["grey", "green", "yellow", "red"]
_COLOURS: Final = get_args(Colour)


@dataclass(frozen=True)
class Message:
    """A message to people.

    Attributes:
        title: one line, shown alone if there is no room for more.
        text: further text; plain text, in which web addresses can be clicked.
        url: the address of the issue or page; http or https.
        fields: names and values, shown as a small table.
        colour: the severity, from `green` (over) to `red`.
        thread: messages to one channel with the same one belong together, such as an alert and its end; services that
            have threads show them as one.
        follows: it is sent only if an earlier message of its thread was sent.
    """

    title: str
    text: str = ""
    url: str | None = None
    fields: Mapping[str, str] = field(default_factory=dict[str, str])
    colour: Colour = "grey"
    thread: str = ""
    follows: bool = False

    def __post_init__(self) -> None:
        if self.colour not in _COLOURS:
            raise ValueError(f"there is no colour {self.colour!r}: write one of {', '.join(_COLOURS)}")

    @property
    def headline(self) -> str:
        """The title in one line; never empty, as an issue's title can be."""
        return one_line(self.title) or "(no title)"

    @property
    def body(self) -> str:
        """The text, with line breaks and without control and invisible characters."""
        return printable("\n".join(self.text.splitlines()), multiline=True).strip()

    @property
    def link(self) -> str:
        """Its address, if it can be shown; else empty."""
        try:
            parts = urlsplit(self.url or "")
        except ValueError:
            return ""
        usable = parts.scheme in {"http", "https"} and bool(parts.netloc)
        return "".join(_safe(each) for each in self.url or "") if usable else ""

    def to_json(self) -> dict[str, Any]:
        """Return the message as JSON."""
        return {
            "title": self.headline,
            "text": self.body,
            "url": self.link or None,
            "fields": {one_line(str(name)): one_line(str(value)) for name, value in self.fields.items()},
            "colour": self.colour,
            "thread": self.thread,
            "follows": self.follows,
        }


def message_of(values: Mapping[str, Any]) -> Message:
    """Return the message that `to_json` serialized."""
    fields: Mapping[str, str] = values.get("fields") or {}
    return Message(
        values["title"],
        values["text"],
        values["url"],
        dict(fields),
        values["colour"],
        values.get("thread", ""),
        bool(values.get("follows")),
    )


def one_line(text: str) -> str:
    """Return a text without line breaks and control characters."""
    return printable(" ".join("".join(each if each.isprintable() else " " for each in text).split()))


def cropped(text: str, longest: int) -> str:
    """Return a text cut to a length."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _safe(character: str) -> str:
    # Whatever could end the address early where a service writes it into its markup.
    return f"%{ord(character):02X}" if character in '<>|"\\^`{} ' or ord(character) < ord(" ") else character
