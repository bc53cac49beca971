"""Defines the types of addresses in the settings: slugs of organizations, URLs and hosts."""

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator

_SLUG = re.compile(r"[a-z0-9_\-]+")


def _check_slug(value: str) -> str:
    if not _SLUG.fullmatch(value):
        raise ValueError("should be a slug of small letters, digits, - and _, as in https://SLUG.sentry.io")
    return value


def _check_base_url(value: str) -> str:
    try:
        parts = urlsplit(value)
        fits = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.path in {"", "/"}
        fits = fits and not parts.query and not parts.fragment and not re.search(r"\s", value) and parts.port != 0
    except ValueError:
        fits = False
    if not fits:
        raise ValueError("should be a server's address without a path, such as https://sentry.example.org")
    return value.rstrip("/")


def _check_webhook_url(value: str) -> str:
    try:
        parts = urlsplit(value)
        fits = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.username is None
        fits = fits and not parts.query and not parts.fragment and not re.search(r"\s", value) and parts.port != 0
    except ValueError:
        fits = False
    if not fits:
        raise ValueError("should be the webhook URL as Sentry has it, such as https://hooks.example.org/hooks/default")
    return value


def _check_host(value: str) -> str:
    if not re.fullmatch(r"[^\s/\x00-\x1f]+", value):
        raise ValueError("should be an address or a name of this machine, such as 127.0.0.1")
    return value


OrganizationSlug = Annotated[str, AfterValidator(_check_slug)]
"""The slug of an organization, as in `https://SLUG.sentry.io`."""
BaseUrl = Annotated[str, AfterValidator(_check_base_url)]
"""The address of a server without a path and without a trailing slash."""
WebhookUrl = Annotated[str, AfterValidator(_check_webhook_url)]
"""The URL of a webhook, with its path."""
HostName = Annotated[str, AfterValidator(_check_host)]
"""An address or a name of this machine."""
