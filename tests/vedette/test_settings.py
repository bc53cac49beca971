from pathlib import Path

import pytest

from vedette.settings import SettingsError, load_settings


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_nothing_set_is_the_demonstration_on_loopback() -> None:
    settings = load_settings()
    assert settings.is_demonstration
    assert (settings.host, settings.port) == ("127.0.0.1", 8650)


def test_the_variables_alone_describe_the_default_integration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEDETTE_CLIENT_SECRET", "old, new ,")
    monkeypatch.setenv("VEDETTE_TOKEN", "t")
    monkeypatch.setenv("VEDETTE_ORGANIZATION", "acme")
    monkeypatch.setenv("VEDETTE_SENTRY_URL", "https://sentry.example.org/")
    integration = load_settings().integrations["default"]
    assert [secret.get_secret_value() for secret in integration.client_secret] == ["old", "new"]
    assert integration.token is not None
    assert integration.token.get_secret_value() == "t"
    assert integration.sentry_url == "https://sentry.example.org"


def test_a_secret_can_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from-file\n")
    monkeypatch.setenv("VEDETTE_CLIENT_SECRET_FILE", str(tmp_path / "secret"))
    monkeypatch.setenv("VEDETTE_REDIS_URL_FILE", str(tmp_path / "redis"))
    (tmp_path / "redis").write_text("redis://:pw@127.0.0.1/0\n")
    settings = load_settings()
    assert settings.integrations["default"].client_secret[0].get_secret_value() == "from-file"
    assert settings.redis_url is not None
    assert settings.redis_url.get_secret_value() == "redis://:pw@127.0.0.1/0"


def test_a_variable_wins_over_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "vedette.toml").write_text(
        'port = 9000\n[integrations.default]\nclient_secret = "a"\n[integrations.other]\nclient_secret = ["b", "c"]\n'
        '[handlers.triage]\nmode = "observe"\n'
    )
    monkeypatch.setenv("VEDETTE_PORT", "9001")
    monkeypatch.setenv("VEDETTE_CLIENT_SECRET", "z")
    settings = load_settings()
    assert settings.port == 9001
    assert settings.integrations["default"].client_secret[0].get_secret_value() == "z"
    assert len(settings.integrations["other"].client_secret) == 2
    assert settings.handlers["triage"].mode == "observe"


def test_several_plugins_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEDETTE_PLUGINS", "one.py, two.py")
    assert load_settings().plugins == (Path("one.py"), Path("two.py"))


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"VEDETTE_TOKEN": "t"}, ["VEDETTE_CLIENT_SECRET", "integrations.default.client_secret", "vedette.toml"]),
        ({"VEDETTE_PORT": "tcp://10.0.0.1:8650"}, ["VEDETTE_PORT", "`port`", "integer"]),
        ({"VEDETTE_REDIS_URL": "http://u:hunter2@x"}, ["VEDETTE_REDIS_URL", "redis://"]),
        ({"VEDETTE_TOKN": "t"}, ["VEDETTE_TOKN", "did you mean VEDETTE_TOKEN"]),
        ({"VEDETTE_RECEIVER__BODY_LIMIT": "0"}, ["VEDETTE_RECEIVER__BODY_LIMIT", "greater than 0"]),
        ({"VEDETTE_CLIENT_SECRET_FILE": "/nowhere"}, ["client_secret_file", "/nowhere"]),
        ({"VEDETTE_CLIENT_SECRET": " , "}, ["VEDETTE_CLIENT_SECRET"]),
    ],
)
def test_a_problem_names_the_variable_the_file_and_what_is_right(
    variables: dict[str, str], told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as raised:
        load_settings()
    for words in told:
        assert words in str(raised.value)
    assert "hunter2" not in str(raised.value)


def test_all_problems_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEDETTE_PORT", "x")
    monkeypatch.setenv("VEDETTE_ORGANIZATION", "acme")
    with pytest.raises(SettingsError) as raised:
        load_settings()
    assert {problem.setting for problem in raised.value.problems} == {"port", "integrations.default.client_secret"}


@pytest.mark.parametrize(("text", "told"), [("prot = 1", "prot"), ("[broken", "cannot be read")])
def test_a_wrong_file_is_named(text: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "vedette.toml").write_text(text)
    with pytest.raises(SettingsError) as raised:
        load_settings()
    assert told in str(raised.value)
    assert "vedette.toml" in str(raised.value)


def test_another_program_s_variable_that_only_begins_alike_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEDETTE_SERVICE_HOST", "10.0.0.1")
    load_settings()


def test_no_secret_shows_in_a_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEDETTE_CLIENT_SECRET", "hunter2")
    monkeypatch.setenv("VEDETTE_REDIS_URL", "redis://:hunter2@127.0.0.1")
    assert "hunter2" not in repr(load_settings())
