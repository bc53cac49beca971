"""The table of resources, actions and names."""

import pytest

from vedette.events.catalog import RESOURCES, canonical_action, canonical_name, known_names, names_of


def test_ignored_is_another_spelling_of_archived_for_issues_alone() -> None:
    assert canonical_action("issue", "ignored") == "archived"
    assert canonical_action("comment", "ignored") == "ignored"
    assert names_of("issue", "ignored") == names_of("issue", "archived") == ("issue.archived", "issue.ignored")


@pytest.mark.parametrize(
    ("resource", "action", "name"),
    [
        ("issue", "created", "issue.created"),
        ("issue", "ignored", "issue.archived"),
        ("forecast", "issued", "forecast.issued"),
        ("service_hook", "", "service_hook"),
    ],
)
def test_the_name_is_resource_and_action(resource: str, action: str, name: str) -> None:
    assert canonical_name(resource, action) == name


def test_known_names_hold_both_spellings_and_all_kinds() -> None:
    names = known_names()
    assert {"issue.archived", "issue.ignored", "metric_alert.open", "service_hook", "legacy_webhook"} <= set(names)
    assert {name.partition(".")[0] for name in names} == set(RESOURCES)
    assert names == sorted(names)
