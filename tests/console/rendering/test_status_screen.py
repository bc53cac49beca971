import pytest

from console.rendering.status_screen import ROWS, screen_of
from vedette.admin.status import SystemStatus
from vedette.admin.status_lines import StatusLine

LONG = "Sentry refuses the token of integration default (401 Invalid token): its runs wait until a token works " * 2


def rows(*lines: StatusLine, width: int = 80) -> list[str]:
    return [row.plain for row in screen_of(SystemStatus(lines), "Vedette is", width)]


def test_a_line_shows_the_state_in_words_and_the_command_of_what_is_wrong() -> None:
    title, first, second = rows(
        StatusLine("workers", "ok", "2 running", "vedette worker"), StatusLine("dead", "warn", "12", "vedette dead")
    )
    assert title == "Vedette is with warnings"
    assert first == "workers         ok       2 running"
    assert second == "dead            warning  12 (`vedette dead`)"


@pytest.mark.parametrize("count", [1, 5, 12, 22, 23, 60])
@pytest.mark.parametrize("width", [50, 80, 100])
def test_any_number_of_problems_fits_the_screen(count: int, width: int) -> None:
    found = rows(
        *[StatusLine(f"alarm {number}" * 3, "broken", LONG, "vedette status") for number in range(count)], width=width
    )
    assert len(found) <= ROWS + 1
    assert all(len(row) <= width for row in found)
    if count > ROWS:
        assert found[-1] == f"and {count - ROWS + 1} more: `vedette status --json`"


def test_no_text_reaches_the_terminal_as_it_came() -> None:
    (_, row) = rows(StatusLine("a\x1b[31m", "ok", "b\x1b]0;title\x07\nc"))
    assert row.isprintable()
