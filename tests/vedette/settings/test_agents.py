"""The tables `[agents.NAME]`: careful where nothing is said, and an error for what cannot be meant."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from vedette.settings.agents import AgentSettings
from vedette.settings.problems import SettingsError
from vedette.settings.settings import load_settings

INTEGRATION = '[integrations.default]\nclient_secret = "0123456789abcdefg"\norganization = "acme"\n'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def load(folder: Path, text: str) -> AgentSettings:
    (folder / "vedette.toml").write_text(INTEGRATION + text)
    return load_settings().agents["helper"]


def test_an_agent_of_which_nothing_is_said_proposes_and_may_do_nothing(folder: Path) -> None:
    helper = load(folder, "[agents.helper]\n")
    assert helper.mode == "propose"
    assert set(helper.may.levels().values()) == {"off"}
    assert (helper.grant.scopes, helper.grant.operations, helper.grant.bulk) == ((), (), 25)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2027-03-01", datetime(2027, 3, 1, tzinfo=UTC)),
        ('"2027-03-01"', datetime(2027, 3, 1, tzinfo=UTC)),
        ("2027-03-01T12:00:00+02:00", datetime(2027, 3, 1, 10, tzinfo=UTC)),
        ("2027-03-01 12:00:00", datetime(2027, 3, 1, 12, tzinfo=UTC)),
    ],
)
def test_an_end_is_a_date_or_a_time(folder: Path, text: str, moment: datetime) -> None:
    assert load(folder, f"[agents.helper]\nexpires = {text}\n").expires == moment


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('[agents.helper]\nexpires = "soon"\n', "should be a date, such as 2027-03-01"),
        ("[agents.helper]\nexpires = true\n", "should be a date, such as 2027-03-01"),
        ('[agents.helper]\ntokens = ["vdta_helper_x"]\n', "should be fingerprints such as sha256:"),
        ('[agents.helper]\nintegration = "defualt"\n', "did you mean default?"),
        ("[agents.helper.may]\ntriag = 'read'\n", "did you mean triage?"),
        ("[agents.helper.may]\ntriage = 'admin'\n", "should be 'off', 'read', 'write' or 'full'"),
        ('[agents.helper.grant]\nhide = ["users"]\n', "did you mean user?"),
        ('[agents.helper.grant]\noperations = ["issues.updat"]\n', "did you mean issues.update?"),
        ("[agents.helper.grant]\nbulk = 0\n", "should be at least 1"),
        ('[agents."a b"]\n', "is no name for an agent"),
        ('[agents."_a"]\n', "is no name for an agent"),
    ],
)
def test_what_cannot_be_meant_is_an_error_with_the_right_form(folder: Path, text: str, sentence: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(folder, text)
    assert sentence in str(caught.value)


def test_the_levels_of_an_area_with_a_hyphen_are_read_by_both_names(folder: Path) -> None:
    for name in ("destroy-issues", "destroy_issues"):
        assert load(folder, f'[agents.helper.may]\n{name} = "full"\n').may.levels()["destroy-issues"] == "full"
