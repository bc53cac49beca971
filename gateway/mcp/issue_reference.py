"""Reads the name of an issue as agents write it: an id, a short id, or the address of its page."""

import re
from typing import Annotated, Final

from pydantic import AfterValidator, Field

_SHORT_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_\-]{0,80}")
_ADDRESS: Final = re.compile(
    r"https?://[^\s/]+/(?:organizations/[a-z0-9_\-]+/)?issues/(?P<id>[A-Za-z0-9_\-]{1,80})(?:[/?#]\S*)?"
)


def _check(text: str) -> str:
    if not _SHORT_ID.fullmatch(text) and not _ADDRESS.fullmatch(text):
        raise ValueError("write an issue's id, its short id such as SHOP-4K, or the address of its page")
    return text


IssueName = Annotated[str, AfterValidator(_check), Field(max_length=300, description="Id, short id (SHOP-4K) or URL.")]
"""The name of an issue."""


def issue_parameter(name: str) -> str:
    """Return the id or short id by which the API names the issue."""
    found = _ADDRESS.fullmatch(name)
    return found["id"] if found else name
