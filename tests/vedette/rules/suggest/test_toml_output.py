"""The output is a rules file with the findings, for any texts of issues."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.hostile_texts import HOSTILE_TEXTS
from vedette._core.printable import encodable, printable
from vedette.rules import rules_of
from vedette.rules.suggest.candidate_terms import CandidateTerm, conditions_of
from vedette.rules.suggest.confidence import AgreementInterval
from vedette.rules.suggest.suggestion import Suggestion
from vedette.rules.suggest.toml_output import quote_toml, render_toml
from vedette.rules.suggest.train_test_split import TrainingTarget
from vedette.search import Facts, Verdict

TEXTS = st.lists(
    st.sampled_from(['"', "'", "'''", "\\", "*", "#", "\n", "\x7f", "\x85", "]", "Gateway", " timed out ", "12"])
    | st.text(st.characters(exclude_categories=("Cs",)), max_size=4),
    min_size=1,
    max_size=10,
).map("".join)
TARGETS = st.sampled_from(
    [
        TrainingTarget("assign", "#payments"),
        TrainingTarget("assign", 'o"neil@shop.example'),
        TrainingTarget("archive", "until escalating"),
        TrainingTarget("resolve", "now"),
        TrainingTarget("priority", "high"),
    ]
)


@given(TEXTS.filter(bool), TEXTS.filter(bool), TARGETS)
def test_each_printed_rule_is_read_and_finds_the_issue_it_came_from(
    title: str, logger: str, target: TrainingTarget
) -> None:
    features = {"title": title, "logger": logger}
    proposals = [proposal(target, one) for one in conditions_of(features)]
    rules = rules_of([("triage.toml", render_toml(proposals))])
    assert len(rules) == len(proposals)
    for rule, one in zip(rules, proposals, strict=True):
        assert rule.when is not None
        assert rule.when.evaluate(Facts().with_more(features)) is Verdict.TRUE
        assert rule.mode == "propose"
        (action,) = rule.then
        assert (action.kind, getattr(action, action.kind)) == one.target


def test_the_figures_stand_above_the_rule() -> None:
    (condition,) = [one for one in conditions_of({"location": "payments/a.py"}) if one.text == "location:payments/*"]
    one = Suggestion(
        (condition,),
        TrainingTarget("assign", "#payments"),
        80,
        AgreementInterval(57, 60),
        AgreementInterval(14, 15),
        ("1", "2"),
    )
    assert render_toml([one]) == (
        "# 57 of 60 issues that people decided on were assigned to #payments: 95%, with this many at least 86%.\n"
        "# It was learned without the latest 15 of them, of which 14 agree.\n"
        "# It finds 80 issues in all; the others are undecided.\n"
        "# Decided otherwise, the latest first: 1, 2\n"
        "[[rule]]\n"
        'name = "payments/* to #payments"\n'
        'on = "issue.created"\n'
        'when = "location:payments/*"\n'
        'then = [{ assign = "#payments" }]\n'
        'mode = "propose"\n'
    )


def test_searches_with_quotes_are_easy_to_read() -> None:
    assert quote_toml('title:"two words"') == "'title:\"two words\"'"
    assert quote_toml("it's") == '"it\'s"'


@pytest.mark.parametrize("text", [encodable(text)[:2000] for text in HOSTILE_TEXTS.values()], ids=HOSTILE_TEXTS)
def test_hostile_texts_are_inert_and_stay_what_they_are(text: str) -> None:
    (condition, *_) = (*conditions_of({"logger": text[:200]}), *conditions_of({"title": f"Hostile title {text}"}))
    printed = render_toml([proposal(TrainingTarget("assign", text), condition)])
    assert printable(printed, multiline=True) == printed
    (rule,) = tomllib.loads(printed)["rule"]
    assert (rule["when"], rule["then"]) == (condition.text, [{"assign": text}])


def proposal(target: TrainingTarget, condition: CandidateTerm) -> Suggestion:
    return Suggestion((condition,), target, 60, AgreementInterval(57, 60), AgreementInterval(14, 15), ("1",))
