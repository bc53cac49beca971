"""Parses Redis URLs: addresses, authentication, and discovery by Sentinel or Cluster.

The client library reads URLs of one server; those of several follow the form that has become usual beside it:

    redis://[USER:PASSWORD@]HOST[:PORT][/DATABASE]
    unix://[USER:PASSWORD@]/PATH[?db=DATABASE]
    redis+sentinel://[USER:PASSWORD@]HOST[:PORT][,HOST[:PORT]...]/SERVICE[/DATABASE]
    redis+cluster://[USER:PASSWORD@]HOST[:PORT][,HOST[:PORT]...]

`rediss` instead of `redis` means TLS, to sentinels too. Options come last (`?ssl_ca_certs=...`), as the library names
them. Nothing here ever repeats the URL in an error: it may hold a password.
"""

import re
import ssl
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, cast
from urllib.parse import parse_qsl, quote, unquote, urlencode

from redis import connection as library

SENTINEL_PORT = 26379
SERVER_PORT = 6379
FORMS = (
    "redis://HOST:PORT/DATABASE, rediss://... (TLS), unix:///PATH, "
    "redis+sentinel://HOST:PORT,HOST:PORT/SERVICE or redis+cluster://HOST:PORT,HOST:PORT"
)
_FILES = ("ssl_ca_certs", "ssl_ca_path", "ssl_certfile", "ssl_keyfile")
_TLS_OPTIONS = (*_FILES, "ssl_ca_data", "ssl_password", "ssl_cert_reqs", "ssl_check_hostname", "ssl_ciphers")
_CERTIFICATES = ("none", "optional", "required")
_SERVER_OPTIONS = ("db", "username", "password", "client_name", "socket_keepalive")
_SENTINEL_OPTIONS = ("sentinel_username", "sentinel_password")
_LARGEST_PORT = 65535
_PASSWORD_OPTION = re.compile(r"(?<=password=)[^&]*")

Kind = Literal["server", "sentinel", "cluster"]


class RedisUrlError(ValueError):
    """The URL cannot be used; the text says what would be right, and never shows the URL."""


class Address(NamedTuple):
    """The address that a process listens on."""

    host: str
    port: int

    def __str__(self) -> str:
        """Write it as in a URL."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True)
class RedisUrl:
    """A URL that has been read."""

    kind: Kind
    addresses: tuple[Address, ...]
    """The server, or those that know its address; none for a unix socket."""
    service: str = ""
    """What the sentinels call the server."""
    tls: bool = False
    options: dict[str, Any] = field(default_factory=dict[str, Any], repr=False)
    """The credentials for the server, as keywords of the library's connections; `path` for a unix socket."""
    asking: dict[str, Any] = field(default_factory=dict[str, Any], repr=False)
    """The same for those that know the server's address."""


def read_redis_url(url: str) -> RedisUrl:
    """Read a URL.

    Raises:
        RedisUrlError: Saying what would be right.
    """
    scheme, separator, rest = url.partition("://")
    base, _, kind = scheme.lower().replace("+", "-").partition("-")
    if not separator or base not in {"redis", "rediss", "unix"} or kind not in {"", "sentinel", "cluster"}:
        raise RedisUrlError(f"should have one of the forms {FORMS}")
    if base == "unix" and kind:
        raise RedisUrlError(f"cannot be a unix socket: write redis+{kind}://HOST:PORT")
    rest, _, query = rest.partition("?")
    if "@" in query or "#" in url:
        raise RedisUrlError("has a ?, @ or # that means nothing there: in a password, write %3F, %40 and %23")
    given = _query(query, is_tls=base == "rediss", kind=kind)
    if not kind:
        return _one_server(base, rest, given)
    return _several(base, cast("Kind", kind), rest, given)


