"""Defines the key by which an application writes a complete response in one call, past the messages of ASGI."""

from collections.abc import Callable

WRITE_RESPONSE = "vedette.write_response"
"""The key of a `WriteResponse` in a request's state; only `vedette.http_server.http_protocol` sets it."""
WriteResponse = Callable[[int, bytes, bytes], bool]
"""Writes a complete response (status, encoded headers, body) in one call; returns False when that is not possible. The
connection counts as proven afterwards."""
