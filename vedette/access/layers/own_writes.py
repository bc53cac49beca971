"""Keeps a note of each write, by which the deliveries that it causes are recognised as its echoes.

The note is kept when the write departs, together with its other steps in Redis (`vedette/store/access/departures.py`).
"""

from dataclasses import dataclass, replace

from vedette.access.context import IntegrationConnection
from vedette.access.echo_matching import caused_by, text_of_call
from vedette.access.prepared_call import Layer, PreparedCall
from vedette.api.call import Answer
from vedette.api.errors import SentryError
from vedette.notify.errors import NotificationError
from vedette.store.access.own_writes import OwnWrites, WriteNotes


@dataclass(frozen=True, slots=True)
class OwnWritesLayer:
    """The layer that asks for notes of writes, and removes the note of one that had no effect."""

    inner: Layer
    connection: IntegrationConnection
    own_writes: OwnWrites

    async def send(self, call: PreparedCall) -> Answer:
        """Pass on the write with its notes.

        Raises:
            SentryError: Sentry refused it or failed.
            NotificationError: A channel refused the message or failed.
        """
        notes = self._notes(call)
        try:
            return await self.inner.send(replace(call, departure=replace(call.departure, notes=notes)))
        except (SentryError, NotificationError) as error:
            if not error.outcome_unknown:
                for issue, note in notes.ids.items():
                    await self.own_writes.forget(issue, note)
            raise

    def _notes(self, call: PreparedCall) -> WriteNotes:
        """Return the notes of the events that a write will cause."""
        names, text = caused_by(call.call), text_of_call(call.call)
        if not names:
            return WriteNotes()
        issues = [self.connection.scoped(issue.id) for issue in call.target.issues]
        is_person = self.connection.acts_as_person
        return self.own_writes.notes_of(issues, call.principal.key, names, text, person=is_person)
