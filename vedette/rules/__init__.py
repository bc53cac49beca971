"""Triage rules: read from files, decided on events with one engine, in production and on the past alike.

The room knows neither workers nor console nor handlers. `read_rules(paths)` gives a `RuleSet`, `Engine(rules)` decides
a `Subject`, and a `Decision` says which rules match and why others do not.
"""

from vedette.rules.engine.decision import Considered, Decision
from vedette.rules.engine.engine import Engine, Fetching, Subject, nothing_more, subject_of
from vedette.rules.files.errors import RuleProblem, RulesError
from vedette.rules.files.reader import read_rules, rules_of
from vedette.rules.model.rule import Place, Rule, RuleSet

__all__ = [
    "Considered",
    "Decision",
    "Engine",
    "Fetching",
    "Place",
    "Rule",
    "RuleProblem",
    "RuleSet",
    "RulesError",
    "Subject",
    "nothing_more",
    "read_rules",
    "rules_of",
    "subject_of",
]
