"""A parameter that is annotated with something else than it will be given is named when its plugin is loaded."""

from pathlib import Path

import pytest

from vedette.events.catalog import known_names
from vedette.plugins.discovery import discover
from vedette.plugins.registry import Registry
from vedette.settings.settings import Settings

HEAD = """
import logging
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any, Protocol, TYPE_CHECKING, TypeVar
import structlog
from vedette import Context, Event, Sentry, on, provide
from vedette.events import *
if TYPE_CHECKING:
    from elsewhere import Nowhere
Some = TypeVar("Some", bound=Event)

class Sayer(Protocol):
    def say(self) -> None: ...

class Chat:
    def say(self) -> None: ...

@provide
async def chat() -> AsyncIterator[Chat]:
    yield Chat()

@provide
def count() -> int: ...

@provide
def unsaid(): ...

"""


def find(tmp_path: Path, patterns: str, parameters: str) -> Registry:
    (tmp_path / "plugin.py").write_text(f"{HEAD}\n@on({patterns})\nasync def alarm({parameters}) -> None: ...\n")
    return discover(Settings(plugins=(tmp_path / "plugin.py",)), frozenset(known_names()))


@pytest.mark.parametrize(
    ("patterns", "parameters"),
    [
        ("'issue.created'", "event: IssueEvent, ctx: Context, sentry: Sentry"),
        ("'issue.*', 'comment.created'", "event: IssueEvent | CommentEvent"),
        ("'issue.created'", "event: 'IssueEvent | CommentEvent | None'"),
        ("'*'", "event: Event, ctx: Any, sentry: object"),
        ("'issue.created'", "event: Annotated[IssueEvent, 'the newest']"),
        ("'issue.created'", "event: Some"),
        ("'issue.created'", "event: 'Nowhere', ctx: int"),
        ("'*'", "log: structlog.typing.FilteringBoundLogger, chat: Chat, count: int, unsaid: str"),
        ("'*'", "log: structlog.stdlib.BoundLogger, chat: Sayer, count: object"),
    ],
)
def test_what_fits_is_taken(tmp_path: Path, patterns: str, parameters: str) -> None:
    assert find(tmp_path, patterns, parameters).problems == []


@pytest.mark.parametrize(
    ("patterns", "parameters", "told"),
    [
        (
            "'issue.created', 'comment.created'",
            "event: IssueEvent",
            'would be given a CommentEvent for "comment.created": write `event: CommentEvent | IssueEvent`',
        ),
        ("'error.created'", "event: IssueEvent", "write `event: ErrorEvent`"),
        ("'*'", "event: IssueEvent", 'would be given any Event for "*": write `event: Event`'),
        ("'issue.created'", "event: dict[str, object]", "write `event: IssueEvent`"),
        ("'issue.created'", "event: Sentry", "wants `event: Sentry`"),
        ("'*'", "ctx: Event", "write `ctx: Context`"),
        ("'*'", "sentry: Context", "write `sentry: Sentry`"),
        ("'*'", "notify: Sentry", "would be given a Notify: write `notify: Notify`"),
        ("'*'", "log: logging.Logger", "write `log: structlog.typing.FilteringBoundLogger`"),
        ("'*'", "chat: int", "would be given the Chat of the provider chat: write `chat: Chat`"),
        ("'*'", "count: str | None", "wants `count: str | None` and would be given the int of the provider count"),
    ],
)
def test_what_does_not_fit_is_told_with_what_to_write(
    tmp_path: Path, patterns: str, parameters: str, told: str
) -> None:
    registry = find(tmp_path, patterns, parameters)
    assert "alarm" not in registry.handlers
    assert told in registry.problems[0].reason
