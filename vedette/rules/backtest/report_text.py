"""Formats the parts of a report that the table and the page have in common."""

from vedette.rules.backtest.agreement import AgreementOutcome
from vedette.rules.backtest.report import BacktestReport, RuleReport


def agreement_text(rule: RuleReport) -> str:
    """Format a rule's agreement: `75 % of 68 (64-84)`."""
    share = rule.agreement
    if share is None:
        return "-"
    return f"{share.share:.0%} of {rule.compared:,} ({share.low * 100:.0f}-{share.high * 100:.0f})"


def caveats_of(report: BacktestReport) -> list[str]:
    """List the restrictions that a reader must know before relying on the figures."""
    found: list[str] = []
    if report.source == "issues":
        found.append(
            "Titles, levels, culprits and similar fields have their current values. Counts of events and users, and "
            "the time an issue was last seen, are only known for its creation; suggested owners are unknown."
        )
    if report.untouched:
        found.append(
            f"The history of {report.untouched:,} issues was not read, because they look unchanged today. Issues that "
            "were archived or resolved and reopened are missed, which makes rules look better."
        )
    if report.events_left:
        found.append(
            f"{report.events_left:,} events were not read: --most-events was reached. Their facts are unknown."
        )
    unclear = sum(rule.outcomes[AgreementOutcome.UNCLEAR] for rule in report.rules)
    if unclear:
        found.append(
            f"{unclear:,} matches cannot be compared: their actions leave no state in an issue (a comment, say)."
        )
    return found
