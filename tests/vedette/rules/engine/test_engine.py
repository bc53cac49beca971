"""Matching rules, the requests that matching needs, and why others do not match."""

from collections.abc import Mapping
from datetime import UTC, datetime

from vedette.events import Event, parse, samples
from vedette.rules import Decision, Engine, Subject, nothing_more, rules_of, subject_of
from vedette.search import Facts, Verdict


def event(name: str = "issue.created") -> Event:
    return parse(samples.resource_of(name), samples.wire(samples.load(name)))


def rule(name: str, when: str = "", on: str = "issue.created", more: str = "") -> str:
    return f'[[rule]]\nname = "{name}"\non = "{on}"\nwhen = \'{when}\'\nthen = [{{ resolve = "now" }}]\n{more}\n'


def engine(*rules: str) -> Engine:
    return Engine(rules_of([("triage.toml", "\n".join(rules))]))


def matched(decision: Decision) -> list[str]:
    return [one.name for one in decision.matched]


class Fetched:
    """Returns the configured answers, and records the requests."""

    def __init__(self, **known: object) -> None:
        self.known = known
        self.asked: list[frozenset[str]] = []

    async def more(self, subject: Subject, keys: frozenset[str]) -> Mapping[str, object] | Facts:
        del subject
        self.asked.append(keys)
        return self.known


async def test_rules_match_in_order_until_one_says_stop() -> None:
    rules = engine(rule("a"), rule("b", "level:debug"), rule("c", more="stop = true"), rule("d"))
    decision = await rules.decide(subject_of(event()))
    assert matched(decision) == ["a", "c"]
    assert [one.rule.name for one in decision] == ["a", "b", "c"]


async def test_a_rule_that_does_not_match_stops_nothing() -> None:
    rules = engine(rule("a", "level:debug", more="stop = true"), rule("b"))
    assert matched(await rules.decide(subject_of(event()))) == ["b"]


async def test_only_rules_for_the_event_are_considered_by_any_of_its_names() -> None:
    rules = engine(
        rule("a", on="error.created"), rule("b", on="issue.*"), rule("c", on="*"), rule("d", on="issue.ignored")
    )
    assert matched(await rules.decide(subject_of(event()))) == ["b", "c"]
    assert matched(await rules.decide(subject_of(event("issue.archived")))) == ["b", "c", "d"]
    assert matched(await rules.decide(Subject("invented.kind", Facts()))) == ["c"]


async def test_what_stays_unknown_is_not_a_match_and_says_what_was_missing() -> None:
    (one,) = await engine(rule("a", "!has:user")).decide(subject_of(event()))
    assert one.verdict is Verdict.UNKNOWN
    assert not one.matches
    assert one.why == "it is undecided: user unknown"


async def test_the_condition_that_failed_is_named() -> None:
    (one,) = await engine(rule("a", "is:unresolved level:fatal")).decide(subject_of(event()))
    assert one.why == "no  level:fatal (level is error)"


async def test_what_the_payload_does_not_say_is_fetched_once_for_all_rules() -> None:
    fetched = Fetched(environment="production", release="1.0")
    rules = engine(
        rule("a", "environment:production release:1.0"),
        rule("b", "environment:staging"),
        rule("c", "assigned_or_suggested:#payments"),
    )
    assert matched(await rules.decide(subject_of(event()), fetched)) == ["a"]
    assert fetched.asked == [frozenset({"environment", "release"}), frozenset({"suggested"})]


async def test_nothing_is_fetched_that_would_change_nothing() -> None:
    fetched = Fetched()
    rules = engine(rule("a", "level:debug environment:production"), rule("b", "level:error OR environment:staging"))
    assert matched(await rules.decide(subject_of(event()), fetched)) == ["b"]
    assert fetched.asked == []


async def test_what_could_not_be_fetched_is_not_asked_for_again() -> None:
    fetched = Fetched()
    await engine(rule("a", "environment:a"), rule("b", "release:b")).decide(subject_of(event()), fetched)
    assert len(fetched.asked) == 1


async def test_projects_are_patterns_of_slugs_and_an_unknown_project_is_fetched() -> None:
    slug = event().project.slug or ""
    rules = engine(rule("a", more=f'projects = "{slug[:3]}*"'), rule("b", more='projects = ["x", "y*"]'))
    decision = await rules.decide(subject_of(event()))
    assert matched(decision) == ["a"]
    assert decision.considered[1].why == f"it is for projects x, y*; this one is {slug}"
    error = subject_of(event("error.created"))
    only = engine(rule("c", on="error.created", more='projects = "ferry-*"'))
    assert matched(await only.decide(error, nothing_more)) == []
    assert matched(await only.decide(error, Fetched(project="ferry-api"))) == ["c"]


async def test_the_past_is_decided_as_of_its_own_time() -> None:
    rules = engine(rule("a", "age:-1h"))
    seen = event().raw["data"]["issue"]["firstSeen"]
    then = datetime.fromisoformat(seen).astimezone(UTC)
    assert matched(await rules.decide(subject_of(event(), now=then))) == ["a"]
    assert matched(await rules.decide(subject_of(event()))) == []
