"""Proposals as a table for people and as JSON objects for programs."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict

from rich.console import Console
from rich.table import Table
from rich.text import Text

from console.rendering.audit_table import because_of
from console.rendering.formatting import date_and_clock
from vedette._core.printable import cropped, printable
from vedette.store.access.proposals import Proposal

_LONGEST = 1000
"""Length at which the table crops a request; `--json` has all of it."""


def print_proposals(console: Console, proposals: Sequence[Proposal], *, as_json: bool) -> None:
    """Print the writes that wait for a person."""
    if as_json:
        for proposal in proposals:
            sys.stdout.write(json.dumps(asdict(proposal)) + "\n")
        return
    if not proposals:
        console.print("Nothing waits for a yes or no.")
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("proposal", "since", "until", "who"):
        table.add_column(title, no_wrap=True)
    for title in ("what", "sends", "because of"):
        table.add_column(title, overflow="fold")
    for one in proposals:
        words = (
            *(one.id, date_and_clock(one.at), date_and_clock(one.expires), one.handler, f"would have {one.intent}"),
            *(sent_by(one), because_of(one.event, one.because)),
        )
        table.add_row(*(Text(printable(word)) for word in words))
    console.print(table)
    console.print("`vedette approve ID` sends one, `vedette reject ID` drops it.", style="dim")


def sent_by(proposal: Proposal) -> str:
    """Return the request that an approval sends: the operation, its parameters, and the body."""
    about = " ".join((*proposal.parameters.values(), *(f"{name}={value}" for name, value in proposal.query)))
    body = "" if proposal.body is None else json.dumps(dict(proposal.body), ensure_ascii=False)
    return cropped(" ".join(filter(None, (proposal.operation, about, body))), _LONGEST)
