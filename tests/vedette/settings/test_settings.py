import os
from collections.abc import Callable
from pathlib import Path

import pytest

from vedette.settings.settings import SettingsError, load_settings


@pytest.fixture(autouse=True)
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_nothing_set_is_the_demonstration_on_loopback() -> None:
    settings = load_settings()
    assert settings.is_demonstration
    assert (settings.host, settings.port) == ("127.0.0.1", 8650)


def test_the_variables_alone_describe_the_default_integration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEDETTE_CLIENT_SECRET", "old-secret-of-tests, new-secret-of-tests ,")
    monkeypatch.setenv("VEDETTE_TOKEN", "t")
    monkeypatch.setenv("VEDETTE_ORGANIZATION", "acme")
    monkeypatch.setenv("VEDETTE_SENTRY_URL", "https://sentry.example.org/")
    integration = load_settings().integrations["default"]
    assert [secret.get_secret_value() for secret in integration.client_secret] == [
        "old-secret-of-tests",
        "new-secret-of-tests",
    ]
    assert integration.token is not None
    assert integration.token.get_secret_value() == "t"
    assert integration.sentry_url == "https://sentry.example.org"


def test_a_secret_can_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret-from-a-file\n")
    monkeypatch.setenv("VEDETTE_CLIENT_SECRET_FILE", str(tmp_path / "secret"))
    monkeypatch.setenv("VEDETTE_REDIS_URL_FILE", str(tmp_path / "redis"))
    (tmp_path / "redis").write_text("redis://:pw@127.0.0.1/0\n")
    settings = load_settings()
    assert settings.integrations["default"].client_secret[0].get_secret_value() == "secret-from-a-file"
    assert settings.redis_url is not None
    assert settings.redis_url.get_secret_value() == "redis://:pw@127.0.0.1/0"


def test_a_variable_wins_over_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "vedette.toml").write_text(
        'port = 9000\n[integrations.default]\nclient_secret = "aaaaaaaaaaaaaaaa"\n'
        '[integrations.other]\nclient_secret = ["bbbbbbbbbbbbbbbb", "cccccccccccccccc"]\n'
        '[handlers.triage]\nmode = "observe"\n'
    )
    monkeypatch.setenv("VEDETTE_PORT", "9001")
    monkeypatch.setenv("VEDETTE_CLIENT_SECRET", "z" * 32)
    settings = load_settings()
    assert settings.port == 9001
    assert settings.integrations["default"].client_secret[0].get_secret_value() == "z" * 32
    assert len(settings.integrations["other"].client_secret) == 2
    assert settings.handlers["triage"].mode == "observe"


def test_several_plugins_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEDETTE_PLUGINS", "one.py, two.py")
    assert load_settings().plugins == (Path("one.py"), Path("two.py"))


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"VEDETTE_TOKEN": "t"}, ["VEDETTE_CLIENT_SECRET", "integrations.default.client_secret", "vedette.toml"]),
        ({"VEDETTE_PORT": "tcp://10.0.0.1:8650"}, ["VEDETTE_PORT", "`port`", "whole number"]),
        ({"VEDETTE_REDIS_URL": "http://u:hunter2@x"}, ["VEDETTE_REDIS_URL", "redis://"]),
        ({"VEDETTE_TOKN": "t"}, ["VEDETTE_TOKN", "did you mean VEDETTE_TOKEN"]),
        ({"VEDETTE_RECEIVER__BODY_LIMIT": "0"}, ["VEDETTE_RECEIVER__BODY_LIMIT", "at least 1"]),
        ({"VEDETTE_CLIENT_SECRET_FILE": "/nowhere"}, ["client_secret_file", "/nowhere"]),
        ({"VEDETTE_CLIENT_SECRET": " , "}, ["VEDETTE_CLIENT_SECRET"]),
        ({"VEDETTE_WROKER__THREADS": "3"}, ["did you mean VEDETTE_WORKER__THREADS?"]),
        ({"VEDETTE_WORKER__THREDS": "3"}, ["did you mean VEDETTE_WORKER__THREADS?"]),
        ({"VEDETTE_WORKER_THREADS": "3"}, ["did you mean VEDETTE_WORKER__THREADS?"]),
        ({"VEDETTE_WORKER__THREADS": "3", "VEDETTE_WORKER__THREADS__X": "3"}, ["VEDETTE_WORKER__THREADS__X"]),
        ({"VEDETTE_HANDLER__TRIAGE__MODE": "observe"}, ["did you mean VEDETTE_HANDLERS__TRIAGE__MODE?"]),
        ({"VEDETTE_HANDLERS_TRIAGE_MODE": "observe"}, ["two underscores"]),
        ({"VEDETTE_HANDLERS__TRIAGE__MODE": "obseve"}, ["'observe', 'propose' or 'act'"]),
        ({"VEDETTE_HANDLERS__TRIAGE": "observe"}, ["should be a table"]),
        ({"VEDETTE_HANDLERS__TRIAGE__GRANT__SCOPS": "[]"}, ["GRANT__SCOPS is not a setting: did you mean scopes?"]),
        ({"VEDETTE_PLUGINS": '["one.py"]'}, ["VEDETTE_PLUGINS", "without brackets"]),
        ({"VEDETTE_INTEGRATIONS__A__B__C": "3"}, ["VEDETTE_INTEGRATIONS__A__B is not a setting"]),
        ({"VEDETE_TOKEN": "t"}, ["did you mean VEDETTE_TOKEN?"]),
        ({"VEDETTETOKEN": "t"}, ["did you mean VEDETTE_TOKEN?"]),
        ({"vedette_token": "t"}, ["did you mean VEDETTE_TOKEN?"]),
        ({"VEDETTE_ORGANIZATION": "Acme Inc"}, ["VEDETTE_ORGANIZATION", "slug"]),
        ({"VEDETTE_SENTRY_URL": "sentry.example.org"}, ["VEDETTE_SENTRY_URL", "https://sentry.example.org"]),
        ({"VEDETTE_CONFIG": "vedete.toml"}, ["vedete.toml", "No such file"]),
        ({"VEDETTE_CONFIG": "/"}, ["/ is a folder"]),
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


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("prot = 1", "`prot` in vedette.toml, line 1 is not a setting: did you mean port?"),
        ("[broken", "cannot be read"),
        ("a = " + "[" * 5000, "nested too deeply"),
        ("[provide]\na = " + "[" * 900 + "]" * 900, "nested too deeply"),
        ("[worker]\nthreds = 3", "`worker.threds` in vedette.toml, line 2 is not a setting: did you mean threads?"),
        ("[integrations.d]\nclient_secret_fil = 'x'", "did you mean client_secret_file?"),
        ("[channels.ops]\nkind = 'slak'", "should be 'slack', 'teams' or 'webhook'"),
        ("[channels.ops]\nkind = 'slack'", "(the table [channels.ops] in vedette.toml"),
        ("[handlers.triage.grant]\nscopes = 'x'", "should be a list"),
        ("[integrations.d]\nclient_secret = 5", "should be"),
        ("host = ''", "`host`"),
        ('state_dir = "a\\u0000b"', "state_dir"),
    ],
)
def test_a_wrong_file_is_named(text: str, told: str, tmp_path: Path) -> None:
    (tmp_path / "vedette.toml").write_text(text)
    with pytest.raises(SettingsError) as raised:
        load_settings()
    assert told in str(raised.value)
    assert "vedette.toml" in str(raised.value)
    # A key that does not exist is not to be set.
    assert "not a setting" not in told or "set the variable" not in str(raised.value).splitlines()[0]


