"""Takes several new connections in one turn of the loop.

uvloop takes one for each handle on a listening socket (its libuv does since https://github.com/libuv/libuv/pull/3696),
and whatever sends webhooks may open a connection for each. In a flood a turn takes more than a millisecond: with one
handle new connections waited for up to a second while those that were there already were served in 20 ms.
"""

import asyncio
from collections.abc import Callable, Sequence

_HANDLES = 4
"""New connections that are taken in one turn. For a lone one the others look in vain, for a microsecond each."""


async def listen_again(
    servers: Sequence[asyncio.Server], make_protocol: Callable[[], asyncio.Protocol], *, backlog: int
) -> list[asyncio.Server]:
    """Listen to the sockets of `servers` through more handles.

    Args:
        servers: What listens already.
        make_protocol: Makes a connection's protocol.
        backlog: How many new connections may wait in the system.

    Returns:
        What has to be closed as well.
    """
    loop = asyncio.get_running_loop()
    return [
        await loop.create_server(make_protocol, sock=listening.dup(), backlog=backlog)
        for server in servers
        for listening in server.sockets
        for _ in range(_HANDLES - 1)
    ]
