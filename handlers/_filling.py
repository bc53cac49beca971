"""Texts of the settings with an issue's fields in them: `{{ issue.title }}`.

Names are looked up in one flat table and nothing is evaluated: what an issue's title says is never read as a template.
"""

import re
from collections.abc import Mapping
from typing import Final

from vedette import Event

_FIELD: Final = re.compile(r"{{\s*([^{}]*?)\s*}}")
NAMES: Final = ("title", "short_id", "id", "url", "level", "culprit", "project", "release", "environment")


class UnknownFieldError(ValueError):
    """A template names what an issue does not have."""

    def __init__(self, name: str) -> None:
        self.name = name
        known = ", ".join(f"issue.{each}" for each in NAMES)
        super().__init__(f"{{{{ {name} }}}} cannot be filled: write one of {known}")


def check_template(text: str) -> str:
    """Return a template that can be filled.

    Raises:
        UnknownFieldError: it names something else.
    """
    fill(text, dict.fromkeys(NAMES, ""))
    return text


def fill(text: str, fields: Mapping[str, str]) -> str:
    """Put an issue's fields into a template.

    Raises:
        UnknownFieldError: it names what is not among them.
    """

    def value(found: re.Match[str]) -> str:
        name = found[1].removeprefix("issue.")
        if not found[1].startswith("issue.") or name not in fields:
            raise UnknownFieldError(found[1])
        return fields[name]

    return _FIELD.sub(value, text)


def fields_of(event: Event) -> dict[str, str]:
    """The fields of the issue that an event is about; empty where the payload does not tell."""
    found = {
        "title": event.title,
        "short_id": event.short_id,
        "id": event.issue_id,
        "url": event.web_url,
        "level": event.level,
        "culprit": getattr(getattr(event, "issue", None), "culprit", None),
        "project": event.project.slug,
        "release": event.release,
        "environment": event.environment,
    }
    return {name: value or "" for name, value in found.items()}
