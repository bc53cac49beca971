"""The Lua scripts beside this file, read once per use: each is one atomic step in Redis."""

from collections.abc import Mapping, Sequence
from importlib import resources


def script(name: str) -> str:
    """Return the source of `NAME.lua`."""
    return resources.files("vedette.store").joinpath(f"{name}.lua").read_text(encoding="utf-8")


def pairs(answer: Sequence[bytes]) -> Mapping[bytes, bytes]:
    """Return a hash, which a script answers as a list of names and values."""
    return dict(zip(answer[::2], answer[1::2], strict=True))


def run_script(name: str) -> str:
    """Return the source of `NAME.lua` behind what the scripts about runs share."""
    return f"{script('runs/_shared')}\n{script(name)}"


def audit_script(name: str) -> str:
    """Return the source of `NAME.lua` behind what the scripts that append to the audit share."""
    return f"{script('access/_audit_index')}\n{script('access/_audit')}\n{script(name)}"


def stalled_script(name: str) -> str:
    """Return the source of `NAME.lua` behind what judges runs, too."""
    return f"{script('runs/_shared')}\n{script('runs/_stalled')}\n{script(name)}"


def search_script(name: str) -> str:
    """Return the source of `NAME.lua` behind what the searches share, too."""
    return f"{script('runs/_shared')}\n{script('search/_sources')}\n{script(name)}"
