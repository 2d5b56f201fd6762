"""Folders of models: what lies in one, which model it is, how its data were read."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from graphmode.models import saving
from graphmode.models.catalog import CatalogEntry, entry_of
from graphmode.models.data.recipe import Recipe


@dataclass
class Asked:
    """What ``graphmode train`` was told about data: the card of a model keeps it.

    Parameters
    ----------
    model : str
        The command line's name.
    source : str
    label : str, optional
    without : list of str
    seed : int
    recipe : Recipe, optional
    """

    model: str
    source: str
    label: str | None = None
    without: list[str] = field(default_factory=list[str])
    seed: int = 0
    recipe: Recipe | None = None

    def to_json(self) -> dict[str, Any]:
        """As JSON has it."""
        return asdict(self)

    @classmethod
    def from_json(cls, known: dict[str, Any]) -> Asked:
        """What `to_json` gave."""
        asked = cls(**known)
        if asked.recipe is not None:
            asked.recipe = Recipe.from_json(known["recipe"])
        return asked


@dataclass
class Opened:
    """A folder of a model, read.

    Parameters
    ----------
    folder : Path
    model : Model
    entry : CatalogEntry
    asked : Asked or None
        None of a model that a program has saved.
    """

    folder: Path
    model: Any
    entry: CatalogEntry
    asked: Asked | None

    @property
    def recipe(self) -> Recipe:
        """How rows become the model's; an error where nobody has said so."""
        if self.asked is None or self.asked.recipe is None:
            n_features = getattr(self.model, "n_features_in_", None)
            if n_features is None:
                raise ValueError(f"{self.folder}: {self.entry.class_name} learns from no rows")
            return Recipe(n_features, is_number=self.entry.kind == "numbers", form=self.entry.form)
        return self.asked.recipe

    def can(self) -> list[str]:
        """The commands that this model answers to."""
        return [c for c, methods in _METHODS.items() if _has_one(self.model, methods)]

    def check_can(self, command: str) -> None:
        """Refuse a command that is for models of another class."""
        if command not in self.can():
            raise ValueError(
                f"{self.folder} is a model of the class {self.entry.class_name}, which has no "
                f"{command}; it has {', '.join(self.can())}"
            )


_METHODS = {
    "evaluate": ("fit",),
    "predict": ("predict", "predict_proba", "transform"),
    "generate": ("generate",),
    "reconstruct": ("reconstruct",),
    "recommend": ("recommend",),
    "draw": ("fit",),
}
"""The commands that ask a model, and the methods of which it needs one."""


def _has_one(model: Any, methods: tuple[str, ...]) -> bool:
    return any(hasattr(model, method) for method in methods)


def opened(folder: Path) -> Opened:
    """Read a folder of a model.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    Opened

    Raises
    ------
    ValueError
        If it is none.
    """
    card = saving.read_card(folder)
    entry = entry_of(str(card.get("class")))
    known: Any = card.get("data")
    asked = None if known is None or isinstance(known, str) else Asked.from_json(known)
    if asked is not None:
        entry = entry_of(asked.model)
    return Opened(folder, saving.load(folder), entry, asked)
