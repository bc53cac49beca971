"""Compares a handler's needs with its grant and the token's scopes, for listings."""

from collections.abc import Collection

from vedette.permissions.required_scopes import missing
from vedette.plugins.handler import Handler


def find_missing_access(handler: Handler, token: Collection[str] | None = None) -> tuple[str, ...]:
    """Return each permission that the handler lacks, with the line of the settings that grants it.

    Args:
        handler: The handler with its needs and grant.
        token: The scopes that the token holds, where they are known.
    """
    found: list[str] = []
    lacking = missing(handler.needs, handler.grant.scopes)
    if lacking:
        scopes = ", ".join(f'"{scope}"' for scope in sorted({*handler.grant.scopes, *lacking}))
        found.append(
            f"its grant lacks {', '.join(lacking)}: write `scopes = [{scopes}]` under [handlers.{handler.name}.grant]"
        )
    if "notify" in handler.parameters and not handler.grant.channels:
        found.append(f'its grant names no channel: write `channels = ["NAME"]` under [handlers.{handler.name}.grant]')
    absent = [] if token is None else missing(handler.needs, token)
    if absent:
        found.append(f"the token lacks {', '.join(absent)}: add it to the integration in Sentry, under Permissions")
    if handler.live_config is not None and handler.live_config.problem:
        found.append(handler.live_config.problem)
    return tuple(found)
