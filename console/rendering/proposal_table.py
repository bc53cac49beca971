"""Proposals as a table for people and as JSON objects for programs."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict

from rich.console import Console

from console.rendering.audit_table import because_of
from console.rendering.formatting import date_and_clock
from console.rendering.record_table import Column, print_listing
from vedette._core.printable import cropped
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
    columns: list[Column[Proposal]] = [
        Column("proposal", lambda one: one.id, heads=True),
        Column("since", lambda one: date_and_clock(one.at), heads=True, style="dim"),
        Column("until", lambda one: date_and_clock(one.expires), style="dim"),
        Column("who", lambda one: one.handler, style="cyan"),
        Column("what", lambda one: f"would have {one.intent}", wraps=True),
        Column("sends", sent_by, wraps=True),
        Column("because of", lambda one: because_of(one.event, one.because), wraps=True),
    ]
    print_listing(console, columns, proposals)
    console.print("`vedette approve ID` sends one, `vedette reject ID` drops it.", style="dim")


def sent_by(proposal: Proposal) -> str:
    """Return the request that an approval sends: the operation, its parameters, and the body."""
    about = " ".join((*proposal.parameters.values(), *(f"{name}={value}" for name, value in proposal.query)))
    body = "" if proposal.body is None else json.dumps(dict(proposal.body), ensure_ascii=False)
    return cropped(" ".join(filter(None, (proposal.operation, about, body))), _LONGEST)
