"""Appends entries to the audit's chain, in one round trip where no other process has appended meanwhile.

The newest entry is remembered in the process. A script answers the state of the chain with each reply, also when the
entry did not follow the newest one, which is then made again. Times are the server's: its clock is remembered too, and
an entry whose time is more than ten seconds away from it is not appended.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from vedette._core.user_error import UserError
from vedette.store.access.audit_chain import chained
from vedette.store.server.client import Value
from vedette.store.server.keys import AUDIT_HEAD

_TRIES = 200
_APPENDED, _CONFLICT = 1, 0

AppendScript = Callable[[Sequence[Value]], Awaitable[Any]]
"""Runs a script with the arguments of an entry, and returns its verdict with the chain's state or a refusal."""


class AuditBusyError(UserError):
    """An entry found no place in the chain."""

    def __init__(self) -> None:
        super().__init__("the audit could not be written for the crowd of others: the write was not sent; try it again")


class UnreadableAuditError(UserError):
    """The value in Redis for the audit's newest number is not a number."""

    def __init__(self) -> None:
        super().__init__(
            f"the audit's head in Redis ({AUDIT_HEAD}) was altered: nothing can be written down, and no write is "
            "sent: `vedette audit verify` says what is left; without that key a new chain begins"
        )


class AppendRefusedError(Exception):
    """The script refused the write that the entry is about; nothing was appended.

    Attributes:
        refusal: The script's reply.
    """

    def __init__(self, refusal: list[Any]) -> None:
        self.refusal = refusal
        super().__init__()


@dataclass(frozen=True, slots=True)
class _ChainState:
    """The newest entry, the server's clock, and the oldest entries that are past their age."""

    number: bytes = b"0"
    hash: bytes = b""
    now: int = 0
    """Unix time in milliseconds, when the server replied."""
    expired: Sequence[bytes] = ()
    read_at: float = field(default_factory=lambda: time.monotonic())  # noqa: PLW0108 - tests change the clock

    def clock(self) -> int:
        """Return the server's time now, in milliseconds."""
        return self.now + int((time.monotonic() - self.read_at) * 1000)


class AuditAppender:
    """The appending end of the chain, as this process knows it."""

    def __init__(self, age: float) -> None:
        """Prepare.

        Args:
            age: Seconds after which an entry is removed.
        """
        self._age = round(age * 1000)
        self._state = _ChainState()
        self._turn = asyncio.Lock()

    async def append(self, script: AppendScript, kind: str, facts: Mapping[str, Any]) -> int:
        """Append an entry with a script and return its number.

        Raises:
            AuditBusyError: Too many others appended at the same time.
            UnreadableAuditError: The newest entry's number was altered.
            AppendRefusedError: The script refuses the write that the entry is about.
        """
        async with self._turn:
            for _ in range(_TRIES):
                verdict, answer = await script(self._arguments(kind, facts))
                if verdict not in {_APPENDED, _CONFLICT}:
                    raise AppendRefusedError(answer)
                self._state = _ChainState(answer[0], answer[1], int(answer[2]), answer[3])
                if not self._state.number.isdigit():
                    raise UnreadableAuditError
                if verdict == _APPENDED:
                    return int(self._state.number)
        raise AuditBusyError

    def _arguments(self, kind: str, facts: Mapping[str, Any]) -> list[Value]:
        state = self._state if self._state.number.isdigit() else _ChainState()
        number, at, past = int(state.number) + 1, state.clock(), state.expired
        entry_facts: dict[str, Any] = {"at": at, "kind": kind, **facts}
        if past:
            entry_facts["removed"] = {"upto": int(past[0]), "at": int(past[2])}
        entry = json.dumps(entry_facts, separators=(",", ":"), sort_keys=True)
        hashed = chained(state.hash.decode(), number, entry)
        removed: tuple[Value, Value] = (int(past[0]), past[1]) if past else (0, "")
        return [self._age, state.hash, number, at, hashed, entry, *removed]
