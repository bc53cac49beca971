"""Plugins that the settings name by path: a file, a folder of files, or a package's folder."""

import importlib
import importlib.util
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import ModuleType

_INIT = "__init__.py"
Load = Callable[[], ModuleType]


class NoHandlerFilesError(ImportError):
    """A folder of plugins holds no file that could have handlers."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"{folder} holds no Python file: put one with a handler there, or take it out of `plugins`")


class PackageFailedError(ImportError):
    """A module belongs to a package that could not be loaded, which is reported already."""


class PluginFiles:
    """Loads the modules of plugins, each under a name of its own."""

    def __init__(self) -> None:
        self._taken: set[str] = set()
        self._failed: set[str] = set()
        """The names of packages that could not be loaded."""

    def modules(self, path: Path) -> Iterator[tuple[str, Load]]:
        """Yield the display name and the loader of each module at a path.

        In a folder, tests and files with a leading underscore are skipped.
        """
        if not path.is_dir():
            yield path.name, partial(_import_file, path, self._name(path.stem))
        elif (path / _INIT).exists():
            yield from self._package(path)
        else:
            files = _files(path)
            if not files:
                yield path.name, partial(_nothing_in, path)
            for file in files:
                yield f"{path.name}/{file.name}", partial(_import_file, file, self._name(file.stem))

    def _package(self, path: Path) -> Iterator[tuple[str, Load]]:
        name = self._name(path.name)
        yield path.name, partial(self._import_package, path / _INIT, name)
        for file in _files(path):
            yield f"{path.name}/{file.name}", partial(self._import_of_package, name, file.stem)

    def _import_package(self, path: Path, name: str) -> ModuleType:
        self._failed.add(name)
        module = _import_file(path, name)
        self._failed.discard(name)
        return module

    def _import_of_package(self, package: str, stem: str) -> ModuleType:
        if package in self._failed:
            raise PackageFailedError(package)
        return importlib.import_module(f"{package}.{stem}")

    def _name(self, stem: str) -> str:
        # The names are ours alone, so that a file called `handlers.py` or `workers.py` shadows nothing.
        name = plain = f"vedette_plugin_{stem}"
        number = 1
        while name in self._taken:
            number += 1
            name = f"{plain}_{number}"
        self._taken.add(name)
        return name


def _files(folder: Path) -> list[Path]:
    names = [file for file in folder.glob("*.py") if not file.name.startswith(("_", "test_", "conftest."))]
    return sorted(names)


def _nothing_in(folder: Path) -> ModuleType:
    raise NoHandlerFilesError(folder)


def _import_file(path: Path, name: str) -> ModuleType:
    within = [str(path.parent)] if path.name == _INIT else None
    spec = importlib.util.spec_from_file_location(name, path, submodule_search_locations=within)
    if spec is None or spec.loader is None:
        raise ImportError(f"{path} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        # As Python's own import does, so that no module imports a partial one.
        sys.modules.pop(name, None)
        raise
    return module
