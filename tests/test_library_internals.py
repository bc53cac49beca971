"""Vedette uses private parts of libraries: they exist, and the next minor version is excluded until it is tested."""

import importlib
import inspect
import multiprocessing
import re
import tomllib
from collections.abc import Iterable
from ctypes import c_bool
from pathlib import Path
from typing import Any, cast

import pytest
import uvicorn
from uvicorn.protocols.http import httptools_impl

ROOT = Path(__file__).parents[1]

HTTP_PROTOCOL_ATTRIBUTES = (
    *("app_state", "client", "cycle", "expect_100_continue", "flow", "headers", "loop", "parser", "pipeline"),
    *("scope", "server_state", "timeout_keep_alive", "timeout_keep_alive_task", "transport", "url"),
)
HTTP_PROTOCOL_METHODS = (
    *("_unset_keepalive_if_required", "connection_lost", "connection_made", "data_received", "on_body", "on_header"),
    *("on_headers_complete", "send_400_response", "timeout_keep_alive_handler"),
)
CYCLE_ATTRIBUTES = (
    *("body", "disconnected", "keep_alive", "message_event", "more_body", "response_complete", "response_started"),
    *("scope", "waiting_for_100_continue"),
)


def assigned_in(kind: type[Any]) -> str:
    """The source of `__init__` and of the class, where instance attributes are assigned."""
    return inspect.getsource(kind)


@pytest.mark.parametrize("name", HTTP_PROTOCOL_METHODS)
def test_uvicorns_http_protocol_has_the_methods_that_the_receiver_overrides_or_calls(name: str) -> None:
    assert callable(getattr(httptools_impl.HttpToolsProtocol, name))


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        (httptools_impl.HttpToolsProtocol, HTTP_PROTOCOL_ATTRIBUTES),
        (httptools_impl.RequestResponseCycle, CYCLE_ATTRIBUTES),
        (uvicorn.Server, ("_captured_signals", "started", "servers", "server_state", "lifespan", "config")),
    ],
)
def test_uvicorns_objects_have_the_attributes_that_the_receiver_uses(kind: type[Any], names: Iterable[str]) -> None:
    source = assigned_in(kind)
    for name in names:
        assert re.search(rf"self\.{name}\b.* = ", source), name


def test_uvicorn_has_the_status_lines_and_the_server_methods_that_the_receiver_uses() -> None:
    assert httptools_impl.STATUS_LINE[202].startswith(b"HTTP/1.1 202")
    assert inspect.iscoroutinefunction(uvicorn.Server.startup)
    assert callable(uvicorn.Server.capture_signals)


def test_a_process_keeps_its_arguments_and_dramatiqs_end_with_what_a_worker_reports_its_start_to() -> None:
    cli = cast("Any", importlib.import_module("dramatiq.cli"))
    assert "self._target(*self._args, **self._kwargs)" in inspect.getsource(multiprocessing.Process.run)
    assert list(inspect.signature(cli.worker_process).parameters)[-2:] == ["canteen", "event"]
    assert dict(cli.Canteen._fields_)["initialized"] is c_bool
    source = inspect.getsource(cli.worker_process)
    assert "event.set()" in source
    assert "nonlocal running" in source


@pytest.mark.parametrize("module", ["redis.connection", "redis.asyncio.connection"])
@pytest.mark.parametrize("kind", ["Connection", "SSLConnection"])
def test_redis_connections_have_the_methods_that_failover_overrides(module: str, kind: str) -> None:
    connection = getattr(importlib.import_module(module), kind)
    for name in ("_connect", "connect", "disconnect", "read_response", "send_command"):
        assert callable(getattr(connection, name)), name


@pytest.mark.parametrize(
    "name", ["send_packed_command", "_send_packed_command", "check_health", "connect_check_health", "is_connected"]
)
def test_redis_asynchronous_connections_have_what_sending_uses(name: str) -> None:
    connection = importlib.import_module("redis.asyncio.connection").AbstractConnection
    assert inspect.getattr_static(connection, name)
    assert "send_packed_command" in inspect.getsource(connection.send_command)


def test_redis_makes_the_tls_context_that_the_receiver_uses() -> None:
    connection = cast("Any", importlib.import_module("redis.asyncio.connection")).SSLConnection(host="127.0.0.1")
    assert connection.ssl_context.get() is not None


@pytest.mark.parametrize("name", ["uvicorn", "redis", "dramatiq"])
def test_the_version_is_bounded_at_the_minor_version_after_the_pinned_one(name: str) -> None:
    dependencies = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    requirement = next(one for one in dependencies if re.match(rf"{name}\b", one))
    pinned = re.search(rf"^{name}==(\d+)\.(\d+)", (ROOT / "constraints/run.txt").read_text(), re.MULTILINE)
    assert pinned is not None
    assert f"<{pinned[1]}.{int(pinned[2]) + 1}" in requirement