def _query(query: str, *, is_tls: bool, kind: str) -> dict[str, str]:
    given = dict(parse_qsl(query, keep_blank_values=True))
    known = {*_SERVER_OPTIONS, *(_TLS_OPTIONS if is_tls else ()), *(_SENTINEL_OPTIONS if kind == "sentinel" else ())}
    for name in given:
        if name in known:
            continue
        if name in _TLS_OPTIONS:
            raise RedisUrlError(f"has the option {name}, which is for TLS: begin it with rediss")
        raise RedisUrlError(f"has the option {name}, which is not known: there are {', '.join(sorted(known))}")
    if given.get("ssl_cert_reqs", "required") not in _CERTIFICATES:
        raise RedisUrlError(f"has the option ssl_cert_reqs, which is one of {', '.join(_CERTIFICATES)}")
    _check_certificates(given)
    return given


def _check_certificates(given: dict[str, str]) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        if "ssl_ca_certs" in given or "ssl_ca_path" in given:
            context.load_verify_locations(given.get("ssl_ca_certs"), given.get("ssl_ca_path"))
        if "ssl_certfile" in given:
            context.load_cert_chain(given["ssl_certfile"], given.get("ssl_keyfile"), given.get("ssl_password", ""))
    except OSError as error:
        named = ", ".join(name for name in _FILES if name in given)
        raise RedisUrlError(f"has options whose files cannot be used ({named}): {error}") from None


def _one_server(base: str, rest: str, given: dict[str, str]) -> RedisUrl:
    options = _read(f"{base}://{rest}", given)
    if base == "unix":
        if not options.get("path"):
            raise RedisUrlError("should name the socket: unix:///PATH")
        return RedisUrl("server", (), options=options)
    address = Address(options.pop("host", "localhost"), options.pop("port", SERVER_PORT))
    return RedisUrl("server", (address,), tls=base == "rediss", options=options)


def _several(base: str, kind: Kind, rest: str, given: dict[str, str]) -> RedisUrl:
    authority, _, path = rest.partition("/")
    credentials, at, hosts = authority.rpartition("@")
    if kind == "sentinel":
        service, _, database = path.partition("/")
        if not service or "@" in path:
            raise RedisUrlError(f"should name the service after the sentinels: {base}+sentinel://HOST:PORT/SERVICE")
    else:
        service, database = "", ""
        if path not in {"", "0"}:
            raise RedisUrlError(
                f"should end after the nodes, as a cluster has no databases: {base}+cluster://HOST:PORT"
            )
    addresses = tuple(_address(text, SENTINEL_PORT if kind == "sentinel" else SERVER_PORT) for text in hosts.split(","))
    sentinel = {name.removeprefix("sentinel_"): given.pop(name) for name in _SENTINEL_OPTIONS if name in given}
    options = _read(f"{base}://{credentials}{at}localhost/{database}", given)
    options.pop("host", None)
    asking = options
    if kind == "sentinel":
        asking = {name: value for name, value in options.items() if name.startswith("ssl_")} | sentinel
    return RedisUrl(kind, addresses, unquote(service), base == "rediss", options, asking)


def _read(url: str, given: dict[str, str]) -> dict[str, Any]:
    try:
        options = library.parse_url(f"{url}?{urlencode(given, quote_via=quote)}")
    except ValueError:
        # The library's own text may repeat what was given.
        raise RedisUrlError(f"cannot be read: it should have one of the forms {FORMS}") from None
    database = url.partition("://")[2].rpartition("@")[2].partition("/")[2]
    if not url.startswith("unix") and database and "db" not in options:
        raise RedisUrlError("should end with the number of a database, such as /0")
    options.pop("connection_class", None)
    return options


def _address(text: str, port: int) -> Address:
    host, separator, number = text.rpartition(":")
    if not separator or text.endswith("]"):
        host, number = text, str(port)
    host = host.removeprefix("[").removesuffix("]")
    if not host or not number.isdecimal() or not 0 < int(number) <= _LARGEST_PORT:
        raise RedisUrlError("should name each address as HOST or HOST:PORT, separated by commas")
    return Address(host, int(number))


def without_password(url: str) -> str:
    """Return `url` with its passwords taken out, for messages."""
    scheme, separator, rest = url.partition("://")
    # The last @ of all: a password may have been written with whatever else ends an address.
    credentials, at, shown = rest.rpartition("@")
    user = f"{credentials.partition(':')[0]}:***{at}" if at else ""
    return f"{scheme}{separator}{user}{_PASSWORD_OPTION.sub('***', shown)}"
