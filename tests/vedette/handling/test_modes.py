from dataclasses import dataclass, field

import pytest

from vedette.api import OPERATIONS, Answer, Call
from vedette.handling.context import Context
from vedette.handling.modes import ModeTransport
from vedette.settings import Mode

READ = Call(OPERATIONS["issues.get"], {"organization_id_or_slug": "o", "issue_id": "1"})
WRITE = Call(
    OPERATIONS["issues.update"],
    {"organization_id_or_slug": "o", "issue_id": "1"},
    body={"status": "resolved"},
    intent="resolved SHOP-1",
)


@dataclass
class Wire:
    """The far end of a transport: keeps what reaches it."""

    calls: list[Call] = field(default_factory=list[Call])

    async def send(self, call: Call) -> Answer:
        self.calls.append(call)
        return Answer(200, body={})


@pytest.mark.parametrize(
    ("mode", "sent", "noted"),
    [("act", [READ, WRITE], ["resolved SHOP-1"]), ("observe", [READ], ["would have resolved SHOP-1"])],
)
async def test_a_mode_decides_what_becomes_of_writes_and_lets_reads_pass(
    mode: Mode, sent: list[Call], noted: list[str]
) -> None:
    wire, context = Wire(), Context("d", "h", 1, mode)
    transport = ModeTransport(wire, context)
    assert (await transport.send(READ)).sent
    assert (await transport.send(WRITE)).sent is (mode == "act")
    assert wire.calls == sent
    assert context.done == noted
