"""Whether an integration can call Sentry, told from the settings before anything is sent."""

from collections.abc import Mapping

from vedette.settings.problems import missing_setting
from vedette.settings.settings import IntegrationSettings, SettingsError


def integration_settings(integrations: Mapping[str, IntegrationSettings], name: str) -> IntegrationSettings:
    """Return an integration that can call Sentry.

    Raises:
        SettingsError: When it is not configured, or lacks its token or organization.
    """
    settings = integrations.get(name)
    if settings is None:
        missing = ["client_secret", "token", "organization"]
    else:
        missing = [key for key in ("token", "organization") if getattr(settings, key) is None]
    if settings is None or missing:
        raise SettingsError(tuple(missing_setting(f"integrations.{name}.{key}") for key in missing))
    return settings
