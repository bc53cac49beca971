"""Sends a write to Sentry, and updates the issue cache by the answer."""

from dataclasses import dataclass

from vedette.access.context import IntegrationConnection
from vedette.access.prepared_call import PreparedCall
from vedette.api.call import Answer


@dataclass(frozen=True, slots=True)
class SentryRequestLayer:
    """The end of the chain for writes to Sentry."""

    connection: IntegrationConnection

    async def send(self, call: PreparedCall) -> Answer:
        """Send the call.

        Raises:
            SentryError: Sentry refused it or failed.
        """
        answer = await self.connection.transport.send(call.call)
        cache = self.connection.issue_cache
        if not cache.note(answer):
            # The answer does not show the issues, so their cached state is out of date.
            for issue in call.target.issues:
                cache.drop(issue)
        return answer
