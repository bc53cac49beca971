"""Facts: known, absent and unknown; fetched values on top; and why a search came out as it did."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from vedette.events import ApiEvent, Issue, samples
from vedette.events import parse as parse_event
from vedette.search import (
    Answer,
    Facts,
    Source,
    Verdict,
    facts_of,
    facts_of_issue,
    facts_of_stored_event,
    lookup_name,
    parse,
    source_of,
)
from vedette.search.keys import key_names
from vedette.search.matching.issue_states import CHOICES

FactsFor = Callable[..., Facts]

EVERY_KEY = [*key_names(), "browser", "os.name", "tags[berth]", "flags[x]"]


def _asking_for(key: str) -> str:
    if key == "is":
        return "is:new"
    return f"has:{key}" if key != "has" else "has:user"


@pytest.mark.parametrize("name", samples.names())
def test_every_key_can_be_asked_of_every_kind_of_event(name: str, now: datetime) -> None:
    facts = facts_of(parse_event(samples.resource_of(name), samples.load(name)), now=now)
    for key in EVERY_KEY:
        parse(_asking_for(key)).evaluate(facts)
    for choice in CHOICES["is"]:
        parse(f"is:{choice}").evaluate(facts)


def test_every_key_can_be_asked_of_all_example_payloads(shared: Path) -> None:
    read = 0
    for path in sorted((shared / "sentry/payloads").glob("*.json")):
        resource = path.name.partition(".")[0]
        if resource.startswith("_"):
            continue
        payload = json.loads(path.read_text("utf-8"))
        try:
            facts = facts_of(parse_event(resource, payload))
        except ValueError:
            continue  # no webhook
        read += 1
        for key in EVERY_KEY:
            parse(_asking_for(key)).evaluate(facts)
    assert read > 20


def test_a_kind_that_nobody_knows_answers_nothing() -> None:
    facts = facts_of(parse_event("telepathy", {"action": "read", "data": {}}))
    assert {parse(_asking_for(key)).evaluate(facts) for key in EVERY_KEY} == {Verdict.UNKNOWN}


def test_what_is_missing_is_named_once_for_a_fetch(facts_for: FactsFor) -> None:
    search = parse("level:error (browser:Chrome OR !has:user) release.version:>4 timesSeen:>0")
    facts = facts_for("issue.created")
    assert search.unknowns(facts) == {"tags[browser]", "user", "release"}
    assert {source_of(name) for name in search.unknowns(facts)} == {Source.EVENT}
    event = parse_event("error", samples.load("error.created"))
    richer = facts.with_more(facts_of(event))
    assert search.evaluate(richer) is Verdict.FALSE
    assert parse("level:error has:user release.version:>4 timesSeen:1").evaluate(richer) is Verdict.TRUE


def test_nothing_is_to_be_fetched_where_it_would_change_nothing(facts_for: FactsFor) -> None:
    facts = facts_for("issue.created")
    assert parse("level:fatal browser:Chrome").unknowns(facts) == frozenset()
    assert parse("level:error OR browser:Chrome").unknowns(facts) == frozenset()
    assert parse("(level:fatal browser:Chrome) OR has:user").unknowns(facts) == {"user"}


def test_fetched_values_can_have_any_spelling_of_their_key(facts_for: FactsFor) -> None:
    facts = facts_for("issue.created").with_more(
        {
            "browser": "Chrome",
            "tags[berth]": ["7", "8"],
            "firstRelease": "ferry-api@4.0.0",
            "user.email": None,
            "release": "ferry-api@4.18.1+551",
            "release.latest": "ferry-api@4.18.1+551",
            "flags[fast]": True,
            "lastSeen": datetime(2026, 10, 1, tzinfo=UTC),
            "suggested": ("#berth-ops", "team:88412"),
            "for_review": True,
            "linked": False,
        }
    )
    for query in (
        "browser:Chrome",
        "berth:8",
        "first-release:ferry-api@4.*",
        "!has:user.email",
        "release:latest",
        "flags[fast]:true",
        "lastSeen:+2d",
        "assigned_or_suggested:#berth-ops",
        "!assigned_or_suggested:none",
        "is:for_review",
        "is:unlinked",
        "!is:linked",
    ):
        assert parse(query).evaluate(facts) is Verdict.TRUE, query


def test_partly_known_values_settle_only_what_they_confirm(facts_for: FactsFor) -> None:
    facts = facts_for("issue.created")
    search = parse("stack.filename:vendor.py")
    assert search.evaluate(facts) is Verdict.UNKNOWN
    whole = facts.with_more({"stack.filename": ["vendor.py"]})
    assert search.evaluate(whole) is Verdict.TRUE
    part = facts.with_more({"stack.filename": Answer(("other.py",), complete=False)})
    assert search.evaluate(part) is Verdict.UNKNOWN
    assert parse("stack.filename:[other.py, nothing]").evaluate(part) is Verdict.TRUE
    assert parse("stack.filename:ferry/*").evaluate(part) is Verdict.TRUE


def test_somebody_known_by_another_kind_of_name_stays_open(facts_for: FactsFor) -> None:
    facts = facts_for("issue.assigned.to_user", data__issue__assignedTo__email=None)
    search = parse("assigned:jun@harborline.example")
    assert search.evaluate(facts) is Verdict.UNKNOWN
    assert search.unknowns(facts) == {"assigned"}
    suggested = facts_for("issue.created").with_more({"suggested": ["team:88412"]})
    assert parse("assigned_or_suggested:#berth-ops").evaluate(suggested) is Verdict.UNKNOWN


def test_ourselves_can_be_told(facts_for: FactsFor) -> None:
    facts = facts_for("issue.assigned.to_user").with_more({"me": ["user:3141592"], "my_teams": ["team:88412"]})
    assert parse("assigned:me").evaluate(facts) is Verdict.TRUE
    assert parse("assigned:my_teams").evaluate(facts) is Verdict.FALSE


def test_a_field_that_an_older_server_did_not_send_is_unknown() -> None:
    payload = samples.load("issue.created")
    del payload["data"]["issue"]["priority"]
    payload["data"]["issue"]["substatus"] = None
    facts = facts_of(parse_event("issue", payload))
    assert parse("issue.priority:high").evaluate(facts) is Verdict.UNKNOWN
    assert parse("is:new").evaluate(facts) is Verdict.FALSE


def test_relative_times_count_from_the_given_moment_or_from_the_clock(facts_for: FactsFor, now: datetime) -> None:
    search = parse("age:-24h")
    facts = facts_for("issue.created")
    assert search.evaluate(facts) is Verdict.TRUE
    assert search.evaluate(facts.at(now + timedelta(days=2))) is Verdict.FALSE
    fresh = Facts().with_more({"firstSeen": datetime.now(UTC) - timedelta(hours=1)})
    assert search.evaluate(fresh) is Verdict.TRUE
    assert parse("age:+2h").evaluate(fresh) is Verdict.FALSE
    written = Facts().with_more({"firstSeen": ["2001-01-01T00:00:00Z", "once"]})
    assert search.evaluate(written) is Verdict.FALSE
    assert parse("age:+24h").evaluate(written) is Verdict.TRUE


def test_a_fetched_issue_and_a_fetched_event_answer_too(now: datetime) -> None:
    issue = Issue.model_validate(samples.load("issue.assigned")["data"]["issue"])
    event = ApiEvent.model_validate(
        samples.load("service_hook.event_alert")["event"]
        | {
            "contexts": {"os": {"name": "iOS"}, "flags": {"values": [{"flag": "fast", "result": True}]}},
            "tags": [{"key": "release", "value": "app@2.0.0-rc.2"}, {"key": "user", "value": "email:a@b.example"}],
            "culprit": "somewhere",
        }
    )
    facts = facts_of_issue(issue, now=now).with_more(facts_of_stored_event(event))
    for query in (
        "is:assigned assigned:#berth-ops",
        "os.name:iOS flags[fast]:true",
        "release.version:<2 release.version:>2.0.0-rc.1 release.package:app",
        "user.email:a@b.example user:email:a@b.example",
        "stack.function:list_windows error.unhandled:1",
        "age:-7h timesSeen:37",
    ):
        assert parse(query).evaluate(facts) is Verdict.TRUE, parse(query).explain(facts)


def test_issues_are_found_by_their_older_category_too(facts_for: FactsFor) -> None:
    facts = facts_for(
        "issue.created",
        data__issue__issueType="performance_n_plus_one_db_queries",
        data__issue__issueCategory="db_query",
    )
    assert parse("issue.category:performance issue.category:db_query").evaluate(facts) is Verdict.TRUE
    assert parse("issue.type:performance_*").evaluate(facts) is Verdict.TRUE


def test_annotations_show_that_an_issue_is_linked(facts_for: FactsFor) -> None:
    facts = facts_for("issue.created", data__issue__annotations=[{"url": "https://tracker.example/1"}])
    assert parse("is:linked").evaluate(facts) is Verdict.TRUE
    assert parse("is:unlinked").evaluate(facts) is Verdict.FALSE


def test_an_event_is_read_beyond_the_samples() -> None:
    payload = samples.load("error.created")
    error = payload["data"]["error"]
    error["tags"] += [["device.class", "3"], ["retries", "5"], ["device.online", "True"]]
    error["contexts"] |= {
        "response": {"status_code": 502},
        "client_os": {"name": "Windows"},
        "device": {"family": "iPad", "memory_size": 4_000_000_000},
        "app": {"in_foreground": False},
        "unreal": {"crash_type": "GPUCrash"},
    }
    error["request"]["headers"].append(["Referer", "https://shop.example/cart"])
    error["exception"]["values"][0]["thread_id"] = 1
    error["threads"] = {"values": [{"id": 1, "main": True}]}
    error["logentry"] = {"formatted": "the tide went out"}
    facts = facts_of(parse_event("error", payload))
    for query in (
        "device.class:high tags[retries,number]:>=5 device.online:true",
        "http.status_code:502 os.name:Windows device.family:iPad",
        "device.memory_size:>3gb device.memory_size:<4gib",
        "app.in_foreground:0 unreal.crash_type:GPU*",
        "http.referer:*/cart error.main_thread:true",
        "tide went out",
    ):
        assert parse(query).evaluate(facts) is Verdict.TRUE, parse(query).explain(facts)


def test_an_explanation_shows_every_term_with_what_was_seen(facts_for: FactsFor) -> None:
    explanation = parse("level:fatal (is:new OR has:user) stack.filename:x has:logger").explain(
        facts_for("issue.created")
    )
    assert str(explanation).splitlines() == [
        "no  AND",
        "    no  level:fatal (level is error)",
        "    yes OR",
        "        yes is:new (substatus is new)",
        "        ?   has:user (user is not known)",
        "    ?   stack.filename:x (stack.filename is ferry/schedule/tides.py, maybe more)",
        "    no  has:logger (logger is absent)",
    ]
    assert [term.text for term in explanation.terms() if term.verdict is Verdict.FALSE] == ["level:fatal", "has:logger"]


def test_an_explanation_shows_moments_as_dates(facts_for: FactsFor) -> None:
    search = parse("firstSeen:>2026-11-01")
    assert str(search.explain(facts_for("issue.created"))) == (
        "no  firstSeen:>2026-11-01 (firstSeen is 2026-10-04T06:12:09+00:00)"
    )
    odd = Facts().with_more({"firstSeen": [1e30, "2026-12-01"]})
    assert str(search.explain(odd)) == "yes firstSeen:>2026-11-01 (firstSeen is 1e+30, 2026-12-01)"


def test_values_that_repeat_are_kept_once(facts_for: FactsFor) -> None:
    assert facts_for("error.created").get("stack.in_app").values == (True,)
    assert facts_for("error.created").get("stack.lineno").values == (58, 131)


def test_people_do_not_show_in_any_repr(facts_for: FactsFor) -> None:
    facts = facts_for("error.created")
    search = parse("user.id:pilot-*")
    explanation = search.explain(facts)
    assert "pilot-551" in str(explanation)
    assert "pilot-551" not in repr(explanation) + repr(facts) + repr(search)


def test_every_key_says_where_it_can_be_had() -> None:
    assert {source_of(lookup_name(key)) for key in EVERY_KEY} <= set(Source)
    assert source_of("timesSeen") is Source.ISSUE
    assert source_of("for_review") is Source.INBOX
    assert source_of("suggested") is Source.OWNERS
    assert source_of("first_release") is Source.RELEASES
    assert source_of("tags[browser]") is Source.EVENT
    assert source_of("me") is Source.ACCOUNT


def test_queries_are_values(facts_for: FactsFor) -> None:
    assert parse("level:error  is:new") == parse("level:error AND is:new")
    assert parse("level:error") != parse("level:fatal")
    assert parse("level:error") != "level:error"
    assert len({parse("a:1"), parse("(a:1)"), parse("a:2")}) == 2
    assert parse(" level:error ").text == " level:error "
    assert repr(parse(" level:error ")) == "<Query level:error>"
    assert parse("level:error").evaluate(facts_for("error.created")) is Verdict.TRUE


@pytest.mark.parametrize(
    "query",
    [
        "release.build:551",
        "release.build:>=551",
        "!release.build:>551",
        "release.build:55*",
        "release.build:[550, 551]",
        "release.version:4.18.1",
        "release.package:ferry-api",
        "release:*+551",
    ],
)
def test_a_release_is_known_by_its_parts(facts_for: FactsFor, query: str) -> None:
    facts = facts_for("error.created", data__error__release="ferry-api@4.18.1+551")
    assert parse(query).evaluate(facts) is Verdict.TRUE


def test_fetched_stages_of_releases_are_compared_in_either_spelling() -> None:
    facts = Facts().with_more({"release.stage": "low_adoption"})
    assert parse("release.stage:low release.stage:[adopted, low_adoption]").evaluate(facts) is Verdict.TRUE
    assert parse("release.stage:replaced").evaluate(facts) is Verdict.FALSE


@pytest.mark.parametrize(
    ("query", "printed", "expected"),
    [
        ("browser:\uf00dContains\uf00dfari", "browser:*fari*", Verdict.TRUE),
        ("browser:\uf00dStartsWith\uf00dsafari", "browser:safari*", Verdict.TRUE),
        ("browser:\uf00dends with\uf00d11", "browser:*11", Verdict.TRUE),
        ('!browser:\uf00dcontains\uf00d["x", 11]', "!browser:[*x*, *11*]", Verdict.FALSE),
        ("browser:\uf00dContains\uf00dSaf*", r"browser:*Saf\**", Verdict.FALSE),
        ('browser:\uf00dContains\uf00d""', 'browser:""', Verdict.FALSE),
    ],
    ids=range(6),
)
def test_what_sentrys_search_field_writes_for_contains_is_understood(
    query: str, printed: str, expected: Verdict
) -> None:
    facts = Facts().with_more({"browser": "Safari 11"})
    assert str(parse(query)) == printed
    assert parse(query).evaluate(facts) is expected
