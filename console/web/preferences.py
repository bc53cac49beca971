"""Keeps what a person prefers, in cookies: dark or light, local time or UTC."""

from dataclasses import dataclass
from typing import Final, Literal

from starlette.requests import Request
from starlette.responses import Response

from console.web.address import ConsoleAddress

Theme = Literal["system", "light", "dark"]
THEMES: Final[tuple[Theme, ...]] = ("system", "light", "dark")
Zone = Literal["local", "utc"]
ZONES: Final[tuple[Zone, ...]] = ("local", "utc")
_THEME: Final = "vedette-theme"
_ZONE: Final = "vedette-zone"
_YEAR: Final = 365 * 24 * 3600


@dataclass(frozen=True)
class Preferences:
    """The preferences of a browser."""

    theme: Theme = "system"
    zone: Zone = "local"


def read_preferences(request: Request) -> Preferences:
    """Return the preferences of a browser; unknown values are the defaults."""
    themes: dict[str, Theme] = {one: one for one in THEMES}
    zones: dict[str, Zone] = {one: one for one in ZONES}
    theme, zone = request.cookies.get(_THEME, ""), request.cookies.get(_ZONE, "")
    return Preferences(themes.get(theme, THEMES[0]), zones.get(zone, ZONES[0]))


def keep_preferences(response: Response, address: ConsoleAddress, theme: str, zone: str) -> None:
    """Set the preferences that are known values, and leave the others unchanged."""
    for name, value, known in ((_THEME, theme, THEMES), (_ZONE, zone, ZONES)):
        if value in known:
            response.set_cookie(
                name, value, max_age=_YEAR, path="/", httponly=True, samesite="strict", secure=address.is_secure
            )
