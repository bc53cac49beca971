"""The filters that `vedette audit` and `vedette undo` share, so that they are spelled and mean the same in both."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated

import typer

from console.known_names import UnknownNameError, handlers_ever
from vedette.store.access.audit_log import Audit, AuditEntry
from vedette.store.server.client import RedisClient
from vedette.store.server.clock import server_time

HandlerOption = Annotated[str, typer.Option("--handler", help="Only what this handler did.")]
IssueOption = Annotated[str, typer.Option("--issue", help="Only what was done to this issue: its id or short id.")]
RuleOption = Annotated[str, typer.Option("--rule", help="Only what this rule did: its name.")]
ProjectOption = Annotated[str, typer.Option("--project", help="Only what was done in this project: its slug.")]
UntilOption = Annotated[str, typer.Option("--until", help="Only what happened before this age: 30m, 24h, 7d.")]


@dataclass(frozen=True)
class AuditFilter:
    """What is asked for; an empty text asks for all."""

    handler: str = ""
    issue: str = ""
    """Id or short id."""
    rule: str = ""
    project: str = ""
    """Slug."""
    since_age: int = 0
    """Milliseconds: only what is at most so old; 0 for any age."""
    until_age: int = 0
    """Milliseconds: only what is at least so old."""

    def is_empty(self) -> bool:
        """Return whether no name is asked for."""
        return not (self.handler or self.issue or self.rule or self.project)

    def keep(self, entry: AuditEntry) -> bool:
        """Return whether an entry is asked for, its age aside."""
        return all(not wanted or _is_in(wanted, name, _values(name, [entry])) for name, wanted in self._wanted())

    async def span(self, client: RedisClient) -> tuple[int, int]:
        """Return the first and the last moment that are asked for, Unix time in milliseconds by the server's clock."""
        now = round(await server_time(client) * 1000)
        return (now - self.since_age if self.since_age else 0), now - self.until_age

    async def refuse_unknown(self, client: RedisClient, audit: Audit) -> None:
        """Refuse a name that nothing knows; for the case that nothing was found.

        Raises:
            UnknownNameError: With the nearest known name.
        """
        if self.is_empty():
            return
        entries = [entry async for entry in audit.newest()]
        for kind, wanted in self._wanted():
            known = await handlers_ever(client, audit) if kind == "handler" else _values(kind, entries)
            if wanted and not _is_in(wanted, kind, known):
                raise UnknownNameError(kind, wanted, known, where="" if kind == "handler" else " in the audit")

    def _wanted(self) -> tuple[tuple[str, str], ...]:
        return ("handler", self.handler), ("issue", self.issue), ("rule", self.rule), ("project", self.project)


def _is_in(wanted: str, kind: str, names: set[str]) -> bool:
    """Return whether a name is among others; the case of letters counts for all but issues."""
    return wanted.casefold() in {name.casefold() for name in names} if kind == "issue" else wanted in names


def _values(kind: str, entries: Iterable[AuditEntry]) -> set[str]:
    """Return what entries say of a kind of name."""
    found: set[str] = set()
    for entry in entries:
        if kind == "issue":
            several: object = entry.facts.get("issues")
            found.update(map(str, several) if isinstance(several, list) else ())  # pyright: ignore[reportUnknownArgumentType]  # JSON
            found.update((entry.text("issue"), entry.text("label")))
        elif kind == "rule":
            found.add(rule_of(entry))
        else:
            found.add(entry.text(kind))
    return found - {""}


def rule_of(entry: AuditEntry) -> str:
    """Return the rule that a write was made by; empty where it was none."""
    because = entry.text("because")
    return entry.text("rule") or (because.removeprefix("rule ") if because.startswith("rule ") else "")
