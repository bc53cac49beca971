import pytest

from vedette.authoring.project_filter import ProjectFilter, projects_of
from vedette.events import parse, samples

SHOP, BANK = ["shop-web", "41"], ["bank", "42"]


@pytest.mark.parametrize(
    ("projects", "excepted", "of", "told"),
    [
        ((), (), [SHOP], ""),
        (("shop-*",), (), [SHOP], ""),
        (("41",), (), [SHOP], ""),
        (("shop-*",), (), [BANK], 'it is not on for project bank (projects = ["shop-*"])'),
        (("shop-*",), (), [BANK, SHOP], ""),
        (("shop-*",), (), [], "it is on for some projects only, and the event names none"),
        ((), ("shop-*",), [], ""),
        ((), ("shop-*",), [BANK], ""),
        ((), ("shop-*",), [SHOP], 'it is off for project shop-web (except_projects = ["shop-*"])'),
        ((), ("shop-*",), [SHOP, BANK], ""),
        (("*",), ("42",), [BANK], 'it is off for project bank (except_projects = ["42"])'),
    ],
)
def test_a_handler_is_on_where_the_operator_says(
    projects: tuple[str, ...], excepted: tuple[str, ...], of: list[list[str]], told: str
) -> None:
    assert ProjectFilter(projects, excepted).unmet(of) == told


@pytest.mark.parametrize(
    ("sample", "names"),
    [
        ("issue.created", [["ferry-api", "4509876543210001"]]),
        ("installation.created", []),
    ],
)
def test_an_event_s_projects_are_told_by_slug_and_id(sample: str, names: list[list[str]]) -> None:
    found = projects_of(parse(samples.resource_of(sample), samples.wire(samples.load(sample))))
    assert [len(one) for one in found] == [len(one) for one in names]


def test_it_is_said_in_words() -> None:
    assert str(ProjectFilter(("shop-*",), ("shop-old",))) == "in shop-*, not in shop-old"
    assert str(ProjectFilter()) == ""
