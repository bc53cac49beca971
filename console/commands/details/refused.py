"""`vedette refused`: the requests that the receivers refused, with the reason and the likely cause."""

import json
import sys
from dataclasses import asdict

from console.exit_codes import explained
from console.filters import AsJson
from console.rendering.formatting import date_and_clock
from console.rendering.record_table import Column, print_listing
from console.rendering.terminal import echo, make_console
from console.session import ask
from vedette.admin.lookup.refused_requests import RefusedRequests, list_refused


def refused(as_json: AsJson = False) -> None:
    """Show the requests that the receivers refused in the last day: reason, count, when, and the likely cause.

    Receivers report them every five seconds; the counts are since their start.
    """
    with explained():
        found = ask(list_refused)
    if as_json:
        for one in found:
            sys.stdout.write(json.dumps(asdict(one)) + "\n")
        return
    if not found:
        echo("No receiver has refused a request, or none has reported within the last day.")
        return
    columns: list[Column[RefusedRequests]] = [
        Column("last", lambda one: date_and_clock(one.last) if one.last else "-", heads=True, style="dim"),
        Column("reason", lambda one: one.reason, heads=True, style="red"),
        Column("count", lambda one: str(one.count), heads=True, justify="right"),
        Column("integration", lambda one: one.integration or "-"),
        Column("likely cause", lambda one: one.hint, wraps=True),
    ]
    print_listing(make_console(), columns, found)
