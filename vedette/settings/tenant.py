"""Names the tenant of an integration: the organization on one Sentry server, in which ids are unique.

Issue 42 of one Sentry server is not issue 42 of another. All data per issue (order, coalescing, own writes, budgets,
proposals) therefore has the tenant beside the id.
"""

from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

if TYPE_CHECKING:
    from vedette.settings.settings import IntegrationSettings, Settings

_SAAS = "sentry.io"
_DEFAULT_PORTS = {"http": 80, "https": 443}


def tenant_of(settings: "Settings", integration: str) -> str:
    """Return the tenant of an integration, as a part of Redis keys: ASCII without blanks, stable over restarts.

    Two integrations of one organization on one Sentry share a tenant; those of two Sentrys never do.

    Args:
        settings: The settings of this process.
        integration: The integration's name; one that is no longer in the settings is a tenant of its own.

    Returns:
        For example `sentry.io/acme`; `integration:NAME` for an integration without an organization.
    """
    return tenant_of_integration(integration, settings.integrations.get(integration))


def tenant_of_integration(name: str, settings: "IntegrationSettings | None") -> str:
    """Return the tenant of an integration from its own settings; see `tenant_of`."""
    if settings is None or settings.organization is None:
        return f"integration:{quote(name, safe='')}"
    return f"{_server_of(settings.sentry_url)}/{settings.organization}"


def _server_of(url: str) -> str:
    parts = urlsplit(url)
    host, port = (parts.hostname or "").rstrip("."), parts.port
    if host == _SAAS or host.endswith(f".{_SAAS}"):
        # A region (de.sentry.io) and an organization's own address (acme.sentry.io) are the same server.
        return _SAAS
    name = quote(host, safe="")
    return name if port in {None, _DEFAULT_PORTS.get(parts.scheme)} else f"{name}:{port}"
