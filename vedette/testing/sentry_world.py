"""The simulated organization of a test, and deliveries from it."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vedette.authoring.decorators import HandlerFunction
from vedette.authoring.deferral import Reminder
from vedette.events import samples
from vedette.events.kinds.schedule import SCHEDULE_DUE
from vedette.permissions.grants import Grant
from vedette.plugins.provided_objects import ProvidedObjects
from vedette.plugins.providers import Providers
from vedette.settings.settings import IntegrationSettings, Mode
from vedette.simulator import Issue, World
from vedette.testing.delivery import Delivered, check_replacements, deliver_to, due_event, handler_of
from vedette.testing.payloads import event_of

_PATIENCE = 30.0
"""Seconds that a provider may take in a test."""


@dataclass(frozen=True)
class SentryWorld:
    """A simulated Sentry that knows the issue of the samples."""

    world: World
    """All that it holds; see docs/simulator.md."""
    integration: IntegrationSettings = field(repr=False)
    redis_url: str

    @property
    def issue(self) -> Issue:
        """The issue that the samples are about, in its present state: `status`, `priority`, `assignee`, `comments`."""
        return self.world.issues[int(samples.load("issue.created")["data"]["issue"]["id"])]

    def deliver(
        self,
        handler: HandlerFunction,
        sample: str | Path,
        *,
        resource: str | None = None,
        mode: Mode = "act",
        grant: Grant | None = None,
        settings: Mapping[str, Any] | None = None,
        provide: Mapping[str, Any] | None = None,
        provide_settings: Mapping[str, Mapping[str, Any]] | None = None,
        **overrides: object,
    ) -> Delivered:
        """Run a handler on a sample, as a worker would.

        Args:
            handler: The function with its `@on`.
            sample: Its name, such as `issue.created`; `vedette trigger list` names them all. Or the path of a file with
                the body of a webhook that was kept, in JSON. For `@every` it is `schedule.due`.
            resource: The kind of the file's body; recognised unless given.
            mode: The mode of its writes.
            grant: Its grant; by default just its needs.
            settings: Its own settings, as in its table of vedette.toml.
            provide: Objects instead of those of `@provide` functions, by the names of these functions.
            provide_settings: The settings `[provide.NAME]` of those that are called.
            overrides: Values to replace in the sample: `level="fatal"` in its issue or event, or a whole path with two
                underscores between its parts, `actor__name="Ann"`.

        Raises:
            SamplePathError: An override names nothing that the sample or file has.
            UnrecognisedBodyError: The file holds no body of a webhook, or one of an unknown kind.
            UnusedReplacementError: `provide` names an object that the handler does not take.
        """
        replaced = provide or {}
        made = handler_of(handler, mode, grant, settings or {}, Providers(provide_settings, replaced))
        check_replacements(made, replaced)
        event = due_event(made) if sample == SCHEDULE_DUE and made.crons else event_of(sample, overrides, resource)

        def run(reminder: Reminder | None = None) -> Delivered:
            objects = ProvidedObjects(_PATIENCE, replaced)
            return asyncio.run(
                deliver_to(made, event, self.integration, self.redis_url, objects, again=run, reminder=reminder)
            )

        return run()
