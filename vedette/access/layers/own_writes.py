"""Keeps a note of each write, by which the deliveries that it causes are recognised as its echoes."""

from dataclasses import dataclass

from vedette.access.context import IntegrationConnection
from vedette.access.echo_matching import caused_by, text_of_call
from vedette.access.prepared_call import Layer, PreparedCall
from vedette.api.call import Answer
from vedette.api.errors import SentryError
from vedette.notify.errors import NotificationError
from vedette.store.access.own_writes import OwnWrites


@dataclass(frozen=True, slots=True)
class OwnWritesLayer:
    """The layer that notes writes before they are sent, and removes the note of one that had no effect."""

    inner: Layer
    connection: IntegrationConnection
    own_writes: OwnWrites

    async def send(self, call: PreparedCall) -> Answer:
        """Pass on the write once it is noted.

        Raises:
            SentryError: Sentry refused it or failed.
            NotificationError: A channel refused the message or failed.
        """
        notes = await self._note(call)
        try:
            return await self.inner.send(call)
        except (SentryError, NotificationError) as error:
            if not error.outcome_unknown:
                for issue, note in notes.items():
                    await self.own_writes.forget(issue, note)
            raise

    async def _note(self, call: PreparedCall) -> dict[str, str]:
        """Note the events that a write will cause; return issue -> id of the note."""
        names, text = caused_by(call.call), text_of_call(call.call)
        if not names:
            return {}
        issues = [self.connection.scoped(issue.id) for issue in call.target.issues]
        key, person = call.principal.key, self.connection.acts_as_person
        return {issue: await self.own_writes.note(issue, key, names, text, person=person) for issue in issues}
