"""`seer` webhooks: Sentry's debugging agent started or finished a step on an issue.

Root cause, solution and code changes are a model's output, and their shape changed several times: they stay free
objects. Steps that failed send nothing.
"""

from dataclasses import dataclass
from typing import Any

from pydantic import Field

from vedette.events.event import Event
from vedette.events.payload.fields import Identifier, Items, Maybe, Object, Part, Payload


class PullRequestRef(Payload):
    """A pull request at its host."""

    pr_id: Maybe[Identifier]
    pr_number: Maybe[int]
    pr_url: Maybe[str]


class SeerPullRequest(Payload):
    """A pull request that Seer opened or changed."""

    repo_name: Maybe[str]
    provider: Maybe[str]
    pull_request: Part[PullRequestRef]


class SeerData(Payload):
    """Content of a `seer` webhook; fields depend on the action and on the version of the server."""

    run_id: Maybe[Identifier]
    sentry_run_id: Maybe[Identifier]
    group_id: Maybe[Identifier]
    """Id of the issue."""
    iteration_index: Maybe[int]
    root_cause: Object = Field(repr=False)
    """`one_line_description`, `five_whys`, `reproduction_steps`; older servers: `description`, `steps`."""
    solution: Object = Field(repr=False)
    """`one_line_summary`, `steps`; older servers: `description`, `steps`."""
    code_changes: Object = Field(repr=False)
    """Per repository, a list of files with `path`, `diff`, `added`, `removed`."""
    changes: Items[dict[str, Any]] = Field(repr=False)
    """What older servers send instead of `code_changes`."""
    pull_requests: Items[SeerPullRequest]


@dataclass(frozen=True, kw_only=True, repr=False)
class SeerEvent(Event):
    """Seer started or finished a step. The issue itself is not in the payload, nor is its project."""

    data: SeerData

    @property
    def run_id(self) -> str | None:
        """Id of Seer's run."""
        return self.data.run_id or self.data.sentry_run_id

    @property
    def issue_id(self) -> str | None:
        """Id of the issue that Seer works on."""
        return self.data.group_id

    @property
    def summary(self) -> str | None:
        """One line about the root cause or the solution, from whichever shape the server sends."""
        for artifact, key in (
            (self.data.root_cause, "one_line_description"),
            (self.data.solution, "one_line_summary"),
            (self.data.root_cause, "description"),
            (self.data.solution, "description"),
        ):
            text: object = artifact.get(key)
            if isinstance(text, str) and text:
                return text
        return None

    @property
    def pull_request_urls(self) -> list[str]:
        """Links of the pull requests, on `pr_created` and `iteration_completed`."""
        urls = (entry.pull_request.pr_url for entry in self.data.pull_requests)
        return [url for url in urls if url]
