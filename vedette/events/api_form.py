"""Converts events from the form of Sentry's API to that of webhooks, which models and searches read.

Both are made of the same stored event. The API spells keys in camelCase (`absPath`, `lineNo`, `inApp`, `threadId`) and
puts a frame's source lines into one list of numbered lines.
"""

from collections.abc import Mapping
from typing import Any, Final

from vedette._core.json_values import json_list, json_object

_FRAME_KEYS: Final = (
    ("abs_path", "absPath"),
    ("lineno", "lineNo"),
    ("colno", "colNo"),
    ("in_app", "inApp"),
    ("raw_function", "rawFunction"),
    ("instruction_addr", "instructionAddr"),
    ("symbol_addr", "symbolAddr"),
)


def stored_exception(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return an exception of the API in the form of webhooks; one in that form is unchanged."""
    found = {**value, "thread_id": value.get("thread_id", value.get("threadId"))}
    trace: object = value.get("stacktrace")
    if isinstance(trace, dict):
        found["stacktrace"] = _stored_trace(json_object(trace))
    return found


def _stored_trace(trace: Mapping[str, Any]) -> dict[str, Any]:
    frames: object = trace.get("frames")
    if not isinstance(frames, list):
        return {**trace}
    stored = [_stored_frame(json_object(one)) if isinstance(one, dict) else one for one in json_list(frames)]
    return {**trace, "frames": stored}


def _stored_frame(frame: Mapping[str, Any]) -> dict[str, Any]:
    found = {**frame}
    for stored, own in _FRAME_KEYS:
        if own in found and found.get(stored) is None:
            found[stored] = found[own]
    lines: object = found.get("context")
    if isinstance(lines, list) and "context_line" not in found:
        found |= _context(json_list(lines), found.get("lineno"))
    return found


def _context(lines: list[object], lineno: object) -> dict[str, Any]:
    """Split the lines of context from the line itself, by their numbers."""
    before: list[str] = []
    after: list[str] = []
    itself: str | None = None
    for line in lines:
        match line:
            case [int(number), str(text)] if isinstance(lineno, int):
                if number == lineno:
                    itself = text
                else:
                    (before if number < lineno else after).append(text)
            case _:
                continue
    return {"pre_context": before, "context_line": itself, "post_context": after}
