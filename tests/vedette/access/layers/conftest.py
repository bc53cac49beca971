"""One layer of the gate at a time, between a recording end and services that keep what they are given in memory."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from vedette.access.call_recorder import CallRecorder
from vedette.access.context import CallContext, IntegrationConnection
from vedette.access.issue_cache import CachedIssue, IssueCache
from vedette.access.prepared_call import UNRESOLVED, PreparedCall
from vedette.access.targets import CallTarget
from vedette.api import OPERATIONS, Answer, Call
from vedette.permissions.authorization import Access
from vedette.permissions.grants import Grant
from vedette.permissions.principal import Principal
from vedette.settings.access import AccessSettings
from vedette.store.access.departures import Departure
from vedette.store.access.own_writes import WriteNotes

ISSUE = CachedIssue("1", "SHOP-1", "shop", {"status": "unresolved"})
GRANT = Grant(scopes=("event:admin", "project:admin", "org:admin"))
SHOWN = {"id": "1", "shortId": "SHOP-1", "status": "resolved", "project": {"id": "7", "slug": "shop", "name": "Shop"}}


@dataclass
class End:
    """An inner layer or transport that records calls, and answers or raises as configured."""

    answer: Answer = field(default_factory=lambda: Answer(200, body=dict(SHOWN)))
    error: Exception | None = None
    calls: list[Any] = field(default_factory=list[Any])

    async def send(self, call: Any) -> Answer:
        self.calls.append(call)
        if self.error is not None:
            raise self.error
        return self.answer

    @property
    def only(self) -> PreparedCall:
        (call,) = self.calls
        return call


@dataclass
class Ledger:
    """Audit, counters, budgets, proposals, own writes and sent messages in memory; the log has their order."""

    log: list[str] = field(default_factory=list[str])
    entries: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list[tuple[str, Mapping[str, Any]]])
    counted: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    departures: list[Departure] = field(default_factory=list[Departure])
    proposed: dict[str, Any] = field(default_factory=dict[str, Any])
    forgotten: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])
    sent: set[str] = field(default_factory=set[str])
    threads: dict[str, str] = field(default_factory=dict[str, str])

    async def append(self, kind: str, facts: Mapping[str, Any], *, counter: str = "") -> int:
        self.entries.append((kind, facts))
        self.log.append(kind)
        if counter:
            key, _, result = counter.rpartition(" ")
            self.counted.append((key, result))
        return len(self.entries)

    async def depart(self, departure: Departure, facts: Mapping[str, Any]) -> int:
        self.departures.append(departure)
        return await self.append("call", facts)

    async def count(self, key: str, result: str) -> None:
        self.counted.append((key, result))

    def count_soon(self, key: str, result: str) -> None:
        self.counted.append((key, result))

    async def propose(self, proposal: Any) -> bool:
        is_new = proposal.id not in self.proposed
        self.proposed.setdefault(proposal.id, proposal)
        return is_new

    async def forget(self, issue: str, note: str) -> None:
        self.forgotten.append((issue, note))

    @property
    def decisions(self) -> list[str]:
        return [facts["decision"] for kind, facts in self.entries if kind == "call"]


class OwnWrites:
    def __init__(self, ledger: Ledger) -> None:
        self.forget = ledger.forget

    def notes_of(self, issues: Any, key: str, names: Any, text: str, *, person: bool) -> WriteNotes:
        return WriteNotes(dict.fromkeys(issues, "note"), repr((key, names, text, person)))


class SentMessages:
    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    async def has(self, identifier: str) -> bool:
        return identifier in self._ledger.sent

    async def note(self, identifier: str) -> None:
        self._ledger.sent.add(identifier)

    async def reference(self, channel: str, thread: str) -> str | None:
        return self._ledger.threads.get(f"{channel} {thread}")

    async def begin(self, channel: str, thread: str, reference: str) -> None:
        self._ledger.threads[f"{channel} {thread}"] = reference


class Token:
    """The scopes that Sentry shows for the token."""

    scopes: frozenset[str] | None = None

    async def get(self) -> frozenset[str] | None:
        return self.scopes


@pytest.fixture
def end() -> End:
    return End()


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def services(ledger: Ledger) -> Any:
    return SimpleNamespace(
        settings=AccessSettings(),
        audit=ledger,
        departures=ledger,
        budgets=ledger,
        proposals=ledger,
        own_writes=OwnWrites(ledger),
        sent_messages=SentMessages(ledger),
        # Layers with handlers' calls never ask them.
        agents=SimpleNamespace(untrusted_reads=None),
    )


@pytest.fixture
def connection(end: End) -> IntegrationConnection:
    cache = IssueCache("acme")
    cache.issues["1"] = ISSUE
    end_transport, token = cast("Any", end), cast("Any", Token())
    return IntegrationConnection("default", "acme", end_transport, token, cache, tenant="sentry.example/acme")


@pytest.fixture
def recorder(services: Any, connection: IntegrationConnection) -> CallRecorder:
    return CallRecorder(services, connection)


@pytest.fixture
def notes() -> list[str]:
    """The sentences for the summary of the run."""
    return []


@pytest.fixture
def prepare(notes: list[str]) -> Callable[..., PreparedCall]:
    """Make a prepared call of a handler with the grant."""

    def make(
        name: str = "issues.update",
        *,
        grant: Grant = GRANT,
        needs: tuple[str, ...] = GRANT.scopes,
        body: dict[str, Any] | None = None,
        context: dict[str, Any] | None = None,
        call: dict[str, Any] | None = None,
        **more: Any,
    ) -> PreparedCall:
        operation = OPERATIONS[name]
        values = {"organization_id_or_slug": "acme", "project_id_or_slug": "shop", "issue_id": "1"}
        parameters = {each: values.get(each, "1") for each in operation.parameters}
        sent = body or ({"status": "resolved"} if operation.writes else None)
        made = replace(Call(operation, parameters, body=sent), **(call or {}))
        access = Access(Principal("handler", "triage"), needs, grant)
        calls = CallContext(access, "plugin 1.0", "act", delivery="d1", event="issue.created", note=notes.append)
        target = CallTarget((ISSUE,), frozenset({"shop"})) if operation.writes else UNRESOLVED
        return replace(PreparedCall(made, replace(calls, **(context or {})), target), **more)

    return make
