"""Asks Sentry for the names in rules, for `vedette rules check --online`."""

import asyncio
from dataclasses import dataclass

from console.exit_codes import WRONG_USAGE
from console.instance import Instance, find_instance
from console.paced_sentry import optional_redis, paced_sentry
from vedette._core.user_error import UserError
from vedette.rules import RuleSet
from vedette.rules.files.errors import RuleProblem
from vedette.rules.files.known_names import KnownNames
from vedette.settings.settings import DEFAULT_INTEGRATION, load_settings


class WhichIntegrationError(UserError):
    """There are several integrations, and none of them was named.

    Attributes:
        names: Those that there are.
    """

    exit_code = WRONG_USAGE

    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names
        super().__init__(f"there are several integrations ({', '.join(names)}): name one with --integration")


@dataclass(frozen=True)
class Asked:
    """The answer of one integration's Sentry about the names in rules."""

    account: str
    """The integration that was asked, described for people."""
    names: int
    """How many names it was asked for."""
    problems: tuple[RuleProblem, ...]
    """The names that it does not have."""
    untold: tuple[str, ...]
    """What its token may not read, in a sentence each; of these names nothing is known."""


def ask_sentry(rules: RuleSet, integration: str | None) -> Asked:
    """Ask an integration's Sentry for everything that rules name.

    Args:
        rules: Rules that can be used.
        integration: Which one; the only one, or the one called `default`, where None.

    Raises:
        SettingsError: The integration has no token or organization.
        UnknownNameError: There is no such integration.
        WhichIntegrationError: There are several, and it has to be named.
        SentryError: Sentry or the token does not answer.
    """
    instance = find_instance(load_settings())
    return asyncio.run(_ask(instance, rules, integration or _only(instance)))


def _only(instance: Instance) -> str:
    names = tuple(sorted(instance.settings.integrations)) or (DEFAULT_INTEGRATION,)
    if len(names) > 1 and DEFAULT_INTEGRATION not in names:
        raise WhichIntegrationError(names)
    return names[0] if len(names) == 1 else DEFAULT_INTEGRATION


async def _ask(instance: Instance, rules: RuleSet, integration: str) -> Asked:
    settings, known = instance.integration(integration), KnownNames()
    async with optional_redis(instance) as client, paced_sentry(instance, integration, client) as sentry:
        await known.ask(sentry, rules.named)
    account = f"{settings.organization} at {settings.sentry_url} (integration {integration})"
    untold = tuple(f"{what} were not checked: {error}" for what, error in known.refused.items())
    names = len({(each.kind, each.name) for each in rules.named})
    return Asked(account, names, tuple(known.problems(rules.named)), untold)
