"""bench/deliveries.py gives a verdict, and its parts do what the figures are said to be."""

import sys
from pathlib import Path
from typing import Any

import httpx2
import pytest

from bench import machine
from bench.delivery_parts.ours import Ours
from bench.delivery_parts.processes import process
from bench.delivery_parts.rounds import Figures, Load, median
from bench.delivery_parts.verdict import Results, missed
from bench.delivery_parts.webhooks import SECRET, Webhooks
from bench.receiver_parts.report import Report
from receiver.verification.signatures import Keyring
from vedette.events import parse

ROOT = Path(__file__).parents[2]
SENTRY = ROOT / "bench" / "delivery_parts" / "thin_sentry.py"
GOOD = Figures(2000.0, 100.0, 500.0, 100.0, 28.0, 3.0)


def results(**changed: Any) -> Results:
    figures = {("no-op", "ours"): GOOD, ("one write", "ours"): GOOD}
    return Results(figures=figures | changed.pop("figures", {}), **changed)


def test_good_figures_miss_nothing() -> None:
    assert missed(results(latencies={"ours": (5.0, 12.0), "saq": (9.0, 30.0)}, calls={("no-op", "ours"): 900.0})) == []


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"figures": {("no-op", "ours"): Figures(900.0, *[1.0] * 5)}}, "no-op: 900 deliveries a second"),
        ({"figures": {("no-op", "ours"): Figures(2000.0, 1.0, 1.0, 1.0, 85.0, 1.0)}}, "85.0 commands of Valkey"),
        ({"figures": {("no-op", "before"): Figures(900.0, 1.0, 1000.0, 400.0, 1.0, 1.0)}}, "workers take 0.50 of the"),
        ({"figures": {("one write", "before"): Figures(9.0, 1.0, 9000.0, 120.0, 1.0, 1.0)}}, "Valkey take 0.83 of the"),
        ({"figures": {("one write", "saq"): GOOD}}, "one write: 1.00 of the rate of saq"),
        ({"latencies": {"ours": (5.0, 22.0), "saq": (9.0, 20.0)}}, "p99 is 22.0 ms, and that of saq is 20.0 ms"),
        ({"calls": {("one write", "ours"): 3600.0}}, "3600 Python calls, and at most 3500"),
    ],
)
def test_a_figure_that_misses_its_goal_is_one_sentence(changed: dict[str, Any], sentence: str) -> None:
    (found,) = missed(results(**changed))
    assert sentence in found


def test_a_median_is_taken_figure_by_figure() -> None:
    rounds = [Figures(*[float(number)] * 6) for number in (3, 1, 2)]
    assert median(rounds) == Figures(*[2.0] * 6)


def test_a_busy_machine_is_said() -> None:
    found = machine.Machine(cores=2, load=1.5, calibration=machine.calibrate())
    assert "load average was 1.50" in found.problem()
    assert "times as long" in machine.Machine(cores=2, load=0.0, calibration=0.001).problem()


@pytest.mark.parametrize("resource", ["issue", "error"])
def test_a_webhook_is_signed_and_about_an_issue_of_its_own(resource: str) -> None:
    webhooks = Webhooks(resource, 7001)
    for wanted in ("7001", "7002"):
        number, request = webhooks.next()
        head, _, body = request.partition(b"\r\n\r\n")
        signature = head.partition(b"Sentry-Hook-Signature: ")[2].split(b"\r\n")[0]
        assert Keyring([SECRET]).match(body, signature) is not None
        assert (number, parse(resource, body).issue_id) == (wanted, wanted)


def test_the_thin_sentry_notes_writes_by_issue(tmp_path: Path) -> None:
    with process(sys.executable, SENTRY, folder=tmp_path, PYTHONPATH=str(ROOT)) as sentry:
        assert sentry.stdout is not None
        url = sentry.stdout.readline().strip()
        issue = f"{url}/api/0/organizations/acme/issues/42/"
        assert httpx2.get(issue, timeout=30).json()["status"] == "unresolved"
        assert httpx2.put(issue, json={"status": "resolved"}, timeout=30).json()["status"] == "resolved"
        found = httpx2.get(f"{url}/_effects", timeout=30).json()
    assert (found["count"], list(found["first"])) == (1, ["42"])


def test_a_small_backlog_is_handled_and_measured(tmp_path: Path, redis_url: str) -> None:
    with process(sys.executable, SENTRY, folder=tmp_path, PYTHONPATH=str(ROOT)) as sentry:
        assert sentry.stdout is not None
        load = Load(redis_url, sentry.stdout.readline().strip())
        found = load.backlog(Ours("ours"), "one write", 20)
    assert found.rate > 0
    assert found.commands > 10


@pytest.mark.parametrize(
    ("found", "most", "least", "is_missed"),
    [(20.0, 20.0, 20.0, False), (20.1, 20.0, 0.0, True), (19.9, 30.0, 20.0, True), (float("nan"), 20.0, 0.0, True)],
)
def test_the_report_of_the_receiver_fails_where_a_bound_is_missed(
    found: float, most: float, least: float, is_missed: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    report = Report(as_json=True)
    report.at_most("p99", found, most, "ms")
    report.at_least("rate", found, least, "1/s")
    assert report.failed is is_missed
    assert len(capsys.readouterr().out.splitlines()) == 2
