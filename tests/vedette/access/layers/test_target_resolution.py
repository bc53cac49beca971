from typing import Any

import pytest

from vedette import AccessDenied
from vedette.access.layers.target_resolution import TargetResolutionLayer
from vedette.access.prepared_call import UNRESOLVED
from vedette.access.targets import CallTarget
from vedette.permissions.grants import Grant

LIMITED = Grant(scopes=("event:admin", "org:admin"), projects=("shop",))


@pytest.fixture
def layer(end: Any, recorder: Any, connection: Any) -> TargetResolutionLayer:
    return TargetResolutionLayer(end, recorder, connection)


async def test_the_target_of_a_write_is_what_sentry_said_of_the_issue(layer: Any, prepare: Any, end: Any) -> None:
    await layer.send(prepare(target=UNRESOLVED))
    assert ([issue.label for issue in end.only.target.issues], end.only.target.project) == (["SHOP-1"], "shop")


async def test_a_target_that_is_known_stays(layer: Any, prepare: Any, end: Any) -> None:
    target = CallTarget(projects=frozenset({"bank"}))
    await layer.send(prepare(target=target))
    assert end.only.target is target


@pytest.mark.parametrize(("grant", "projects"), [(LIMITED, {"shop"}), (Grant(scopes=("event:read",)), None)])
async def test_a_read_has_a_target_only_where_the_grant_is_limited_to_projects(
    layer: Any, prepare: Any, end: Any, grant: Grant, projects: set[str] | None
) -> None:
    await layer.send(prepare("issues.activities", grant=grant))
    assert end.only.target.projects == projects


async def test_a_write_to_several_issues_that_names_none_is_denied(layer: Any, prepare: Any, ledger: Any) -> None:
    with pytest.raises(AccessDenied, match="must name them"):
        await layer.send(prepare("issues.update_many", target=UNRESOLVED))
    assert ledger.counted == [("triage", "denied")]
