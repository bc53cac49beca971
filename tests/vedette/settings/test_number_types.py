"""No number is taken that breaks something later: each setting that is one, with values of every odd kind."""

import math
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from vedette.settings.access import AccessSettings, GrantSettings
from vedette.settings.channels import ChannelSettings
from vedette.settings.number_types import TEBIBYTE, TEN_YEARS
from vedette.settings.settings import ReceiverSettings, RetentionSettings, SettingsError, WorkerSettings, load_settings

FIXED: dict[str, type[BaseModel]] = {
    "receiver": ReceiverSettings,
    "retention": RetentionSettings,
    "worker": WorkerSettings,
    "access": AccessSettings,
}
TABLES: dict[str, tuple[type[BaseModel], str]] = {
    "handlers.triage.grant": (GrantSettings, ""),
    "channels.ops": (ChannelSettings, 'kind = "slack"\nurl = "https://hooks.example/x"\n'),
}


def _numbers() -> list[tuple[str, str]]:
    models = {**FIXED, **{name: model for name, (model, _) in TABLES.items()}}
    found = [("", "port")]
    for table, model in models.items():
        for key, field in model.model_fields.items():
            if any(kind in str(field.annotation) for kind in ("int", "float")):
                found.append((table, key))
    return found


def _write(folder: Path, table: str, key: str, value: object) -> None:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    heading = f"[{table}]\n{TABLES[table][1] if table in TABLES else ''}" if table else ""
    (folder / "vedette.toml").write_text(f"{heading}{key} = {text}\n")


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_every_room_of_numbers_is_covered() -> None:
    assert len(_numbers()) >= 30


@pytest.mark.parametrize(("table", "key"), _numbers())
@pytest.mark.parametrize("value", ["inf", "-inf", "nan", "1e300", "-1", "1e-300", 10**30, "true", '"soon"'])
def test_a_number_that_cannot_work_is_refused_by_name(table: str, key: str, value: object, tmp_path: Path) -> None:
    if key == "compression_level" and value == "-1":
        pytest.skip("levels below 0 exist")
    _write(tmp_path, table, key, value)
    with pytest.raises(SettingsError) as raised:
        load_settings()
    assert f"{table}.{key}".strip(".") in str(raised.value)
    assert "should be" in str(raised.value)


@pytest.mark.parametrize(("table", "key"), _numbers())
def test_whatever_is_taken_can_be_counted_in_milliseconds_and_waited_for(table: str, key: str, tmp_path: Path) -> None:
    taken: list[float] = []
    for value in (1e-4, 0.001, 1, 1000, 1e6, TEN_YEARS, TEBIBYTE, 1e13):
        number = int(value) if value == int(value) else value
        _write(tmp_path, table, key, number)
        try:
            found: Any = load_settings()
        except SettingsError:
            continue
        for part in (*filter(None, table.split(".")), key):
            found = getattr(found, part, None) or found[part]
        taken.append(float(found))
    assert taken
    for number in taken:
        assert math.isfinite(number)
        assert round(number * 1000) >= 1
        assert number * 1000 < 2**53


def test_a_wait_that_reaches_a_socket_is_within_what_the_system_takes(tmp_path: Path) -> None:
    for table, key in (("receiver", "redis_connect_timeout"), ("worker", "grace"), ("channels.ops", "timeout")):
        _write(tmp_path, table, key, 3e6)
        with pytest.raises(SettingsError, match="at most 86400"):
            load_settings()
