"""Proposals as people and programs read them."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from console.audit_listing import because_of
from console.wording import date_and_clock
from vedette.store.proposals import Proposal


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
    for title in ("proposal", "since", "until", "who", "what", "because of"):
        table.add_column(title, no_wrap=title != "what")
    for one in proposals:
        until = date_and_clock(one.expires)
        table.add_row(
            one.id,
            date_and_clock(one.at),
            until,
            one.handler,
            f"would have {one.intent}",
            because_of(one.event, one.because),
        )
    console.print(table)
    console.print("`vedette approve ID` sends one, `vedette reject ID` drops it.", style="dim")
