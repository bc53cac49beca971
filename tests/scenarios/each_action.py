"""Every action that rules can take, as docs/rules.md lists them: what its effect in Sentry, and nothing else."""

from dataclasses import dataclass, field
from typing import Any

LATEST = "storefront@4.99.0"
"""A release with one commit, by whom `suspect` is to find."""
AUTHOR = "amara@harbour-shop.example"
ARCHIVED = {"status": "ignored", "forReview": False}
RESOLVED = {"status": "resolved", "substatus": None, "forReview": False}
REOPENED = {"status": "unresolved", "substatus": "ongoing"}
_NEVER = {"ignoreCount": None, "ignoreUntil": None, "ignoreUserCount": None, "ignoreUserWindow": None}
NEVER = {**_NEVER, "ignoreWindow": None}
RULE = """
[[rule]]
name = "{name}"
on = "{on}"
when = 'title:"*{name}" level:error'
mode = "{mode}"
then = [{then}]
"""
FILES = {
    "owners": "url:*nowhere* #payments\ntags.zone:harbour #storefront\n",
    "CODEOWNERS": "* @harbour-shop/payments\n/app/ @harbour-shop/storefront\n",
}


@dataclass(frozen=True)
class Case:
    """One action on one issue."""

    then: str
    changed: dict[str, Any] | list[dict[str, Any]]
    """What is otherwise in Sentry once it is done; of each issue where there are several."""
    intent: str
    """What audit and proposal call it; {} is the issue."""
    on: str = "issue.created"
    report: dict[str, Any] = field(default_factory=dict[str, Any])
    """What the error is like."""
    deeds: tuple[str, ...] = ()
    """What a person does with the issue."""
    told: str = ""
    """What a channel is told."""
    has_twin: bool = False
    """Whether there is another issue of the same title before."""

    @property
    def changes(self) -> list[dict[str, Any]]:
        """Of each issue."""
        return self.changed if isinstance(self.changed, list) else [self.changed]


def assigned(to: str) -> dict[str, Any]:
    return {"assignedTo": to}


