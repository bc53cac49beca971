"""Gateways that run as processes of their own."""

import asyncio
import os
import re
import sys
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path


@asynccontextmanager
async def gateway_process(folder: Path, variables: dict[str, str], log: int = DEVNULL) -> AsyncGenerator[str]:
    """Run `vedette gateway`; the address that it reports. Its log goes to a file descriptor."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "console", "gateway"),
        cwd=folder,
        env={**os.environ, **variables},
        stdout=asyncio.subprocess.PIPE,
        stderr=log,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(30):
            line = (await process.stdout.readline()).decode()
        found = re.search(r"http://\S+", line)
        assert found, line
        yield found[0]
    finally:
        process.terminate()
        assert await process.wait() == 0
