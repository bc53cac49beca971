"""Defines the base of all events, with the attributes that every resource has.

An event is a typed view of a payload: `data` holds the typed content, `raw` the payload as it came. Attributes that a
payload cannot answer are None or empty, so that a handler may ask every event for its issue, project or tags.
"""

from copy import deepcopy
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from vedette.events.catalog import canonical_name, names_of
from vedette.events.deduplication import deduplication_key_of, is_bucketed, subject_of
from vedette.events.identity_paths import Traits, traits_of
from vedette.events.payload.envelope import Actor, ProjectRef


@dataclass(frozen=True, kw_only=True, repr=False)
class Event:
    """One delivery's content. Made by `parse`.

    Attributes:
        resource: value of the `Sentry-Hook-Resource` header; `service_hook` or `legacy_webhook` for those.
        action: the action as it came, so `ignored` stays `ignored`; empty for kinds that have none.
        installation: uuid of the integration's installation; None for service hooks and legacy webhooks.
        actor: who caused it; see the trap described at `Actor`.
        data: the typed content.
        raw: the payload as it came, with all keys that the models do not know or could not read. Do not change it.
        happened_at: when it happened, if Vedette rebuilt it; None if Sentry sent it.
    """

    resource: str
    action: str = ""
    installation: str | None = None
    actor: Actor = field(default_factory=Actor)
    data: Any
    raw: dict[str, Any]
    happened_at: datetime | None = None

    @property
    def rebuilt(self) -> bool:
        """Return whether Sentry's webhook did not arrive, and Vedette rebuilt it from the history of the issue.

        Counts and the like then have their current values, and `happened_at` is in the past.
        """
        return self.happened_at is not None

    @property
    def name(self) -> str:
        """`resource.action` in its one spelling: `issue.archived` also when Sentry sent `ignored`."""
        return canonical_name(self.resource, self.action)

    @property
    def names(self) -> tuple[str, ...]:
        """All names the event answers to, for example `("issue.archived", "issue.ignored")`."""
        return names_of(self.resource, self.action)

    @property
    def traits(self) -> Traits:
        """The values from which `subject` and `deduplication_key` are derived."""
        return traits_of(self.resource, self.raw)

    @cached_property
    def subject(self) -> str | None:
        """Key for ordering and coalescing, such as `issue:42`; None when the event is about nothing we know."""
        return subject_of(self.resource, self.traits, installation=self.installation)

    @cached_property
    def deduplication_key(self) -> str | None:
        """Key that repetitions of this delivery share; None when the payload lacks the id for one."""
        return deduplication_key_of(self.resource, self.action, self.traits, installation=self.installation)

    @property
    def deduplication_bucketed(self) -> bool:
        """Return whether the key may come again with a new meaning, so that it holds for 15 minutes only."""
        return is_bucketed(self.resource, self.action)

    @property
    def issue_id(self) -> str | None:
        """Id of the issue that the event is about."""
        return None

    @property
    def short_id(self) -> str | None:
        """The issue's id for people, such as `FERRY-API-4K`."""
        return None

    @property
    def project(self) -> ProjectRef:
        """The project as the payload names it; each part may be None."""
        return ProjectRef()

    @property
    def title(self) -> str | None:
        """Title of the issue, event or alert."""
        return None

    @property
    def level(self) -> str | None:
        """`debug`, `info`, `warning`, `error`, `fatal`, and whatever Sentry adds."""
        return None

    @property
    def web_url(self) -> str | None:
        """Link for people. Never read ids out of it: its form differs between Sentry's hosts."""
        return None

    @property
    def organization_slug(self) -> str | None:
        """The organization, in the few kinds that name it; map `installation` to it for the others."""
        return None

    @property
    def organization_id(self) -> str | None:
        """The organization's id, in the few kinds that name it."""
        return None

    @property
    def release(self) -> str | None:
        """Release in which the event happened."""
        return None

    @property
    def environment(self) -> str | None:
        """Environment in which the event happened, or to which the alert is limited."""
        return None

    @property
    def tags(self) -> dict[str, str]:
        """Tags of the event, by key."""
        return {}

    def to_payload(self) -> dict[str, Any]:
        """Return a copy of the payload as it came, free to be changed."""
        return deepcopy(self.raw)

    def __repr__(self) -> str:
        # Neither data nor raw: they carry people's data, and an installation's code is a secret.
        return f"<{type(self).__name__} {self.name} {self.subject or '-'}>"
