from pathlib import Path

import pytest

from vedette.settings.problems import SettingsError
from vedette.settings.settings import load_settings

_CHANNEL = '[channels.ops]\nkind = "webhook"\nurl = "https://ops.example.org/"\n'


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    found = tmp_path / "vedette.toml"
    monkeypatch.setenv("VEDETTE_CONFIG", str(found))
    return found


def test_alarms_go_to_a_channel_that_the_settings_have(file: Path) -> None:
    file.write_text(f'{_CHANNEL}[alarms]\nchannel = "ops"\ndead = 3\n')
    alarms = load_settings().alarms
    assert (alarms.channel, alarms.dead, alarms.again) == ("ops", 3, 86_400.0)


def test_an_unknown_channel_is_an_error_that_names_the_setting_and_the_nearest(file: Path) -> None:
    file.write_text(f'{_CHANNEL}[alarms]\nchannel = "opps"\n')
    with pytest.raises(SettingsError, match=r"alarms\.channel: there is no channel opps: did you mean ops\?"):
        load_settings()


def test_an_unknown_channel_without_others_says_what_to_write(file: Path) -> None:
    file.write_text('[alarms]\nchannel = "ops"\n')
    with pytest.raises(SettingsError, match=r"write it as \[channels\.ops\]"):
        load_settings()
