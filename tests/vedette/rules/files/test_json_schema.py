"""The schema that editors use says what the reader takes."""

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from vedette.rules.files.json_schema import rules_schema
from vedette.rules.files.locations import default_rules

PAGE = Path(__file__).parents[4] / "docs" / "rules.schema.json"


def errors(text: str) -> list[str]:
    return [each.message for each in Draft7Validator(rules_schema()).iter_errors(tomllib.loads(text))]  # pyright: ignore[reportUnknownMemberType]


def test_the_schema_in_the_docs_is_the_one_that_is_rendered() -> None:
    assert json.loads(PAGE.read_text()) == rules_schema(), (
        "write it anew: vedette rules schema > docs/rules.schema.json"
    )


def test_it_is_a_schema_that_explains_each_key() -> None:
    Draft7Validator.check_schema(rules_schema())
    rule: dict[str, Any] = rules_schema()["properties"]["rule"]["items"]
    assert all(each.get("description") for each in rule["properties"].values())


def test_the_rules_that_ship_are_valid() -> None:
    assert errors(default_rules().read_text()) == []


RULE = '[[rule]]\nname = "x"\non = "issue.created"\n'


@pytest.mark.parametrize(
    ("text", "good"),
    [
        (
            'then = [{ assign = "#x" }, { later = "30m", if = "is:new", then = [{ review = true }] }]\ncooldown = "1h"',
            True,
        ),
        ('then = [{ assign = ["a", "b"], by = "load" }]', True),
        ('then = [{ asign = "#x" }]', False),
        ('then = [{ later = "30m", then = [{ no = 1 }] }]', False),
        ('then = [{ review = true }]\ncooldwn = "1h"', False),
        ('then = [{ review = true }]\ncooldown = "one hour"', False),
        ("then = []", False),
    ],
)
def test_it_takes_what_the_reader_takes(text: str, good: bool) -> None:
    assert (errors(RULE + text) == []) is good
