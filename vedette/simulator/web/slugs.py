"""Slugs of organizations, projects and teams: one rule and its messages."""

from __future__ import annotations

import re
from typing import Any

from vedette.simulator.web.call import invalid

_SLUG = re.compile(r"^(?![0-9]+$)[a-z0-9_\-]+$")
_RULE = (
    "Enter a valid slug consisting of lowercase letters, numbers, underscores or hyphens. "
    "It cannot be entirely numeric."
)


def read_slug(fields: dict[str, Any], *, longest: int) -> str | None:
    """Return the `slug` that was sent, or None.

    Raises:
        ApiError: 400 on `slug`.
    """
    slug = fields.get("slug")
    if slug is None:
        return None
    if not isinstance(slug, str) or not _SLUG.match(slug):
        raise invalid(slug=_RULE)
    if len(slug) > longest:
        raise invalid(slug=f"Ensure this field has no more than {longest} characters.")
    return slug


def slugify(name: str) -> str:
    """Return a slug made from a name."""
    return re.sub(r"[^a-z0-9_]+", "-", name.lower()).strip("-") or "unnamed"
