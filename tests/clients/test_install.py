"""The clients are pinned, with a hash each, and come from whichever registry npm is set up for."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.clients.install import HERE, clients_folder

LOCK: dict[str, Any] = json.loads((HERE / "package-lock.json").read_text())
PACKAGES: dict[str, Any] = json.loads((HERE / "package.json").read_text())["dependencies"]


def test_each_package_is_pinned_with_a_hash_and_names_no_registry() -> None:
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in PACKAGES.values())
    for name, package in LOCK["packages"].items():
        if name:
            assert package["integrity"].startswith("sha512-"), name
            assert "resolved" not in package
    for name, version in PACKAGES.items():
        assert LOCK["packages"][f"node_modules/{name}"]["version"] == version


def test_what_is_installed_is_what_is_pinned(installed: Path) -> None:
    for name, version in PACKAGES.items():
        package = json.loads((installed / "node_modules" / name / "package.json").read_text())
        assert package["version"] == version
    assert installed == clients_folder()


def test_installing_again_only_says_where_they_are(installed: Path) -> None:
    done = subprocess.run([sys.executable, HERE / "install.py"], capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout.strip() == str(installed)
