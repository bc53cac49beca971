"""Keeps the sentence that the next page shows after an order, in a cookie of a minute."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from console.web.address import ConsoleAddress
from vedette._core.json_values import json_object
from vedette._core.printable import cropped

NOTE_COOKIE: Final = "vedette-note"
_LONGEST: Final = 600
_SECONDS: Final = 60


@dataclass(frozen=True)
class Note:
    """A sentence about an order that a person has just given."""

    text: str
    is_problem: bool


def put_note(response: Response, address: ConsoleAddress, text: str, *, is_problem: bool) -> None:
    """Let the next page show a sentence."""
    facts = json.dumps({"text": cropped(text, _LONGEST), "problem": is_problem})
    value = urlsafe_b64encode(facts.encode()).decode()
    response.set_cookie(
        NOTE_COOKIE,
        value,
        max_age=_SECONDS,
        path="/",
        httponly=True,
        samesite="strict",
        secure=address.is_secure,
    )


def take_note(request: Request) -> Note | None:
    """Return the sentence that a page is to show; None where there is none."""
    try:
        facts = json_object(json.loads(urlsafe_b64decode(request.cookies.get(NOTE_COOKIE, ""))))
    except (ValueError, RecursionError):
        return None
    text = facts.get("text")
    return Note(cropped(text, 2 * _LONGEST), facts.get("problem") is True) if isinstance(text, str) and text else None
