"""Computes the times of a cron expression: five fields, in a timezone, with the daylight-saving rules of Debian's cron.

A job at a fixed hour that the clock skips runs right after the change, and a job in a repeated hour runs once. A job
with a star at the beginning of its hour or minute is not affected.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cronsim import CronSim, CronSimError

_FIELDS = 5
_RIGHT = 'minute, hour, day of month, month, day of week, such as "0 6 * * 1-5" for six on weekdays'


class UnusableCronError(ValueError):
    """A cron expression or its timezone cannot be used; the text says what to write."""

    def __init__(self, given: str, problem: str, right: str) -> None:
        self.given = given
        super().__init__(f"{given!r} {problem}: write {right}")


@dataclass(frozen=True)
class Cron:
    """When something runs. Made by `make_cron`."""

    expression: str
    timezone: str = "UTC"

    def __str__(self) -> str:
        return f"{self.expression} {self.timezone}"

    def after(self, moment: datetime) -> datetime:
        """Return the first time after `moment`, which is aware, in UTC."""
        return next(CronSim(self.expression, moment.astimezone(_zone(self.timezone)))).astimezone(UTC)

    def latest(self, moment: datetime) -> datetime:
        """Return the last time that is not after `moment`, which is aware, in UTC."""
        within = moment.astimezone(_zone(self.timezone)).replace(microsecond=1)
        return next(CronSim(self.expression, within, reverse=True)).astimezone(UTC)


def make_cron(expression: str, timezone: str = "UTC") -> Cron:
    """Read a cron expression.

    Raises:
        UnusableCronError: It cannot be read or is never due, or there is no such timezone.
    """
    made = Cron(" ".join(expression.split()), timezone)
    try:
        _zone(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UnusableCronError(timezone, "is no timezone of this machine", 'a name such as "Europe/Berlin"') from None
    if len(made.expression.split()) != _FIELDS:
        raise UnusableCronError(expression, "has not five fields", _RIGHT)
    try:
        made.after(datetime.now(UTC))
    except CronSimError as error:
        raise UnusableCronError(expression, f"cannot be read ({error})", _RIGHT) from None
    except StopIteration:
        raise UnusableCronError(expression, "is never due", "a day that its month has") from None
    return made


def _zone(name: str) -> tzinfo:
    return UTC if name == "UTC" else ZoneInfo(name)
