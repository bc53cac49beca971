"""Defines a request of a person or program that has signed in, and the routes that answer it."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from console.web.notes import put_note, take_note
from console.web.preferences import read_preferences
from vedette._core.json_values import json_object
from vedette._core.user_error import UserError
from vedette.store.console.account import Account, Role

if TYPE_CHECKING:
    from console.web.container import ConsoleServices
    from vedette.admin.session import AdminSession

LARGEST_FORM: Final = 256 * 1024
"""Bytes of a form or of a JSON order."""
_MOST_FIELDS: Final = 500


class FormTooLargeError(UserError):
    """A form has too many bytes or fields."""

    def __init__(self) -> None:
        super().__init__("The form is too large: choose fewer entries at a time")


class UnreadableOrderError(UserError):
    """The body of an order is not a JSON object."""

    exit_code = 2

    def __init__(self) -> None:
        super().__init__("The body is no JSON object: send one with Content-Type application/json")


class NoSuchPageError(UserError):
    """There is nothing under an address."""

    def __init__(
        self, what: str = "There is no such page: the search box finds issues, deliveries and handlers"
    ) -> None:
        super().__init__(what)


@dataclass(frozen=True)
class ConsoleRequest:
    """A request, its sender, and the services of the console."""

    http: Request
    services: "ConsoleServices"
    account: Account
    """The sender; on routes without sign-in a viewer without a name."""
    session: str = ""
    """The id of the session in a browser; empty for programs."""

    @property
    def admin(self) -> "AdminSession":
        """The session in which its queries and orders are carried out, under its name."""
        return self.services.admin_session(self.account.name)

    @property
    def parts(self) -> Mapping[str, str]:
        """The parts of its path, such as `delivery`."""
        return {name: str(value) for name, value in self.http.path_params.items()}

    def query(self, name: str, default: str = "") -> str:
        """Return a parameter of its URL."""
        return self.http.query_params.get(name, default)

    def url(self, path: str, **query: str | int | None) -> str:
        """Return the URL of a page of the console.

        Args:
            path: Its path, such as `/deliveries`.
            query: Parameters; those that are None or empty are left out.
        """
        return f"{self.services.address.prefix}{self.path(path, **query)}"

    @staticmethod
    def path(path: str, **query: str | int | None) -> str:
        """Return the path of a page with its parameters, without the console's prefix."""
        words = {name: value for name, value in query.items() if value not in (None, "")}
        return f"{path}{f'?{urlencode(words)}' if words else ''}"

    def render(self, template: str, *, status: int = 200, **context: Any) -> Response:
        """Return a page.

        Args:
            template: Its file in `console/web/templates`.
            status: The HTTP status.
            context: The values that it shows.
        """
        note = take_note(self.http)
        preferences = read_preferences(self.http)
        page = self.services.environment.get_template(template).render(
            request=self, account=self.account, note=note, preferences=preferences, path=self.http.url.path, **context
        )
        response = HTMLResponse(page, status)
        if note:
            response.delete_cookie(self.note_cookie, path="/")
        return response

    def redirect(self, path: str, note: str = "", *, is_problem: bool = False) -> Response:
        """Return a redirection to a page, which shows a note.

        Args:
            path: The path of the page and its parameters, without the console's prefix.
            note: A sentence on the outcome.
            is_problem: True for a sentence on what could not be done.
        """
        response = RedirectResponse(f"{self.services.address.prefix}{path}", 303)
        if note:
            put_note(response, self.services.address, note, is_problem=is_problem)
        return response

    @property
    def note_cookie(self) -> str:
        """The name of the cookie that holds a note for the next page."""
        return "vedette-note"

    async def read_form(self) -> "Form":
        """Return the fields of its body.

        Raises:
            FormTooLargeError: It has too many bytes or fields.
        """
        try:
            text = (await self._read_body()).decode("utf-8", "replace")
            pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
        except ValueError:
            raise FormTooLargeError from None
        return Form(pairs)

    async def read_json(self) -> dict[str, Any]:
        """Return its body as an object; an empty one if there is no body.

        Raises:
            FormTooLargeError: It has too many bytes.
            UnreadableOrderError: It is no object.
        """
        body = await self._read_body()
        try:
            found: Any = json.loads(body) if body.strip() else {}
        except (ValueError, RecursionError):
            raise UnreadableOrderError from None
        if not isinstance(found, dict):
            raise UnreadableOrderError
        return json_object(found)

    async def _read_body(self) -> bytes:
        body = bytearray()
        async for chunk in self.http.stream():
            body += chunk
            if len(body) > LARGEST_FORM:
                raise FormTooLargeError
        return bytes(body)


class Form:
    """The fields of a form."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._pairs = pairs

    def get(self, name: str, default: str = "") -> str:
        """Return the first value of a field."""
        return next((value for field, value in self._pairs if field == name), default)

    def all(self, name: str) -> list[str]:
        """Return the values of a field that may be there several times."""
        return [value for field, value in self._pairs if field == name]


Endpoint = Callable[[ConsoleRequest], Awaitable[Response]]


@dataclass(frozen=True)
class ConsoleRoute:
    """A route of the console."""

    method: Literal["GET", "POST"]
    path: str
    """Such as `/deliveries/{delivery}`."""
    endpoint: Endpoint
    role: Role | None = "viewer"
    """The least role that it wants; None for a route without sign-in."""

    @property
    def is_api(self) -> bool:
        """Return whether it answers in JSON."""
        return self.path.startswith("/api/")


def json_error(status: int, sentence: str, do: str = "") -> Response:
    """Return an error of the JSON API.

    Args:
        status: The HTTP status.
        sentence: The problem.
        do: The next step; taken from the sentence if that has both.
    """
    error, separator, advice = sentence.partition(": ")
    return JSONResponse({"error": error if not do else sentence, "do": do or (advice if separator else "")}, status)
