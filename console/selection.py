"""The filters that listing commands share, so that they are spelled and mean the same everywhere."""

from dataclasses import dataclass
from typing import Annotated

import typer

from console import listings
from console.failures import WRONG_USAGE
from vedette.store.deliveries import DeliverySummary

Since = Annotated[str, typer.Option(help="Only what came or ended within this age: 30m, 24h, 7d.")]
Resource = Annotated[str, typer.Option(help="Only of this resource, such as issue.")]
Handler = Annotated[str, typer.Option(help="Only of this handler.")]
Issue = Annotated[str, typer.Option(help="Only about this issue: its id, or its name such as SHOP-4K.")]
Limit = Annotated[int, typer.Option(min=1, help="At most so many, the newest first.")]


@dataclass(frozen=True)
class Selection:
    """What is asked for; an empty text asks for all."""

    since: int = 0
    """Unix time in milliseconds."""
    resource: str = ""
    handler: str = ""
    issue: str = ""
    limit: int = 50

    def takes(self, delivery: DeliverySummary, handler: str) -> bool:
        """Return whether a handler's run on a delivery is asked for."""
        return (
            self.resource in {"", delivery.resource}
            and self.handler in {"", handler}
            and self.issue in {"", delivery.issue, delivery.label}
        )


def since_or_exit(text: str) -> int:
    """Read an age, or end the command with what would be right."""
    try:
        return listings.parse_since(text)
    except ValueError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(WRONG_USAGE) from None
