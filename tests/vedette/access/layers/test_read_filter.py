from typing import Any

import pytest

from vedette import AccessDenied
from vedette.access.layers.read_filter import ReadFilterLayer
from vedette.api import Answer
from vedette.permissions.grants import Grant

SHOP, BANK = (Grant(scopes=("event:admin", "org:admin"), projects=(slug,)) for slug in ("shop", "bank"))


@pytest.fixture
def layer(recorder: Any, connection: Any) -> ReadFilterLayer:
    return ReadFilterLayer(recorder, connection)


async def test_a_read_is_counted_and_its_issues_are_cached(
    layer: Any, prepare: Any, end: Any, ledger: Any, connection: Any
) -> None:
    assert await layer.send(prepare("issues.get", grant=SHOP)) is end.answer
    assert (ledger.counted, ledger.entries) == ([("triage", "read")], [])
    assert connection.issue_cache.issues.get("SHOP-1").state["status"] == "resolved"


async def test_an_answer_that_shows_another_project_is_denied(layer: Any, prepare: Any, ledger: Any) -> None:
    with pytest.raises(AccessDenied, match="does not cover project shop"):
        await layer.send(prepare("issues.get", grant=BANK))
    assert ledger.decisions == ["denied: its grant does not cover project shop"]


async def test_a_list_is_reduced_to_the_granted_projects(layer: Any, prepare: Any, end: Any) -> None:
    end.answer = Answer(200, body=[{"slug": "shop"}, {"slug": "bank"}])
    assert (await layer.send(prepare("organizations.projects", grant=BANK))).body == [{"slug": "bank"}]
