"""Whatever is observed, each check says something, and whatever is broken comes with the steps that mend it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.api.models import App
from vedette.checks.demand import Demand, demand_of, is_ticked
from vedette.checks.evidence import (
    AlertEvidence,
    AppEvidence,
    BirthEvidence,
    BornIssue,
    DoorEvidence,
    IntegrationEvidence,
    LogEvidence,
    LoggedDelivery,
    OrganizationEvidence,
    TokenEvidence,
    Unasked,
    UrlEvidence,
)
from vedette.checks.integration_checks import CHECKS
from vedette.store.access.handler_roster import HandlerRoster, RosterHandler
from vedette.store.receivers.receiver_status import ReceiverStatus, RejectionCount

NOW = 1_790_000_000.0
TIMES = st.floats(NOW - 100_000, NOW)
EVENTS = st.sampled_from(
    ("issue.created", "issue.resolved", "issue.*", "error.created", "comment.*", "event_alert.triggered")
)
NAMES = st.sampled_from(("triage", "close", "alarm"))
OWNERS = st.lists(NAMES, min_size=1, unique=True).map(tuple)
PROBLEMS = st.none() | st.builds(Unasked, st.sampled_from((None, 401, 403, 404, 500)), st.text(), st.just("org:read"))
APPS = st.builds(
    App,
    slug=st.just("vedette"),
    name=st.text(max_size=5),
    webhook_url=st.none() | st.just("https://hooks.example/"),
    events=st.lists(st.sampled_from(("issue", "error", "comment")), unique=True),
    webhook_events=st.lists(EVENTS, unique=True),
    is_alertable=st.booleans(),
    is_disabled=st.booleans(),
)
STATUSES = st.sampled_from((-1, 0, 200, 202, 301, 400, 401, 403, 404, 413, 418, 500, 502, 504))
LINES = st.builds(LoggedDelivery, st.sampled_from(("issue.created", "error.created")), STATUSES, TIMES)
ISSUES = st.builds(BornIssue, st.text("123"), st.just("SHOP-1"), st.sampled_from("ab"), TIMES, st.booleans())
REJECTIONS = st.builds(
    RejectionCount, st.just("wrong_signature"), st.just("default"), st.just(1), TIMES.map(lambda at: round(at * 1000))
)
RECEIVERS = st.builds(
    ReceiverStatus,
    *(st.just("id"), st.just("host"), st.just(0), st.just(round(NOW * 1000))),
    rejected=st.lists(REJECTIONS, max_size=1).map(tuple),
    hung=st.sampled_from((0, 500)),
    last_hung=TIMES.map(lambda at: round(at * 1000)),
)
RESOURCES = st.sampled_from(("issue", "error", "event_alert"))
URLS = st.sampled_from(
    (
        "receiver",
        "redirect",
        "login_page",
        "other_server",
        "not_found",
        "proxy_error",
        "tls",
        "dns",
        "refused",
        "timeout",
        "accepts_unsigned",
    )
)
EVIDENCE = st.builds(
    IntegrationEvidence,
    integration=st.just("default"),
    now=st.just(NOW),
    organization=st.just("acme"),
    sentry_url=st.just("https://sentry.io"),
    demand=st.builds(
        Demand, st.dictionaries(EVENTS, OWNERS), st.dictionaries(st.sampled_from(("event:write", "org:read")), OWNERS)
    ),
    public_url=st.none() | st.just("https://hooks.example"),
    is_saas=st.booleans(),
    is_private=st.booleans(),
    server_version=st.sampled_from(("", "23.7.1", "26.7.0", "27.1", "nightly", "26")),
    token=st.none()
    | st.builds(
        TokenEvidence,
        st.sampled_from(("integration", "user", "organization", "unknown")),
        st.none() | st.frozensets(st.sampled_from(("event:write", "org:read"))),
        PROBLEMS,
    ),
    app=st.none() | st.builds(AppEvidence, st.none() | APPS, st.lists(st.text()).map(tuple), st.text(), PROBLEMS),
    log=st.none() | st.builds(LogEvidence, st.lists(LINES).map(tuple), PROBLEMS),
    births=st.none()
    | st.builds(BirthEvidence, st.just(NOW - 900), st.just(NOW - 180), st.lists(ISSUES).map(tuple), PROBLEMS),
    door=st.none()
    | st.builds(DoorEvidence, st.dictionaries(RESOURCES, TIMES), st.lists(RECEIVERS).map(tuple), st.just(NOW)),
    url=st.none() | st.builds(UrlEvidence, st.just("https://hooks.example"), URLS, st.text()),
    about=st.none() | st.builds(OrganizationEvidence, st.text(), st.none() | st.just(frozenset[str]()), PROBLEMS),
    alerts=st.none() | st.builds(AlertEvidence, st.integers(0, 3), TIMES, PROBLEMS),
)


@given(EVIDENCE)
def test_each_check_says_something_and_what_is_broken_can_be_mended(evidence: IntegrationEvidence) -> None:
    for check in CHECKS:
        finding = check(evidence)
        assert (finding.check, finding.integration) == (check.id, "default")
        assert finding.says
        assert not finding.says.endswith(".")
        if finding.state in {"warn", "broken"}:
            assert finding.cause
            assert finding.mend
        if finding.state == "ok":
            assert finding.mend == ()


@given(EVIDENCE)
def test_what_has_arrived_is_never_missed(evidence: IntegrationEvidence) -> None:
    births = BirthEvidence(NOW - 900, NOW - 180, (BornIssue("1", "SHOP-1", "a", NOW - 600, has_arrived=True),))
    arrives = next(check for check in CHECKS if check.id == "arrives")
    assert arrives(replace(evidence, births=births)).state in {"ok", "unknown"}


@pytest.mark.parametrize(
    ("event", "ticked", "resources", "is_subscribed"),
    [
        ("issue.created", ["issue.created"], ["issue"], True),
        ("issue.resolved", ["issue.created"], ["issue"], False),
        ("issue.archived", ["issue.ignored"], ["issue"], True),
        ("issue.*", ["issue.created"], ["issue"], True),
        ("comment.*", ["issue.created"], ["issue"], False),
        # Before July 2026 servers list resources alone.
        ("issue.resolved", [], ["issue"], True),
        ("issue.resolved", ["issue"], ["issue"], True),
        ("error.created", [], ["issue"], False),
    ],
)
def test_an_event_is_ticked_by_its_name_or_its_resource(
    event: str, ticked: list[str], resources: list[str], is_subscribed: bool
) -> None:
    assert is_ticked(event, ticked, resources) is is_subscribed


def test_the_demand_is_that_of_handlers_that_are_on_and_of_agents() -> None:
    roster = HandlerRoster(
        (
            RosterHandler("triage", ("issue.*", "issue.ignored"), "act", "x", needs=("event:write",)),
            RosterHandler("all", ("*",), "observe", "x"),
            RosterHandler("off", ("error.created",), "off", "x", needs=("org:admin",)),
            RosterHandler("welcome", ("installation.created",), "act", "x"),
        ),
        (),
    )
    demand = demand_of(roster, {"helper": ("event:read",)})
    assert demand.events == {"issue.*": ("triage",), "issue.archived": ("triage",)}
    assert demand.scopes == {"event:write": ("triage",), "event:read": ("agent helper",)}
    assert demand.starving(["issue.archived"]) == ()
    assert demand.starving(["issue.archived", "issue.*"]) == ("triage",)


def transit(line: LoggedDelivery, **door: float) -> str:
    """Return the cause that the check of the delivery log finds for one line, where the last issue came at `issue`."""
    check = next(check for check in CHECKS if check.id == "deliveries")
    evidence = IntegrationEvidence(
        *("default", NOW, "acme", "https://sentry.io", Demand()),
        log=LogEvidence((line,)),
        door=DoorEvidence(door, (), NOW),
    )
    return check(evidence).cause


@pytest.mark.parametrize(
    ("line", "last", "cause"),
    [
        (LoggedDelivery("issue.created", 202, NOW - 100), NOW - 100, ""),
        # The receiver's clock is two minutes behind.
        (LoggedDelivery("issue.created", 202, NOW - 100), NOW - 220, ""),
        (LoggedDelivery("issue.created", 202, NOW - 100), NOW - 600, "answered_elsewhere"),
        (LoggedDelivery("issue.created", 302, NOW - 100), NOW - 600, "redirected"),
        # It may not have been reported yet.
        (LoggedDelivery("issue.created", 202, NOW - 30), NOW - 600, ""),
        (LoggedDelivery("issue.created", 502, NOW - 100), NOW - 600, "answer_502"),
        # Something has arrived since, so it is mended.
        (LoggedDelivery("issue.created", 502, NOW - 100), NOW - 50, ""),
        (LoggedDelivery("issue.created", 502, NOW - 2000), NOW - 3000, ""),
        # Calls of UI components are answered, and never stored.
        (LoggedDelivery("alert_rule_action.requested", 200, NOW - 100), NOW - 600, ""),
        (LoggedDelivery("select_options.requested", 404, NOW - 100), NOW - 600, ""),
    ],
)
def test_the_log_is_compared_with_what_arrived(line: LoggedDelivery, last: float, cause: str) -> None:
    assert transit(line, issue=last) == cause


def test_one_outage_that_is_over_is_no_finding_and_two_are_a_warning() -> None:
    check = next(check for check in CHECKS if check.id == "deliveries")
    for statuses, state in (((202, 502, 502, 202), "ok"), ((202, 502, 202, 502, 202), "warn"), ((502, 202), "broken")):
        lines = [LoggedDelivery("issue.created", status, NOW - 100 - at) for at, status in enumerate(statuses)]
        evidence = IntegrationEvidence(
            *("default", NOW, "acme", "https://sentry.io", Demand()),
            log=LogEvidence(tuple(lines)),
            door=DoorEvidence({"issue": NOW - 101.5}, (), NOW),
        )
        assert check(evidence).state == state
