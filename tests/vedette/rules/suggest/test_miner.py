"""Habits that were planted are found with their true figures, and what only looks like one is not."""

import random
from collections.abc import Mapping

import pytest

from vedette.rules.suggest import LabelledIssue, Suggestion, Thresholds, propose
from vedette.rules.suggest.confidence import AgreementInterval
from vedette.rules.suggest.labelled_issue import Kind
from vedette.search import Facts, Verdict, parse

WORDS = ("basket", "voucher", "carousel", "feed", "shipment", "ledger", "scanner", "label", "index", "session")


class Past:
    """A history, issue by issue; other issues, each handled differently, lie between them."""

    def __init__(self) -> None:
        self.source = random.Random(7)  # noqa: S311 - a past that is the same each time
        self.issues: list[LabelledIssue] = []

    def add(self, choices: Mapping[Kind, str] | None = None, *, touched: bool | None = None, **features: str) -> None:
        place, words = len(self.issues), self.source.sample(WORDS, 3)
        made = {
            "project": self.source.choice(("shop", "stock", "mail")),
            "level": "error",
            "title": f"ValueError: {' '.join(words)} is wrong {place}",
            "location": f"{words[0]}/{words[1]}.py",
            **{key.replace("__", "."): value for key, value in features.items()},
        }
        chosen = dict(choices or {})
        self.issues.append(
            LabelledIssue(str(place), float(place), made, chosen, bool(chosen) if touched is None else touched)
        )

    def add_others(self, count: int) -> None:
        for _ in range(count):
            drawn = self.source.random()
            if drawn < 0.3:
                self.add({"assign": self.source.choice(("#a", "#b", "#c", "ann@shop.example"))})
            elif drawn < 0.4:
                self.add({"archive": "until escalating"})
            elif drawn < 0.45:
                self.add({"priority": "high"})
            else:
                self.add(touched=drawn < 0.8)

    def proposals(self, thresholds: Thresholds | None = None) -> list[Suggestion]:
        return propose(self.issues, thresholds)


@pytest.fixture
def past() -> Past:
    return Past()


def test_a_folder_that_always_goes_to_one_team_is_found(past: Past) -> None:
    for number in range(60):
        past.add({"assign": "#payments"}, location=f"payments/gateways/{number % 7}.py")
        past.add_others(6)
    (found,) = past.proposals()
    assert (found.when, found.target) == ("location:payments/*", ("assign", "#payments"))
    assert found.figures == AgreementInterval(60, 60)
    assert found.matched == 60
    assert found.latest.agreed >= 10


def test_a_message_that_is_always_archived_is_found_though_its_words_vary(past: Past) -> None:
    for number in range(40):
        past.add({"archive": "until escalating"}, title=f"Error: Loading chunk {number} failed after {number * 3} ms")
        past.add_others(6)
    (found,) = past.proposals()
    assert found.when == 'title:"Error: Loading chunk * failed after * ms"'


def test_two_conditions_are_joined_where_neither_suffices(past: Past) -> None:
    for number in range(40):
        team: dict[Kind, str] = {"assign": ("#a", "#b")[number % 2]}
        past.add({"priority": "high"}, project="checkout", level="fatal")
        past.add(team, project="checkout")
        past.add(team, project="mail", level="fatal")
        past.add_others(3)
    assert [(one.when, one.target) for one in past.proposals()] == [
        ("project:checkout level:fatal", ("priority", "high"))
    ]


def test_of_two_rules_with_the_same_agreement_the_more_general_one_wins(past: Past) -> None:
    for number in range(80):
        past.add({"assign": "#stock"}, location=f"warehouse/{('scanner', 'dock', 'label')[number % 3]}/link.go")
        past.add_others(4)
    assert [one.when for one in past.proposals()] == ["location:warehouse/*"]


def test_a_general_rule_does_not_win_over_a_right_one_within_it(past: Past) -> None:
    for number in range(200):
        if number % 12:
            past.add({"assign": "#pay"}, project="payments", location="posting/book.py")
        else:
            past.add({"assign": "#web"}, project="payments", location="templates/mail.py")
        past.add_others(2)
    assert "location:posting/*" in [one.when for one in past.proposals() if one.target == ("assign", "#pay")]


def test_figures_tell_the_disagreements_and_who_they_are(past: Past) -> None:
    for number in range(100):
        choice: dict[Kind, str] = {"assign": "#a"} if number in {30, 90} else {"assign": "#payments"}
        past.add(choice, location="payments/ledger.py")
        past.add(touched=False, location="payments/ledger.py")
        past.add_others(3)
    (found,) = past.proposals()
    assert found.figures == AgreementInterval(98, 100)
    assert found.matched == 200
    against = [
        issue for issue in past.issues if issue.choices.get("assign") == "#a" and issue.issue_id in found.against
    ]
    assert len(found.against) == len(against) == 2


@pytest.mark.parametrize("share", [0.6, 0.8])
def test_what_people_do_only_mostly_is_not_proposed(past: Past, share: float) -> None:
    for number in range(100):
        past.add({"assign": "#payments" if number % 100 < share * 100 else "#a"}, location="payments/ledger.py")
        past.add_others(3)
    past.source.shuffle(past.issues)
    assert [one for one in past.proposals() if one.target.value == "#payments"] == []


def test_a_habit_that_ended_is_not_proposed(past: Past) -> None:
    for number in range(80):
        past.add({"assign": "#old" if number < 60 else "#new"}, location="search/index.py")
        past.add_others(3)
    assert past.proposals(Thresholds(agreement=0.7)) == []


def test_a_few_cases_are_no_habit(past: Past) -> None:
    for _ in range(6):
        past.add({"assign": "#payments"}, location="payments/ledger.py")
        past.add_others(40)
    assert past.proposals() == []


def test_what_people_hardly_looked_at_is_not_proposed(past: Past) -> None:
    for _ in range(30):
        past.add({"assign": "#payments"}, location="payments/ledger.py")
        for _ in range(4):
            past.add(touched=False, location="payments/ledger.py")
        past.add_others(2)
    assert past.proposals() == []


def test_luck_among_thousands_of_conditions_is_not_proposed(past: Past) -> None:
    past.add_others(3000)
    assert past.proposals(Thresholds(support=5)) == []


def test_nothing_is_put_away_for_its_level_or_type_alone(past: Past) -> None:
    for number in range(60):
        past.add(
            {"archive": "until escalating"}, level="warning", error__type="Warning", title=f"{WORDS[number % 10]}!"
        )
        past.add_others(4)
    assert [one.when for one in past.proposals()] == []


def test_what_is_proposed_finds_just_what_was_counted(past: Past) -> None:
    for number in range(60):
        past.add(
            {"assign": "#pay"},
            location=f'pay "ments"\\x/{number % 3}.py',
            title=f'a "quoted\\" *star* (bracket {number}',
        )
        # The same to a wildcard, though not to the eye.
        past.add({"assign": "#pay"}, location=f'PAY "ments"\\x/{number % 3}.py')
        past.add_others(4)
    found = past.proposals()
    assert found
    for one in found:
        query = parse(one.when)
        verdicts = [query.evaluate(Facts().with_more(issue.features)) for issue in past.issues]
        assert verdicts.count(Verdict.TRUE) == one.matched


def test_an_empty_past_proposes_nothing() -> None:
    assert propose([]) == []
