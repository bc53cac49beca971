"""The SDK takes a second and 30 MB to import: only the gateway, and `vedette agents serve`, pay for it."""

import ast
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
ROOMS = ("vedette", "receiver", "workers", "handlers", "console")
OTHER_PROCESSES = """
import importlib, sys
import receiver.app, receiver.server, workers.runtime, workers.actors, workers.integration_clients
from console.main import COMMANDS, app
for place in COMMANDS.values():
    importlib.import_module(place.partition(":")[0])
loaded = sorted({name.partition(".")[0] for name in sys.modules} & {"mcp", "mcp_types", "gateway"})
print(loaded)
"""


def test_no_other_process_imports_the_sdk() -> None:
    done = subprocess.run([sys.executable, "-c", OTHER_PROCESSES], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_no_other_room_names_the_sdk() -> None:
    found: list[str] = []
    for path in [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            found += [str(path) for name in names if name.partition(".")[0] in {"mcp", "mcp_types"}]
    assert found == []
