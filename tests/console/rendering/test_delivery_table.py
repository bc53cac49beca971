"""What a listing says of a delivery."""

import io
import json

import pytest
from rich.console import Console

from console.rendering.delivery_table import print_deliveries
from console.rendering.formatting import outcome_of
from vedette.store.deliveries.deliveries import DeliverySummary

ONE = DeliverySummary(
    id="0" * 26,
    integration="default",
    source="webhook",
    resource="issue",
    action="resolved",
    subject="issue:42",
    issue="42",
    label="SHOP-4K",
    title="KeyError: \x1b[31mtotal",
    accepted=1_800_000_000_000,
    size=2,
    quarantined=None,
    duplicates=0,
    repetitions=2,
    runs=(),
    finished=1,
)


def test_what_nobody_asks_for_shows_short_id_title_and_repetitions(capsys: pytest.CaptureFixture[str]) -> None:
    shown = io.StringIO()
    print_deliveries(Console(file=shown, width=200), [(ONE, [])], as_json=False)
    assert "SHOP-4K" in shown.getvalue()
    assert (
        outcome_of(ONE, [])
        == "no handler asks for it: KeyError: \\x1b[31mtotal · the same body was accepted 2 times before"
    )
    print_deliveries(Console(), [(ONE, [])], as_json=True)
    told = json.loads(capsys.readouterr().out)
    assert (told["label"], told["title"], told["repetitions"]) == ("SHOP-4K", ONE.title, 2)