CASES: dict[str, Case] = {
    "assign-team": Case('{ assign = "#storefront" }', assigned("storefront"), "assigned {} to team storefront"),
    "assign-address": Case(
        '{ assign = "jonas@harbour-shop.example" }',
        assigned("Jonas Lindqvist"),
        "assigned {} to jonas@harbour-shop.example",
    ),
    "assign-name": Case(
        '{ assign = "jonas" }', assigned("Jonas Lindqvist"), "assigned {} to jonas@harbour-shop.example"
    ),
    "assign-from-another": Case(
        '{ assign = "#storefront", reassign = true }',
        assigned("storefront"),
        "assigned {} to team storefront",
        on="issue.assigned",
        deeds=("assign",),
    ),
    "assign-rotation": Case(
        '{ assign = ["#storefront", "jonas"], by = "rotation" }',
        [assigned("Jonas Lindqvist"), assigned("storefront")],
        "assigned {} to *",
    ),
    "assign-load": Case(
        '{ assign = ["jonas@harbour-shop.example", "amara@harbour-shop.example"], by = "load" }',
        assigned("Amara Diallo"),
        "assigned {} to amara@harbour-shop.example",
    ),
    "assign-owner": Case(
        '{ assign = "owner" }',
        assigned("payments"),
        "assigned {} to team payments",
        report={"project": "payments-api", "filename": "payments/charge.py"},
    ),
    "assign-suspect": Case(
        '{ assign = "suspect" }', assigned("Amara Diallo"), "assigned {} to *", report={"release": LATEST}
    ),
    "assign-resolver": Case(
        '{ assign = "resolver" }',
        assigned("Inés Okafor"),
        "assigned {} to user 2718201",
        on="issue.unresolved",
        deeds=("resolve", "unresolve"),
        report={"project": "payments-api", "filename": "elsewhere.py"},
    ),
    "assign-ownership": Case(
        '{ assign = "ownership", file = "owners" }',
        assigned("storefront"),
        "assigned {} to team storefront",
        report={"tags": {"zone": "harbour"}},
    ),
    "assign-codeowners": Case(
        '{ assign = "codeowners", file = "CODEOWNERS" }', assigned("storefront"), "assigned {} to team storefront"
    ),
    "resolve-now": Case('{ resolve = "now" }', RESOLVED, "resolved {}"),
    "resolve-next": Case(
        '{ resolve = "in next release" }',
        RESOLVED | {"statusDetails": {"inNextRelease": True}},
        "resolved {} in the next release",
    ),
    "resolve-current": Case(
        '{ resolve = "in current release" }',
        RESOLVED | {"statusDetails": {"inRelease": LATEST}},
        "resolved {} in the latest release",
    ),
    "resolve-release": Case(
        '{ resolve = "in release", release = "storefront@4.18.0" }',
        RESOLVED | {"statusDetails": {"inRelease": "storefront@4.18.0"}},
        "resolved {} in release storefront@4.18.0",
    ),
    "resolve-commit": Case(
        '{ resolve = "in commit", commit = "COMMIT", repository = "harbour-shop/shop" }',
        RESOLVED | {"statusDetails": {"inCommit": "COMMIT"}},
        "resolved {} in commit COMMIT of harbour-shop/shop",
    ),
    "archive-escalating": Case(
        '{ archive = "until escalating" }',
        ARCHIVED | {"substatus": "archived_until_escalating"},
        "archived {} until it escalates",
    ),
    "archive-forever": Case(
        '{ archive = "forever" }', ARCHIVED | {"substatus": "archived_forever"}, "archived {} forever"
    ),
    "archive-time": Case(
        '{ archive = "7d" }',
        ARCHIVED | {"substatus": "archived_until_condition_met", "statusDetails": {**NEVER, "ignoreUntil": "in 168h"}},
        "archived {} for 7 days",
    ),
    "archive-events": Case(
        '{ archive = "until", events = 100, within = "1h" }',
        ARCHIVED
        | {
            "substatus": "archived_until_condition_met",
            "statusDetails": {**NEVER, "ignoreCount": 100, "ignoreWindow": 60},
        },
        "archived {} until 100 more events within 1 hour",
    ),
    "archive-users": Case(
        '{ archive = "until", users = 10 }',
        ARCHIVED | {"substatus": "archived_until_condition_met", "statusDetails": {**NEVER, "ignoreUserCount": 10}},
        "archived {} until 10 more users",
    ),
    "unresolve": Case("{ unresolve = true }", REOPENED, "reopened {}", on="issue.resolved", deeds=("resolve",)),
    "priority": Case('{ priority = "low" }', {"priority": "low"}, "set priority of {} to low"),
    "review": Case("{ review = true }", {"forReview": False, "substatus": "ongoing"}, "marked {} as reviewed"),
    "comment": Case(
        '{ comment = "{{ issue.level }} in {{ issue.project }}" }',
        {"comments": ["error in storefront"]},
        "commented on {}",
    ),
    "link": Case(
        '{ link = "https://desk.example/{{ issue.project }}", project = "desk", identifier = "{{ issue.level }}" }',
        {"links": [["desk#error", "https://desk.example/storefront"]]},
        "linked desk#error to {}",
    ),
    "notify": Case('{ notify = "ops", title = "{{ issue.title }}" }', {}, "notified ops: Odd: NAME", told="Odd: NAME"),
    "seer": Case(
        '{ seer = "fix", context = "soon" }',
        {"seer": "processing"},
        "set Seer to work on an issue: issue {}, user_context soon",
    ),
    "merge": Case('{ merge = "same title", mode = "act" }', {"merged": True}, "merged *", has_twin=True),
    "later": Case(
        '{ later = "1s", if = "is:unassigned", then = [{ assign = "#storefront" }] }',
        assigned("storefront"),
        "assigned {} to team storefront",
    ),
}
