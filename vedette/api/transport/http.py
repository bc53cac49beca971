"""The network end of the client: one host, one credential, bytes in and out.

The credential is given to a client that knows a single origin and follows no redirect, so that nothing Sentry or a
proxy answers can send it elsewhere.
"""

import time
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import urlsplit

from pydantic_core import to_json

from vedette._core.version import vedette_version
from vedette.api.call import Answer, Call
from vedette.api.errors import (
    AnswerTooLarge,
    Detail,
    SentryError,
    SentryTimeout,
    SentryUnreachable,
    UnreadableAnswer,
    WrongToken,
)
from vedette.api.log import client_log
from vedette.api.operations import TokenKind
from vedette.api.response_parsing import read_answer
from vedette.api.tokens import Credential
from vedette.api.transport.http_exchange import (
    HttpAnswer,
    HttpOptions,
    NoAnswerError,
    TooLargeError,
    make_exchange,
)

if TYPE_CHECKING:
    from structlog.stdlib import BoundLogger

    from vedette._core.secret_masking import Masker

PROJECT_PAGE: Final = "https://github.com/vedette-dev/vedette"


def check_base_url(url: str) -> str:
    """Sentry's address without its API's path or a trailing slash.

    Raises:
        ValueError: it is not an http(s) address, or holds a user, query or fragment.
    """
    parts = urlsplit(url.strip())
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("Sentry's address must look like https://sentry.example.com: a scheme and a host.")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError(
            "Sentry's address must hold no user, password, query or fragment; the token is given separately."
        )
    path = parts.path.rstrip("/").removesuffix("/api/0")
    return f"{parts.scheme}://{parts.netloc}{path}"


class HttpTransport:
    """The network end: a transport to one host."""

    def __init__(self, base_url: str, credential: Credential | None, *, options: HttpOptions | None = None) -> None:
        self.base_url = check_base_url(base_url)
        self._credential = credential
        self._options = options or HttpOptions()
        self._exchange = make_exchange(self.base_url, _headers(credential), self._options)
        self._log: BoundLogger | None = None
        self._mask: Masker | None = None

    async def send(self, call: Call) -> Answer:
        """Answer the call, or raise a `SentryError`."""
        self._check(call)
        if call.before_send is not None:
            await call.before_send(call)
        begun = time.monotonic()
        status, headers, content = await self._answer(call)
        if self._credential is not None:
            content = self._credential.redact(content)
        if self._log is None:
            self._log = client_log()
        self._log.debug(
            "sentry answered",
            operation=call.operation.name,
            issue=call.issue,
            status=status,
            seconds=round(time.monotonic() - begun, 3),
        )
        try:
            return read_answer(call, status, headers, content)
        except SentryError as error:
            raise self._masked(error) from None

    def _masked(self, error: SentryError) -> SentryError:
        """Return the error without the credential, in every form that the answer repeats."""
        if self._credential is not None:
            self._mask = self._mask or self._credential.masker()
            error.detail = error.detail.masked(self._mask)
            error.headers = {name: self._mask(value) for name, value in error.headers.items()}
        return error

    def _check(self, call: Call) -> None:
        """Say before the call what Sentry would only answer with a riddle: this kind of token cannot do it."""
        if self._credential is None or call.operation.accepts(self._credential.kind):
            return
        kind = {TokenKind.DSN: "a DSN"}.get(self._credential.kind, f"an {self._credential.kind} token")
        raise WrongToken(call, reason=f"{kind} cannot do this")

    async def _answer(self, call: Call) -> HttpAnswer:
        """Send the call and return the bytes of its answer.

        A call that must not be sent twice gets a connection of its own: where a server closes a kept one at the moment
        of its next use, it is unknown whether the call arrived. Other calls are retried then.
        """
        body = None if call.body is None else to_json(call.body)
        try:
            return await self._exchange.send(call.operation.method, call.target, body, is_new=not call.repeatable)
        except TooLargeError as error:
            raise AnswerTooLarge(call, status=error.status, largest=self._options.largest) from error
        except NoAnswerError as error:
            if error.is_timeout:
                raise SentryTimeout(call, cause=error.cause) from error
            if error.is_broken_encoding:
                raise UnreadableAnswer(call, detail=Detail("its compression is broken")) from error
            raise SentryUnreachable(call, cause=error.cause, detail=Detail(str(error))) from error

    async def aclose(self) -> None:
        """Close the connections."""
        await self._exchange.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"<HttpTransport {self.base_url} {self._credential.kind if self._credential else 'no credential'}>"


def _headers(credential: Credential | None) -> dict[str, str]:
    headers = {"Accept": "application/json", "User-Agent": f"vedette/{vedette_version()} (+{PROJECT_PAGE})"}
    return headers if credential is None else {**headers, "Authorization": credential.authorization()}
