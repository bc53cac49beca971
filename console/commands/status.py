"""`vedette status`: the state of everything on one screen, with one exit code."""

import json
import sys
import time
from datetime import datetime
from typing import Annotated

import typer
from rich.console import Group
from rich.live import Live

from console.exit_codes import explained
from console.filters import AsJson
from console.instance import find_instance
from console.rendering.status_screen import screen_of
from console.rendering.terminal import make_console
from console.session import ask, running_receiver
from vedette._core.version import vedette_version
from vedette.admin.status import SystemStatus, get_status
from vedette.settings.settings import load_settings

_WIDEST = 100
EACH = 2.0
"""Seconds between two looks with `--watch`."""


def status(
    watch: Annotated[bool, typer.Option("--watch", help="Look again every 2 s, until Ctrl-C.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the state of everything: receivers, Redis, workers, queues, tokens, alarms and what waits for people.

    Exit code 0: all is well. 1: there are warnings. 2: something is broken.
    """
    with explained():
        url = running_receiver(find_instance(load_settings()))
        found = _watch(url, as_json=as_json) if watch else _show(_read(url), as_json=as_json)
    raise typer.Exit(found.exit_code)


def _read(url: str) -> SystemStatus:
    return ask(lambda session: get_status(session, url), shows_outages=True)


def _show(found: SystemStatus, *, as_json: bool) -> SystemStatus:
    if as_json:
        sys.stdout.write(json.dumps(found.to_json_object()) + "\n")
        sys.stdout.flush()
        return found
    console = make_console()
    for row in screen_of(found, _title(), min(console.width, _WIDEST)):
        console.print(row, no_wrap=True, overflow="ellipsis", soft_wrap=True)
    return found


def _watch(url: str, *, as_json: bool) -> SystemStatus:
    found = _read(url)
    console = make_console()
    try:
        if as_json or not console.is_terminal:
            while True:
                _show(found, as_json=as_json)
                time.sleep(EACH)
                found = _read(url)
        with Live(console=console, screen=True, auto_refresh=False) as live:
            while True:
                live.update(Group(*screen_of(found, _title(), min(console.width, _WIDEST))), refresh=True)
                time.sleep(EACH)
                found = _read(url)
    except KeyboardInterrupt:
        return found


def _title() -> str:
    return f"Vedette {vedette_version()} at {datetime.now().astimezone():%H:%M:%S} is"
