"""An approval checks the settings of now: a handler that is off, gone or set to observe writes nothing."""

from dataclasses import replace

import pytest

from vedette.access.proposal_validity import NotInForceError, check_in_force
from vedette.settings.settings import HandlerSettings
from vedette.store.access.handler_roster import HandlerRoster, RosterHandler
from vedette.store.access.proposals import Proposal

WISH = Proposal(
    *("p1", "plugin", "plugin.py", ("event:write",), False, "default", "delivery", "issue.created", "resolved SHOP-1"),
    *("issues.update", {"issue_id": "1"}, (), {"status": "resolved"}, ("1",), "SHOP-1", "shop", {"1": {"status": "x"}}),
    projects=("shop",),
)
LOADED = RosterHandler("plugin", ("issue.*",), "propose", "plugin.py")


def check(
    loaded: RosterHandler | None = LOADED, proposal: Proposal = WISH, settings: dict[str, object] | None = None
) -> None:
    roster = HandlerRoster(() if loaded is None else (loaded,), (), 1)
    check_in_force(proposal, HandlerSettings.model_validate(settings) if settings else None, roster)


def test_who_may_propose_or_act_still_may_be_approved() -> None:
    check()
    check(replace(LOADED, mode="act"), settings={"mode": "propose"})
    check(settings={"modes": {"bank": "observe"}})
    check(replace(LOADED, mode="observe", modes=("sho*: propose",)))


@pytest.mark.parametrize(
    ("loaded", "settings", "sentence"),
    [
        (LOADED, {"enabled": False}, "plugin is switched off by the settings"),
        (None, {}, "no worker has loaded plugin"),
        (replace(LOADED, mode="off", missing=("it needs a table",)), {}, "plugin is off: it needs a table"),
        (replace(LOADED, mode="observe"), {}, "plugin is set to observe in shop now"),
        (replace(LOADED, modes=("sho*: observe",)), {}, "plugin is set to observe in shop now"),
        (LOADED, {"mode": "observe"}, "plugin is set to observe in shop now"),
        (LOADED, {"mode": "act", "modes": {"shop": "observe"}}, "plugin is set to observe in shop now"),
    ],
)
def test_who_is_off_gone_or_observing_writes_nothing(
    loaded: RosterHandler | None, settings: dict[str, object], sentence: str
) -> None:
    with pytest.raises(NotInForceError, match=f"proposal p1 was not sent: {sentence}"):
        check(loaded, settings=settings)


def test_of_several_projects_the_most_careful_mode_counts() -> None:
    with pytest.raises(NotInForceError, match="observe in bank, shop now"):
        check(replace(LOADED, modes=("bank: observe",)), replace(WISH, project="", projects=("bank", "shop")))


def test_where_no_worker_has_said_what_is_loaded_nothing_is_sent() -> None:
    with pytest.raises(NotInForceError, match="no worker has said"):
        check_in_force(WISH, None, None)
