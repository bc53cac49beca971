"""A secret that is blank, short or damaged is never accepted, however it is given."""

import json
from pathlib import Path

import pytest

from vedette.settings.settings import SettingsError, load_settings

GOOD = "0123456789abcdefg"
BAD = {
    "empty": "",
    "blank": "  ",
    "blanks enough": " " * 40,
    "short": "x",
    "one too few": "123456789012345",
    "two lines": f"{GOOD}\n{GOOD}",
    "NUL": f"{GOOD}\0{GOOD}",
    "escape": f"{GOOD}\x1b[2J",
    "byte order mark inside": f"{GOOD}\ufeff{GOOD}",
    "invisible": f"\u200b{GOOD}",
}
TABLES = {
    "client_secret": "[integrations.default]\n",
    "service_hook_secret": f'[integrations.default]\nclient_secret = "{GOOD}"\n',
    "legacy_path": f'[integrations.default]\nclient_secret = "{GOOD}"\n',
    "secret": '[channels.ops]\nkind = "webhook"\nurl = "https://hooks.example/x"\n',
}
LISTS = ("client_secret", "service_hook_secret")


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _refused(key: str) -> None:
    with pytest.raises(SettingsError) as raised:
        load_settings()
    assert key in str(raised.value)
    assert GOOD not in str(raised.value)


@pytest.mark.parametrize("key", TABLES)
@pytest.mark.parametrize("bad", BAD)
def test_a_bad_secret_in_the_file_is_refused(key: str, bad: str, tmp_path: Path) -> None:
    (tmp_path / "vedette.toml").write_text(f"{TABLES[key]}{key} = {json.dumps(BAD[bad])}\n")
    if key == "service_hook_secret" and not BAD[bad].strip():
        # A blank text is an empty list, so that the route does not exist.
        assert load_settings().integrations["default"].service_hook_secret == ()
        return
    _refused(key)


@pytest.mark.parametrize("key", LISTS)
@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("place", [0, 1])
def test_a_bad_secret_in_a_list_is_refused_beside_a_good_one(key: str, bad: str, place: int, tmp_path: Path) -> None:
    entries = [f"{GOOD}-good"]
    entries.insert(place, BAD[bad])
    (tmp_path / "vedette.toml").write_text(f"{TABLES[key]}{key} = {json.dumps(entries)}\n")
    _refused(key)


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_secret_in_a_secrets_file_is_refused(bad: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret").write_bytes(BAD[bad].encode())
    monkeypatch.setenv("VEDETTE_CLIENT_SECRET_FILE", "secret")
    _refused("client_secret")


@pytest.mark.parametrize("text", ['[""]', '["  "]', f'["", "{GOOD}"]', "[]", "x", " , ", f'["{GOOD}', f'["{GOOD}",]'])
def test_a_bad_secret_in_a_variable_is_refused(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEDETTE_INTEGRATIONS__DEFAULT__CLIENT_SECRET", text)
    _refused("client_secret")


def test_white_space_around_each_secret_is_dropped(tmp_path: Path) -> None:
    (tmp_path / "vedette.toml").write_text(f'[integrations.default]\nclient_secret = [" {GOOD}", "{GOOD}1\\t"]\n')
    found = load_settings().integrations["default"].client_secret
    assert [secret.get_secret_value() for secret in found] == [GOOD, f"{GOOD}1"]


def test_a_byte_order_mark_before_a_secret_in_a_file_is_dropped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "secret").write_bytes(b"\xef\xbb\xbf" + GOOD.encode() + b"\r\n")
    monkeypatch.setenv("VEDETTE_CLIENT_SECRET_FILE", "secret")
    assert load_settings().integrations["default"].client_secret[0].get_secret_value() == GOOD


@pytest.mark.parametrize("key", ["token", "redis_url"])
def test_a_token_or_address_of_two_lines_is_refused(key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "secret").write_text(f"redis://127.0.0.1/0\n{GOOD}")
    monkeypatch.setenv("VEDETTE_CLIENT_SECRET", GOOD)
    monkeypatch.setenv(f"VEDETTE_{key.upper()}_FILE", "secret")
    with pytest.raises(SettingsError) as raised:
        load_settings()
    assert "more than one line" in str(raised.value)
    assert key in str(raised.value)


def test_a_list_of_secrets_in_a_long_variable_may_be_plain_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEDETTE_INTEGRATIONS__ACME__CLIENT_SECRET", "1234567890123456,1234567890123457")
    assert len(load_settings().integrations["acme"].client_secret) == 2
