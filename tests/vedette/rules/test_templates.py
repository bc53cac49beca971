"""Templates reach plain values, and nothing else."""

import pytest

from vedette.rules.templates import LONGEST, Text, UnusableTemplateError

VALUES = {"issue": {"title": "Tide\n rises", "users": 3, "level": None}, "event": {"tags": {"browser": "Opera"}}}


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{ issue.title }}!", "Tide rises!"),
        ("{{ issue['title'] | upper | truncate(4) }}", "T..."),
        ("{{ event.tags.browser }}{{ event.tags['none'].deeper }}", "Opera"),
        ("{% if issue.users > 2 %}many{% else %}few{% endif %}", "many"),
        ("{{ issue.level | default('no level') }}", "no level"),
        ("{{ issue.title ~ issue.users }}", "Tide rises3"),
        ("{{ issue.culprit }}", ""),
    ],
)
def test_fields_conditions_and_filters(source: str, text: str) -> None:
    assert Text(source).render(VALUES) == text


@pytest.mark.parametrize(
    "source",
    [
        "{{ issue.__class__ }}",
        "{{ issue.items() }}",
        "{{ issue.title.format }}{{ issue.titel }}",
        "{{ ''.__class__.__mro__ }}{{ range(9) }}",
        "{{ lipsum }}",
        "{% for a in issue.title %}{% endfor %}",
        "{% for a in [1] %}{% endfor %}",
        "{{ 'a' * 1000000000 }}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ '%099999999d' % 1 }}",
        "{{ issue.title | center(1000000000) }}",
        "{{ issue.title | attr('x') }}",
        "{% macro a() %}{% endmacro %}",
        "{% include 'x' %}",
        "{{ unknown.title }}",
        "{{ issue.title",
        "x" * (LONGEST + 1),
    ],
)
def test_nothing_else_is_taken(source: str) -> None:
    with pytest.raises(UnusableTemplateError):
        Text(source)


def test_a_misspelt_field_is_told_with_the_right_one() -> None:
    with pytest.raises(UnusableTemplateError, match='did you mean "title"'):
        Text("{{ issue.titel }}")


def test_a_method_of_a_text_is_not_reached() -> None:
    assert Text("{{ issue.title.upper }}{{ issue.title.__class__ }}").render(VALUES) == ""


def test_what_is_rendered_is_cut_off() -> None:
    values = {"issue": {"title": "x" * 10_000}}
    assert len(Text("{{ issue.title }}").render(values)) == 500
    assert len(Text("{{ issue.title }}" * 20).render(values)) == LONGEST
