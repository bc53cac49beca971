import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from vedette.settings.settings import ReceiverSettings

UNITS = ("receiver", "worker", "gateway")
Unit = dict[str, list[str]]


def unit_text(repository: Path, name: str) -> str:
    return (repository / "deploy" / "systemd" / f"vedette-{name}.service").read_text(encoding="utf-8")


def parse(text: str) -> Unit:
    """Each key -> its values in order; a key may occur more than once, which configparser cannot read."""
    unit: Unit = {}
    for line in text.splitlines():
        if line and line[0] not in "#[":
            key, separator, value = line.partition("=")
            assert separator, line
            unit.setdefault(key, []).append(value)
    return unit


@pytest.fixture(params=UNITS)
def name(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def unit(name: str, repository: Path) -> Unit:
    return parse(unit_text(repository, name))


def test_it_runs_a_command_that_exists(name: str, unit: Unit, commands: set[str]) -> None:
    assert unit["ExecStart"] == [f"/opt/vedette/bin/vedette {name}"]
    assert name in commands


def test_it_is_started_again_for_ever(unit: Unit) -> None:
    assert unit["Restart"] == ["always"]
    assert unit["StartLimitIntervalSec"] == ["0"]


def test_sigterm_goes_to_the_main_process_alone_with_time_to_end(unit: Unit) -> None:
    assert unit["KillSignal"] == ["SIGTERM"]
    assert unit["KillMode"] == ["mixed"]
    assert 10 <= int(unit["TimeoutStopSec"][0]) <= 60


def test_secrets_come_as_credentials_and_never_as_values(name: str, unit: Unit) -> None:
    credentials = dict(value.split(":") for value in unit["LoadCredential"])
    expected = {"client-secret"} if name == "receiver" else {"client-secret", "token"}
    assert set(credentials) == expected
    variables = dict(value.split("=", 1) for value in unit["Environment"])
    for credential, path in credentials.items():
        assert path == f"/etc/vedette/{credential}"
        variable = f"VEDETTE_{credential.replace('-', '_').upper()}"
        assert variables[f"{variable}_FILE"] == f"%d/{credential}"
        assert variable not in variables


def test_it_has_no_user_or_right_that_it_does_not_need(unit: Unit) -> None:
    for key in ("DynamicUser", "NoNewPrivileges", "ProtectHome", "PrivateTmp", "PrivateDevices", "RestrictSUIDSGID"):
        assert unit[key] == ["yes"], key
    assert unit["ProtectSystem"] == ["strict"]
    assert unit["CapabilityBoundingSet"] == [""]


def test_files_memory_and_processes_are_limited(unit: Unit) -> None:
    assert int(unit["LimitNOFILE"][0]) > ReceiverSettings().connections_limit
    assert unit["MemoryMax"][0].endswith("G")
    assert int(unit["TasksMax"][0]) <= 1024


def test_all_are_hardened_alike_and_run_as_different_users(repository: Path) -> None:
    units = [unit_text(repository, name) for name in UNITS]
    assert len({unit.partition("\nUMask")[2] for unit in units}) == 1
    assert len({parse(unit)["User"][0] for unit in units}) == len(UNITS)


def test_only_the_receiver_has_a_state_directory_and_it_is_where_it_keeps_its_spool(repository: Path) -> None:
    receiver, *others = (parse(unit_text(repository, name)) for name in UNITS)
    assert receiver["StateDirectory"] == ["vedette"]
    assert "VEDETTE_STATE_DIR=%S/vedette" in receiver["Environment"]
    assert all("StateDirectory" not in other for other in others)


def test_systemd_itself_finds_nothing_to_complain_about(name: str, repository: Path, tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not on this machine")
    unit = tmp_path / f"vedette-{name}.service"
    # It wants the program to be there; any will do.
    unit.write_text(unit_text(repository, name).replace("/opt/vedette/bin/vedette", sys.executable))
    done = subprocess.run(
        [program, "verify", str(unit)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    # What it says of other units of the machine is not about ours.
    assert not [line for line in done.stderr.splitlines() if "vedette" in line]