def test_a_byte_order_mark_before_the_file_is_taken(tmp_path: Path) -> None:
    (tmp_path / "vedette.toml").write_bytes(b"\xef\xbb\xbfport = 9000\n")
    assert load_settings().port == 9000


@pytest.mark.parametrize("make", [Path.mkdir, os.mkfifo])
def test_what_has_the_name_of_the_file_and_is_none_is_refused(make: Callable[[Path], None], tmp_path: Path) -> None:
    make(tmp_path / "vedette.toml")
    with pytest.raises(SettingsError, match=r"vedette\.toml is"):
        load_settings()


def test_another_program_s_variable_that_only_begins_alike_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    # What Kubernetes sets for services named vedette and vedette-receiver.
    for rest in ("SERVICE_HOST", "SERVICE_PORT", "SERVICE_PORT_HTTP", "PORT_8650_TCP", "PORT_8650_TCP_PROTO"):
        for name in ("VEDETTE", "VEDETTE_RECEIVER", "VEDETTE_WORKER"):
            monkeypatch.setenv(f"{name}_{rest}", "10.0.0.1")
    for name in ("VEDETTE_VERSION", "VEDETTE_IMAGE", "VEDETTE_POD", "TTE_X"):
        monkeypatch.setenv(name, "x")
    load_settings()


def test_no_secret_shows_in_a_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEDETTE_CLIENT_SECRET", "hunter2" * 5)
    monkeypatch.setenv("VEDETTE_REDIS_URL", "redis://:hunter2@127.0.0.1")
    assert "hunter2" not in repr(load_settings())


def test_an_integration_that_cannot_call_sentry_is_refused_with_each_missing_setting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("VEDETTE_CLIENT_SECRET", "s" * 32)
    monkeypatch.setenv("VEDETTE_TOKEN", "t")
    settings = load_settings()
    with pytest.raises(SettingsError, match="VEDETTE_ORGANIZATION") as one:
        settings.require_integration("default")
    assert [problem.setting for problem in one.value.problems] == ["integrations.default.organization"]
    with pytest.raises(SettingsError) as all_of_them:
        settings.require_integration("other")
    assert [problem.setting.rpartition(".")[2] for problem in all_of_them.value.problems] == [
        "client_secret",
        "token",
        "organization",
    ]


def test_an_integration_that_can_call_sentry_is_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VEDETTE_CLIENT_SECRET", "s" * 32)
    monkeypatch.setenv("VEDETTE_TOKEN", "t")
    monkeypatch.setenv("VEDETTE_ORGANIZATION", "acme")
    settings = load_settings()
    assert settings.require_integration("default") is settings.integrations["default"]
