"""Provides rule presets: rules files to paste, each with comments on its effect and its cost."""

from dataclasses import dataclass
from importlib import resources
from typing import Final

from vedette._core.nearest_name import did_you_mean

_ENDING: Final = ".toml"


class UnknownPresetError(ValueError):
    """There is no preset of this name."""

    def __init__(self, name: str, names: tuple[str, ...]) -> None:
        self.name = name
        super().__init__(
            f"there are no ready-made rules named {name}{did_you_mean(name, names) or '.'} There are {', '.join(names)}"
        )


@dataclass(frozen=True, slots=True)
class RulePreset:
    """A rule preset.

    Attributes:
        name: The name.
        text: The rules file.
    """

    name: str
    text: str

    @property
    def summary(self) -> str:
        """The effect, in a sentence."""
        return self._paragraphs()[0]

    @property
    def cost(self) -> str:
        """The number of API calls, in a sentence."""
        return self._paragraphs()[1]

    def _paragraphs(self) -> list[str]:
        """Return the paragraphs of the comment at the head."""
        head = self.text.partition("[[rule]]")[0]
        lines = [line.removeprefix("#").strip() for line in head.splitlines() if line.startswith("#")]
        return " ".join(line or "\n" for line in lines).replace(" \n ", "\n").split("\n")


def ready_names() -> tuple[str, ...]:
    """Return the names of all presets, sorted."""
    files = (file.name for file in resources.files(__name__).iterdir())
    return tuple(sorted(name.removesuffix(_ENDING) for name in files if name.endswith(_ENDING)))


def ready_rules(name: str) -> RulePreset:
    """Return the preset of a name.

    Raises:
        UnknownPresetError: There is none.
    """
    names = ready_names()
    if name not in names:
        raise UnknownPresetError(name, names)
    return RulePreset(name, resources.files(__name__).joinpath(name + _ENDING).read_text(encoding="utf-8"))
