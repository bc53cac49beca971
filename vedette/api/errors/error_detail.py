"""One form for the dozen in which Sentry reports errors.

Seen: `detail` as a sentence, a list or an object with a code; errors by field, nested for statusDetails; `message` for
removed routes; `error` from the gateway; a bare JSON string; HTML of a proxy; nothing.
"""

import html
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from vedette._core.json_values import json_list, json_object

_LONGEST: Final = 500
_LOOKED_AT: Final = 16_384
"""Characters of a page or a sentence; the title of a gateway's page comes long before."""
_HEADING: Final = re.compile(r"<(title|h1)\b[^<>]*+>", re.IGNORECASE)
_TAG: Final = re.compile(r"<[^<>]*+>")
_ENVELOPE: Final = frozenset({"detail", "message", "error", "errorId", "context", "slug"})


@dataclass(frozen=True, slots=True)
class Detail:
    """The details of an error in Sentry's answer."""

    text: str
    """One line, bounded in length."""
    code: str | None = None
    """Sentry's own word for it, such as `resource-moved`; most errors have none."""
    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """Messages by the field they are about; nested fields are joined with dots."""
    extra: Mapping[str, Any] = field(default_factory=dict[str, Any])
    error_id: str | None = None
    """The error id of a 500, for Sentry's support."""

    def masked(self, mask: Callable[[str], str]) -> "Detail":
        """Return the same with its texts masked; `extra` is left out if the mask changes it."""
        known = str(dict(self.extra))
        return Detail(
            mask(self.text),
            None if self.code is None else mask(self.code),
            {mask(name): tuple(map(mask, messages)) for name, messages in self.fields.items()},
            self.extra if mask(known) == known else {},
            None if self.error_id is None else mask(self.error_id),
        )

    def __str__(self) -> str:
        return self.text


def read_detail(body: object) -> Detail:
    """Read the JSON of an error, or its text if it is not JSON."""
    if isinstance(body, str):
        return Detail(_from_text(body))
    if isinstance(body, list):
        return Detail(_one_line("; ".join(_messages(json_list(body)))))
    if not isinstance(body, dict):
        return Detail("")
    return _from_object(json_object(body))


def _from_object(body: dict[str, Any]) -> Detail:
    detail = body.get("detail", body.get("message", body.get("error")))
    fields = dict(_by_field({name: value for name, value in body.items() if name not in _ENVELOPE}))
    error_id = body.get("errorId")
    error_id = error_id if isinstance(error_id, str) else None
    if isinstance(detail, dict):
        coded = json_object(detail)
        extra = coded.get("extra")
        return Detail(
            _one_line(str(coded.get("message") or coded.get("code") or "")),
            code=str(coded["code"]) if coded.get("code") else None,
            fields=fields,
            extra=json_object(extra),
            error_id=error_id,
        )
    sentences = _messages(detail)
    sentences += [f"{name}: {' '.join(messages)}" for name, messages in fields.items()]
    return Detail(_one_line("; ".join(sentences)), fields=fields, error_id=error_id)


def _by_field(errors: Mapping[str, Any], prefix: str = "") -> list[tuple[str, tuple[str, ...]]]:
    found: list[tuple[str, tuple[str, ...]]] = []
    for name, value in errors.items():
        if isinstance(value, dict):
            found += _by_field(json_object(value), f"{prefix}{name}.")
        elif messages := tuple(_messages(value)):
            found.append((f"{prefix}{name}", messages))
    return found


def _messages(value: object) -> list[str]:
    if value is None or value == "":
        return []
    if isinstance(value, list):
        return [message for each in json_list(value) for message in _messages(each)]
    if isinstance(value, dict):
        return [f"{name}: {message}" for name, each in json_object(value).items() for message in _messages(each)]
    return [str(value)]


def _from_text(text: str) -> str:
    """Return the title or first heading of a page, or the text itself; only its beginning is searched."""
    text = text[:_LOOKED_AT]
    if (opening := _HEADING.search(text)) is not None:
        heading, closing, _ = text[opening.end() :].partition(f"</{opening[1]}>")
        if closing:
            text = heading
    return _one_line(html.unescape(_TAG.sub(" ", text)))


def _one_line(text: str) -> str:
    line = " ".join("".join(each if each.isprintable() else " " for each in text[:_LOOKED_AT]).split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"
