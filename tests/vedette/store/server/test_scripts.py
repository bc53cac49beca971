"""Every script that the store names is a file."""

import re
from pathlib import Path

from vedette.store.server.scripts import run_script, script, stalled_script

STORE = Path(__file__).parents[4] / "vedette" / "store"
SCRIPTS = sorted(str(path.relative_to(STORE).with_suffix("")) for path in STORE.rglob("*.lua"))


def test_each_script_is_read_by_its_folder_and_name() -> None:
    assert len(SCRIPTS) > 30
    for name in SCRIPTS:
        assert script(name) in run_script(name)
        assert run_script(name).rpartition(script(name))[0] in stalled_script(name)


def test_no_script_is_left_that_nothing_uses() -> None:
    source = "".join(
        path.read_text(encoding="utf-8")
        for room in ("vedette", "workers", "receiver")
        for path in Path(room).rglob("*.py")
    )
    unused = [name for name in SCRIPTS if not re.search(rf'["/]{name.rpartition("/")[2]}\b', source)]
    assert unused == []
