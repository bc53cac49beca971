"""The Lua scripts beside this file, read once per use: each is one atomic step in Redis."""

from importlib import resources


def script(name: str) -> str:
    """Return the source of `NAME.lua`."""
    return resources.files("vedette.store").joinpath(f"{name}.lua").read_text(encoding="utf-8")


def run_script(name: str) -> str:
    """Return the source of `NAME.lua` behind what the scripts about runs share."""
    return f"{script('runs')}\n{script(name)}"
