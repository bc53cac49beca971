"""Filter options of the commands that list, replay, discard and undo, with one spelling for each filter."""

import time
from collections.abc import Callable
from typing import Annotated, TypeVar

import typer

from console.completion import complete_handler, complete_issue, complete_resource, complete_state
from console.exit_codes import WRONG_USAGE, refuse
from vedette._core.durations import UnreadableDurationError, parse_age, parse_duration
from vedette.permissions.principal import Principal

Since = Annotated[str, typer.Option(help="Only those accepted or ended within this age: 30m, 24h, 7d.")]
Resource = Annotated[str, typer.Option(help="Only of this resource, such as issue.", autocompletion=complete_resource)]
Handler = Annotated[str, typer.Option(help="Only of this handler.", autocompletion=complete_handler)]
Issue = Annotated[
    str,
    typer.Option(help="Only about this issue: its id, or its short id such as SHOP-4K.", autocompletion=complete_issue),
]
Limit = Annotated[int, typer.Option(min=1, help="At most so many, the newest first.")]
Group = Annotated[str, typer.Option(help="Only of this group, as `vedette dead --by error` lists it.")]
Rule = Annotated[str, typer.Option(help="Only those in which this rule matched: its name.")]
Until = Annotated[str, typer.Option(help="Only those older than this age: 30m, 24h, 7d.")]
Follow = Annotated[bool, typer.Option("--follow", "-f", help="Go on with what happens from now on, until Ctrl-C.")]
State = Annotated[
    str, typer.Option(help="Only in this state, such as running, waiting or dead.", autocompletion=complete_state)
]

AuditHandler = Annotated[
    str, typer.Option("--handler", help="Only calls of this handler.", autocompletion=complete_handler)
]
AuditAgent = Annotated[str, typer.Option("--agent", help="Only calls of this agent, its reads included.")]
AuditIssue = Annotated[str, typer.Option("--issue", help="Only calls about this issue: its id or short id.")]
AuditRule = Annotated[str, typer.Option("--rule", help="Only calls of this rule: its name.")]
AuditProject = Annotated[str, typer.Option("--project", help="Only calls about this project: its slug.")]
AuditUntil = Annotated[str, typer.Option("--until", help="Only entries older than this age: 30m, 24h, 7d.")]

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line, for programs.")]
By = Annotated[str, typer.Option("--by", help="Name of the person, for the audit; the system's user unless given.")]

NO_MATCH = "No match: nothing that is kept fits these filters."
_Number = TypeVar("_Number", int, float)


def principal_or_exit(handler: str, agent: str) -> str:
    """Return the key of the handler or agent that is asked for, or an empty text; end the command if both are."""
    if handler and agent:
        refuse("Give --handler or --agent, and not both.", WRONG_USAGE)
    return Principal("agent", agent).key if agent else handler


def age_or_exit(text: str) -> int:
    """Return an age in milliseconds; end the command if it cannot be read."""
    return _read_or_exit(parse_age, text)


def seconds_or_exit(text: str) -> float:
    """Return a positive duration in seconds; end the command if it cannot be read."""
    return _read_or_exit(parse_duration, text)


def since_or_exit(text: str) -> int:
    """Return the Unix time in milliseconds that is an age ago; end the command if it cannot be read."""
    return max(0, round(time.time() * 1000) - age_or_exit(text))


def until_or_exit(text: str) -> int:
    """Return the Unix time in milliseconds that is an age ago, 0 for no age; end the command if it cannot be read."""
    return since_or_exit(text) if text else 0


def _read_or_exit(read: Callable[[str], _Number], text: str) -> _Number:
    try:
        return read(text)
    except UnreadableDurationError as error:
        refuse(str(error), WRONG_USAGE)
