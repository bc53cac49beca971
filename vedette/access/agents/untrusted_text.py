"""Applies the rule on untrusted text: after an agent has read text from events, its writes are treated with more care.

Anyone who can send events writes such text, and may have instructed the agent in it.
"""

from typing import Final

from vedette.access.context import CallContext, most_careful
from vedette.api.operations import Operation
from vedette.settings.access import Mode
from vedette.store.agents.untrusted_reads import UntrustedReads

_GROUPS: Final = frozenset({"issues", "events", "traces", "replays", "releases", "monitors", "uptime"})
"""Titles of issues are texts of events, an event may name a release that Sentry then creates, a check-in a monitor, and
Sentry requests URLs that it has found in events."""
_OTHERS: Final = frozenset(
    {
        *("projects.users", "projects.environments", "organizations.environments", "organizations.tags"),
        *("apps.webhook_requests", "alerts.history"),
    }
)


def shows_untrusted_text(operation: Operation) -> bool:
    """Return whether answers to an operation hold text from events; those to writes of issues show the issue."""
    return operation.group in _GROUPS or operation.name in _OTHERS


async def mode_after_reading(context: CallContext, mode: Mode, reads: UntrustedReads) -> Mode:
    """Return the mode of a write under the rule.

    Args:
        context: The principal and its setting `untrusted`.
        mode: The mode without the rule.
        reads: The agents that have lately read such text.

    Raises:
        redis.exceptions.RedisError: It is not known what the agent has read.
    """
    careful = most_careful({mode, context.untrusted})
    if context.principal.kind != "agent" or careful == mode:
        return mode
    return careful if await reads.has_read_untrusted_text(context.principal.name) else mode
