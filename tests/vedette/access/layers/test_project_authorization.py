from typing import Any

import pytest

from vedette import AccessDenied
from vedette.access.layers.project_authorization import ProjectAuthorizationLayer
from vedette.permissions.grants import Grant

SHOP, BANK = (Grant(scopes=("event:admin", "org:admin"), projects=(slug,)) for slug in ("shop", "bank"))


@pytest.fixture
def reads(end: Any) -> Any:
    return type(end)()


@pytest.fixture
def layer(end: Any, reads: Any, recorder: Any) -> ProjectAuthorizationLayer:
    return ProjectAuthorizationLayer(end, reads, recorder)


async def test_writes_and_reads_part(layer: Any, prepare: Any, end: Any, reads: Any) -> None:
    await layer.send(prepare(grant=SHOP))
    assert (len(end.calls), len(reads.calls)) == (1, 0)
    await layer.send(prepare("issues.search", grant=SHOP))
    assert (len(end.calls), len(reads.calls)) == (1, 1)


async def test_a_write_to_another_project_is_denied(layer: Any, prepare: Any, end: Any, ledger: Any) -> None:
    with pytest.raises(AccessDenied, match="does not cover project shop"):
        await layer.send(prepare(grant=BANK))
    assert end.calls == []
    assert ledger.decisions == ["denied: its grant does not cover project shop"]


async def test_a_read_of_the_organization_is_denied_before_it_is_sent(layer: Any, prepare: Any, reads: Any) -> None:
    with pytest.raises(AccessDenied, match="about the whole organization"):
        await layer.send(prepare("members.list", grant=SHOP))
    assert reads.calls == []
