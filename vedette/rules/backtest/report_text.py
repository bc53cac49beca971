"""What a report says in words, the same in the table and on the page."""

from vedette.rules.backtest.agreement import AgreementOutcome
from vedette.rules.backtest.report import BacktestReport, RuleReport


def figure_of(rule: RuleReport) -> str:
    """A rule's agreement: `75 % of 68 (64-84)`."""
    share = rule.agreement
    if share is None:
        return "-"
    return f"{share.share:.0%} of {rule.compared:,} ({share.low * 100:.0f}-{share.high * 100:.0f})"


def caveats(report: BacktestReport) -> list[str]:
    """What a reader must know before relying on the figures."""
    found: list[str] = []
    if report.source == "issues":
        found.append(
            "Titles, levels, culprits and the like are those of today. Counts of events and users, and when an issue "
            "was last seen, are known for its birth alone; whom Sentry suggested as owner is not known at all."
        )
    if report.untouched:
        found.append(
            f"The history of {report.untouched:,} issues was not read, because they look today as they were born. What "
            "was archived or resolved there and taken back is missed, which flatters rules."
        )
    if report.events_left:
        found.append(f"{report.events_left:,} events were not asked for: --most-events was reached. They stay unknown.")
    unclear = sum(rule.outcomes[AgreementOutcome.UNCLEAR] for rule in report.rules)
    if unclear:
        found.append(f"{unclear:,} matches lead to nothing that an issue shows (a comment, a choice made at the time).")
    return found
