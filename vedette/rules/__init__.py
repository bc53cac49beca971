"""Triage rules: read from files, decided on events with one engine, in production and on the past alike.

`read_rules(paths)` gives a `RuleSet`, `Engine(rules)` decides a `Subject`, and a `Decision` says which rules match and
why others do not. A handler runs rules on its event with a `RuleBook` and `run_rules`. Templates are filled with
`render_for_webhook`.

The names are loaded when they are first used, since a handler that fills a template needs no rules.
"""

from typing import TYPE_CHECKING

from vedette._core.lazy_imports import make_lazy_getattr

if TYPE_CHECKING:
    from vedette.rules.actions.template_fields import (
        AddressOrNothing,
        Template,
        TemplateOrNothing,
        render_address_for_webhook,
        render_for_webhook,
    )
    from vedette.rules.engine.decision import Considered, Decision
    from vedette.rules.engine.engine import Engine, Fetching, Subject, nothing_more, subject_of
    from vedette.rules.execution.action_runner import RuleServices
    from vedette.rules.execution.event_runner import run_deferred, run_rules
    from vedette.rules.files.errors import RuleProblem, RulesError
    from vedette.rules.files.locations import rules_files
    from vedette.rules.files.reader import read_rules, rules_of
    from vedette.rules.files.rule_book import RuleBook
    from vedette.rules.model.rule import Place, Rule, RuleSet

_HOMES = {
    "AddressOrNothing": "vedette.rules.actions.template_fields",
    "Considered": "vedette.rules.engine.decision",
    "Decision": "vedette.rules.engine.decision",
    "Engine": "vedette.rules.engine.engine",
    "Fetching": "vedette.rules.engine.engine",
    "Place": "vedette.rules.model.rule",
    "Rule": "vedette.rules.model.rule",
    "RuleBook": "vedette.rules.files.rule_book",
    "RuleProblem": "vedette.rules.files.errors",
    "RuleServices": "vedette.rules.execution.action_runner",
    "RuleSet": "vedette.rules.model.rule",
    "RulesError": "vedette.rules.files.errors",
    "Subject": "vedette.rules.engine.engine",
    "Template": "vedette.rules.actions.template_fields",
    "TemplateOrNothing": "vedette.rules.actions.template_fields",
    "nothing_more": "vedette.rules.engine.engine",
    "read_rules": "vedette.rules.files.reader",
    "render_address_for_webhook": "vedette.rules.actions.template_fields",
    "render_for_webhook": "vedette.rules.actions.template_fields",
    "rules_files": "vedette.rules.files.locations",
    "rules_of": "vedette.rules.files.reader",
    "run_deferred": "vedette.rules.execution.event_runner",
    "run_rules": "vedette.rules.execution.event_runner",
    "subject_of": "vedette.rules.engine.engine",
}

__all__ = [
    "AddressOrNothing",
    "Considered",
    "Decision",
    "Engine",
    "Fetching",
    "Place",
    "Rule",
    "RuleBook",
    "RuleProblem",
    "RuleServices",
    "RuleSet",
    "RulesError",
    "Subject",
    "Template",
    "TemplateOrNothing",
    "nothing_more",
    "read_rules",
    "render_address_for_webhook",
    "render_for_webhook",
    "rules_files",
    "rules_of",
    "run_deferred",
    "run_rules",
    "subject_of",
]

__getattr__ = make_lazy_getattr(__name__, _HOMES)
