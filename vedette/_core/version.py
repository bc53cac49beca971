"""Provides the installed version, for `--version`, the User-Agent and the audit."""

from importlib.metadata import version


def vedette_version() -> str:
    """Return the installed version, such as `0.1.0`."""
    return version("vedette")
