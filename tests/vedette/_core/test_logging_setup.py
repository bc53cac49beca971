import io
import json
import logging
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from tests.hostile_texts import HOSTILE_TEXTS
from vedette._core.logging_setup import configure_logging, set_log_level
from vedette._core.printable import printable


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    target = io.StringIO()
    configure_logging(stream=target, json=True)
    yield target
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_carries_what_is_bound(stream: io.StringIO) -> None:
    with structlog.contextvars.bound_contextvars(delivery="d1", issue="SHOP-1"):
        structlog.get_logger().info("done", took=3)
    assert lines(stream)[0] | {"event": "done", "delivery": "d1", "issue": "SHOP-1", "took": 3} == lines(stream)[0]


def test_records_of_the_standard_library_take_the_same_way(stream: io.StringIO) -> None:
    with structlog.contextvars.bound_contextvars(delivery="d1"):
        logging.getLogger("somebody.s.library").warning("slow %s", "client")
    assert lines(stream)[0]["event"] == "slow client"
    assert lines(stream)[0]["delivery"] == "d1"


def test_uvicorn_s_own_command_line_does_not_keep_its_lines_to_itself(stream: io.StringIO) -> None:
    logger = logging.getLogger("uvicorn")
    logger.propagate = False
    configure_logging(stream=stream, json=True)
    assert logger.propagate


def test_what_stands_under_a_telling_name_is_masked_at_any_depth(stream: io.StringIO) -> None:
    headers = {"Authorization": "Bearer hunter2", "deep": {"cookie": "hunter2"}, "Accept": "*/*"}
    structlog.get_logger().info("request", headers=headers, token="hunter2", code="hunter2")
    assert "hunter2" not in stream.getvalue()
    assert lines(stream)[0]["headers"]["Accept"] == "*/*"


def test_a_traceback_shows_no_variables(stream: io.StringIO) -> None:
    def fail(token: str) -> int:
        return int(token)

    try:
        fail("hunter" + "2")
    except ValueError:
        structlog.get_logger().exception("failed")
    # The error's own text may quote its input; the variables of its frames must not be added to that.
    assert stream.getvalue().count("hunter2") == 1


@pytest.mark.parametrize("as_json", [True, False])
@pytest.mark.parametrize("text", HOSTILE_TEXTS.values(), ids=HOSTILE_TEXTS)
def test_nothing_from_outside_has_an_effect_or_makes_up_a_line(text: str, as_json: bool, stream: io.StringIO) -> None:
    text = text[:3000]
    configure_logging(stream=stream, json=as_json)
    structlog.get_logger().error(text, title=text, deep={text: [text]}, odd=ValueError(text))
    logging.getLogger("somebody.s.library").warning("said %s", text)
    logged = re.sub(r"\x1b\[[0-9;]*m", "", stream.getvalue())
    assert logged.count("\n") == 2
    assert printable(logged, multiline=True) == logged


@pytest.mark.parametrize("as_json", [True, False])
def test_a_traceback_has_no_effect_either(as_json: bool, stream: io.StringIO) -> None:
    configure_logging(stream=stream, json=as_json)
    try:
        int("\x1b[2J\u202e")
    except ValueError:
        structlog.get_logger().exception("failed")
    logged = re.sub(r"\x1b\[[0-9;]*m", "", stream.getvalue())
    assert "Traceback" in logged
    assert printable(logged, multiline=True) == logged


def test_a_logger_of_a_module_follows_a_later_configuration(stream: io.StringIO) -> None:
    log = structlog.get_logger("vedette.somewhere")
    log.info("first")
    later = io.StringIO()
    configure_logging(stream=later, json=True)
    log.info("second")
    assert [line["event"] for line in lines(stream)] == ["first"]
    assert [(line["event"], line["logger"], line["level"]) for line in lines(later)] == [
        ("second", "vedette.somewhere", "info")
    ]


def test_a_logger_without_a_name_has_that_of_its_module(stream: io.StringIO) -> None:
    structlog.get_logger().warning("heard")
    assert lines(stream)[0]["logger"] == __name__


def test_a_line_below_the_level_is_not_written(stream: io.StringIO) -> None:
    configure_logging(stream=stream, json=True, level=logging.ERROR)
    structlog.get_logger().warning("unheard")
    logging.getLogger("somebody.s.library").warning("unheard")
    structlog.get_logger().error("heard")
    assert [line["event"] for line in lines(stream)] == ["heard"]


def test_a_closed_stream_is_no_error_of_the_code_that_logs(stream: io.StringIO) -> None:
    log = structlog.get_logger()
    stream.close()
    log.error("into the void")
    configure_logging(stream=(again := io.StringIO()), json=True)
    log.error("heard")
    assert len(lines(again)) == 1


def test_lines_of_both_kinds_from_many_threads_stay_whole() -> None:
    code = """
import logging, threading, structlog
from vedette._core.logging_setup import configure_logging, set_log_level
configure_logging(json=True)
def write(number):
    for _ in range(200):
        structlog.get_logger("ours").info("a line", number=number, text="x" * 500)
        logging.getLogger("theirs").warning("another line %s", "y" * 500)
threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
[each.start() for each in threads]
[each.join() for each in threads]
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    written = [json.loads(line) for line in done.stderr.splitlines()]
    assert Counter(line["logger"] for line in written) == {"ours": 800, "theirs": 800}


def test_both_kinds_of_lines_have_the_same_fields(stream: io.StringIO) -> None:
    structlog.get_logger("one").warning("said")
    logging.getLogger("one").warning("said")
    first, second = lines(stream)
    assert {**first, "timestamp": ""} == {**second, "timestamp": ""}


@pytest.mark.parametrize(
    ("level", "heard"),
    [("debug", ["a", "b", "c"]), ("info", ["b", "c"]), ("warning", ["c"]), ("error", [])],
)
def test_the_level_is_set_once_the_settings_are_read(level: str, heard: list[str], stream: io.StringIO) -> None:
    set_log_level(level)
    log = structlog.get_logger()
    log.debug("a")
    log.info("b")
    log.warning("c")
    assert [line["event"] for line in lines(stream)] == heard
