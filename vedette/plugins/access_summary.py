"""What is said of a handler's access in a listing: needs, grant, and what is missing between them and the token."""

from collections.abc import Collection

from vedette.permissions.required_scopes import missing
from vedette.plugins.handler import Handler


def shortcomings(handler: Handler, token: Collection[str] | None = None) -> tuple[str, ...]:
    """What keeps the handler from what it needs, each with the line that would change it.

    Args:
        handler: Whose needs.
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
    if handler.guide is not None and handler.guide.problem:
        found.append(handler.guide.problem)
    return tuple(found)
