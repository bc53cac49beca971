"""`vedette show DELIVERY`: one delivery with headers, body, runs, attempts and calls."""

import json
import sys
from typing import Annotated

import typer

from console.completion import complete_delivery
from console.exit_codes import explained, refuse
from console.rendering.delivery_detail import detail_object, print_detail
from console.rendering.terminal import make_console
from console.session import ask
from vedette.admin.lookup.delivery_detail import get_body, get_delivery
from vedette.store.deliveries.deliveries import DeliveryNotFoundError


def show(
    delivery: Annotated[
        str,
        typer.Argument(help="The delivery's id; `vedette deliveries` lists them.", autocompletion=complete_delivery),
    ],
    raw: Annotated[bool, typer.Option("--raw", help="Only the body as it came, for a fixture of a test.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for programs.")] = False,
) -> None:
    """Show one delivery: its headers and body, the runs on it, their attempts and their calls to Sentry.

    `--raw` writes what `vedette trigger --body`, `vedette rules test` and `sentry_world.deliver(Path(...))` read.
    Headers that may hold secrets, and signatures, are not stored.
    """
    try:
        with explained():
            if raw:
                sys.stdout.buffer.write(ask(lambda session: get_body(session, delivery)))
                return
            detail = ask(lambda session: get_delivery(session, delivery))
    except DeliveryNotFoundError as error:
        refuse(str(error))
    if as_json:
        sys.stdout.write(json.dumps(detail_object(detail)) + "\n")
        return
    print_detail(make_console(), detail)
