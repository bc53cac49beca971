"""Provides the settings, read from variables and vedette.toml and validated once at start."""

from vedette.settings.problems import SettingsError
from vedette.settings.settings import (
    DEFAULT_INTEGRATION,
    HandlerSettings,
    IntegrationSettings,
    Mode,
    ReceiverSettings,
    RetentionSettings,
    Settings,
    WorkerSettings,
    load_settings,
)

__all__ = [
    "DEFAULT_INTEGRATION",
    "HandlerSettings",
    "IntegrationSettings",
    "Mode",
    "ReceiverSettings",
    "RetentionSettings",
    "Settings",
    "SettingsError",
    "WorkerSettings",
    "load_settings",
]
