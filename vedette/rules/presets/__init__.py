"""Rules that people want, ready to paste: each a rules file, whose first lines say what it does and what it costs."""

from dataclasses import dataclass
from importlib import resources
from typing import Final

from vedette._core.nearest_name import did_you_mean

_ENDING: Final = ".toml"


class UnknownPresetError(ValueError):
    """There are no ready-made rules of that name."""

    def __init__(self, name: str, names: tuple[str, ...]) -> None:
        self.name = name
        super().__init__(
            f"there are no ready-made rules named {name}{did_you_mean(name, names) or '.'} There are {', '.join(names)}"
        )


@dataclass(frozen=True, slots=True)
class RulePreset:
    """One file.

    Attributes:
        name: what it is called.
        text: the whole file.
    """

    name: str
    text: str

    @property
    def summary(self) -> str:
        """What it does, in a sentence."""
        return self._paragraphs()[0]

    @property
    def cost(self) -> str:
        """What it costs in API calls, in a sentence."""
        return self._paragraphs()[1]

    def _paragraphs(self) -> list[str]:
        """The comment at its head."""
        head = self.text.partition("[[rule]]")[0]
        lines = [line.removeprefix("#").strip() for line in head.splitlines() if line.startswith("#")]
        return " ".join(line or "\n" for line in lines).replace(" \n ", "\n").split("\n")


def ready_names() -> tuple[str, ...]:
    """The names of all of them, sorted."""
    files = (file.name for file in resources.files(__name__).iterdir())
    return tuple(sorted(name.removesuffix(_ENDING) for name in files if name.endswith(_ENDING)))


def ready_rules(name: str) -> RulePreset:
    """The ready-made rules of that name.

    Raises:
        UnknownReadyRulesError: there are none.
    """
    names = ready_names()
    if name not in names:
        raise UnknownPresetError(name, names)
    return RulePreset(name, resources.files(__name__).joinpath(name + _ENDING).read_text(encoding="utf-8"))
