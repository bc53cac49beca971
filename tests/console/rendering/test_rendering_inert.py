"""Whatever an event says, what the commands show has no effect on a terminal and makes up no line."""

import io
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from console.commands import dead
from console.commands.rules import app as rules_app
from console.rendering import backtest_report, delivery_table, terminal
from console.rendering.audit_table import print_lines
from console.rendering.dead_table import print_letters
from console.rendering.explanation import lines_of
from console.rendering.handler_table import print_handlers
from console.rendering.issue_links import IssueLinks
from console.rendering.live_feed import LiveFeed
from console.rendering.proposal_table import print_proposals
from console.rendering.run_table import print_runs
from console.rendering.terminal import InertConsole, echo, inert
from console.supervisor.log_relay import LogRelay
from tests.hostile_texts import HOSTILE_TEXTS
from vedette._core.printable import printable
from vedette.admin.audit import AuditLine
from vedette.admin.deliveries import DeliveryRun
from vedette.admin.explain import DeliveryExplanation
from vedette.admin.handlers import HandlerOverview
from vedette.events import samples
from vedette.rules.backtest.agreement import AgreementOutcome
from vedette.rules.backtest.report import BacktestReport, Disagreement, RuleReport
from vedette.store.access.audit_log import AuditEntry
from vedette.store.access.handler_roster import HandlerRoster, RosterHandler, RosterProblem
from vedette.store.access.proposals import Proposal
from vedette.store.deliveries.deliveries import DeliverySummary
from vedette.store.deliveries.journal import JournalEntry
from vedette.store.runs.dead_letters import DeadLetter
from vedette.store.runs.run import Run

AT = 1_795_000_000_000
OURS = re.compile(r"\x1b\[[0-9;]*m")
"""What rich itself writes: colours."""


class Terminal:
    """A terminal that records its output."""

    def __init__(self) -> None:
        self.out = io.StringIO()
        self.console = InertConsole(
            file=self.out,
            force_terminal=True,
            width=160,
            highlight=False,
            color_system="truecolor",
            legacy_windows=False,
        )

    def lines(self) -> list[str]:
        return OURS.sub("", self.out.getvalue()).splitlines()


def assert_inert(text: str) -> None:
    """Nothing is left but letters and the line breaks between lines."""
    text.encode("utf-8")
    shown = OURS.sub("", text)
    assert printable(shown, multiline=True) == shown
    assert "\t" not in shown


def delivery_of(text: str) -> DeliverySummary:
    return DeliverySummary(
        *("d1", "default", "webhook", "issue", text, text, text, text, text),
        *(AT, 10, None, 0, 0, ("triage",), AT),
    )


def run_of(text: str, state: str = "done") -> Run:
    return Run("d1", "triage", "act", state, 1, AT, AT, AT, 5, (text,), text, reason=text, source=text, deferral=None)


def entry_of(text: str) -> AuditEntry:
    facts: dict[str, Any] = dict.fromkeys(
        ("handler", "intent", "event", "because", "decision", "delivery", "error"), text
    )
    return AuditEntry(1, AT, "call", "h", facts)


def proposal_of(text: str) -> Proposal:
    return Proposal(
        id="p1", handler=text, source=text, needs=(), shipped=False, integration="default", delivery="d1", event=text,
        intent=text, operation="issues.update", parameters={}, query=(), body=None, issues=(), label=text, project=text,
        before={}, at=AT, expires=AT, because=text,
    )  # fmt: skip


SHORT = {name: text[:2000] for name, text in HOSTILE_TEXTS.items()}


@pytest.mark.parametrize("text", SHORT.values(), ids=SHORT)
def test_the_live_lines_of_up(text: str) -> None:
    terminal = Terminal()
    ticker = LiveFeed(terminal.console)
    for state in ("done", "retrying", "dead", "dropped"):
        ticker.show(JournalEntry("ended", "d1", text, text, AT, 3, text, state=state, did=(text,), error=text))
    log = LogRelay(terminal.console)
    log.show("worker", json.dumps({"level": "error", "event": text, "title": text}))
    log.show("worker", text.replace("\n", " "))
    assert_inert(terminal.out.getvalue())
    assert len(terminal.lines()) == 6


@pytest.mark.parametrize("text", SHORT.values(), ids=SHORT)
def test_log_lines_that_are_passed_on(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    LogRelay(Terminal().console, verbose=True).show("worker", text)
    passed = capsys.readouterr().err
    assert_inert(passed)
    assert passed.count("\n") == 1


@pytest.mark.parametrize("text", SHORT.values(), ids=SHORT)
def test_the_lists(text: str) -> None:
    terminal = Terminal()
    console, delivery, run = terminal.console, delivery_of(text), run_of(text)
    delivery_table.print_deliveries(console, [(delivery, [run])], as_json=False)
    print_lines(console, [AuditLine(entry_of(text), None)], as_json=False)
    print_proposals(console, [proposal_of(text)], as_json=False)
    handler = RosterHandler(text, (text,), "act", text, (text,), text, (text,), (text,), text, where=text)
    roster = HandlerRoster((handler,), (RosterProblem(text, text),), AT)
    print_handlers(console, HandlerOverview(roster), as_json=False)
    assert_inert(terminal.out.getvalue())


@pytest.mark.parametrize("text", SHORT.values(), ids=SHORT)
def test_runs_and_dead_letters(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(dead, "make_console", lambda: terminal.console)
    letter = DeadLetter(replace(run_of(text, "dead"), trace=f"Traceback\n  File x\n{text}"), delivery_of(text))
    print_runs(terminal.console, [DeliveryRun(letter.delivery, letter.run)], IssueLinks())
    print_letters(terminal.console, [letter], IssueLinks())

    def one(identifier: str) -> DeadLetter:
        assert identifier == "d1:triage"
        return letter

    monkeypatch.setattr(dead, "_one", one)
    dead.show("d1:triage")
    assert_inert(terminal.out.getvalue())
    assert "forged" not in {line.strip() for line in terminal.lines()[:-9]}


@pytest.mark.parametrize("text", SHORT.values(), ids=SHORT)
def test_explain(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    story = DeliveryExplanation(
        delivery_of(text), (run_of(text, "dead"),), {text: text}, (AuditLine(entry_of(text), None),), (text,)
    )
    lines = lines_of(story)
    for line in lines:
        echo(line)
    shown = capsys.readouterr().out
    assert_inert(shown)
    assert shown.count("\n") == len(lines)


@pytest.mark.parametrize("text", SHORT.values(), ids=SHORT)
def test_rules_that_look_at_tags_and_users(text: str, tmp_path: Path) -> None:
    """What a condition found is shown beside the rule: one row for each rule, whatever it is."""
    searches = ("page:nothing", "user.id:nobody", "user.username:nobody", "title:nothing", "has:nothing")
    rules = [f'[[rule]]\nname = "by {each}"\non = "error.created"\nwhen = "{each}"\n' for each in searches]
    (tmp_path / "rules.toml").write_text("\n".join(f"{rule}then = [{{ review = true }}]\n" for rule in rules))
    body = samples.load("error.created")
    user = dict.fromkeys(("id", "username", "name", "email"), text)
    body["data"]["error"] |= {"tags": [["page", text], [text, "x"], ["user", text]], "user": user, "title": text}
    body["actor"]["name"] = text
    (tmp_path / "body.json").write_text(json.dumps(body))
    asked = ["test", str(tmp_path / "body.json"), "--resource", "error", "--rules", str(tmp_path / "rules.toml")]
    shown = CliRunner().invoke(rules_app, asked)
    assert shown.exit_code == 0, shown.output
    assert_inert(shown.stdout)
    began = [line for line in shown.stdout.splitlines() if not line.startswith(" ")]
    assert [line.split("  ")[0] for line in began if line.startswith("by ")] == [f"by {each}" for each in searches]
    assert len(began) <= len(searches) + 1


@pytest.mark.parametrize("text", SHORT.values(), ids=SHORT)
def test_reports_on_the_past(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr(backtest_report, "make_console", lambda: terminal.console)
    at = datetime(2026, 10, 4, tzinfo=UTC)
    rule = RuleReport(text, "triage.toml:1:1", (text,), 2, not_tried=text, matches=1)
    rule.outcomes[AgreementOutcome.DISAGREED] += 1
    rule.unknown[text] += 1
    did = f"assigned it to {text}"
    rule.disagreements.append(Disagreement(text, text, text, "issue.created", at, text, did, text, at))
    backtest_report.print_report(BacktestReport(text, at, at, [rule], issues=1))
    assert_inert(terminal.out.getvalue())
    assert "forged" not in {line.strip() for line in terminal.lines()}


@pytest.mark.parametrize("text", SHORT.values(), ids=SHORT)
def test_rich_s_markup_in_a_text_means_nothing(text: str) -> None:
    terminal = Terminal()
    terminal.console.print(inert(text), soft_wrap=True)
    assert terminal.lines() == [printable(text)]


def test_the_console_of_all_commands_is_the_inert_one() -> None:
    console = terminal.make_console()
    assert isinstance(console, InertConsole)
    with console.capture() as captured:
        console.print("\x9b2J\u202e", markup=False)
    assert captured.get() == "\\x9b2J\\u202e\n"
