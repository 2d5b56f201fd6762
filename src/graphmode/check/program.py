"""The files of a program, and what it needs of `tensorflow` that is absent."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from graphmode.check import sources, symbols
from graphmode.check.bindings import Bindings, Local, Use
from graphmode.check.sources import Place, Source

if TYPE_CHECKING:
    from collections.abc import Iterable


class Missing(NamedTuple):
    """A name below `tensorflow` that a program needs and that is absent."""

    place: Place
    symbol: symbols.Symbol

    def __str__(self) -> str:
        note = f": {self.symbol.note}" if self.symbol.note else ""
        return f"{self.place} needs {self.symbol.name}, which is absent{note}"


class Program:
    """The files of a program: those given, and those beside them that they import.

    Parameters
    ----------
    folder : Path or None
        Where files that were not given are looked for, below the folder of who imports them.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._starts: dict[str, Path] = {}
        self._modules: dict[str, Bindings | None] = {}

    def add(
        self,
        path: Path,
        text: bytes | None = None,
        shown: str | None = None,
        start: Path | None = None,
    ) -> None:
        """Take a file in, and all of the program's that it imports.

        Parameters
        ----------
        path : Path
        text : bytes, optional
            What it says, if it is not to be read.
        shown : str, optional
            What messages call it; its path if not given.
        start : Path, optional
            Where its imports are found first; its folder if not given.

        Raises
        ------
        OSError
            If it cannot be read.
        """
        key = str(path.resolve())
        if self._modules.get(key) is None:
            shown = shown or str(path)
            self._starts[key] = start or path.resolve().parent
            if text is None:
                source = sources.read_source(path, shown)
            else:
                source = sources.read_text(text, path, shown)
            self._take(key, source)

    def _take(self, key: str, source: Source) -> None:
        waiting = [(key, source)]
        while waiting:
            key, source = waiting.pop()
            self._modules[key] = bindings = Bindings(source, self)
            start = self._starts[key]
            for local in bindings.imported:
                path = Path(local.path)
                path = path / "__init__.py" if path.is_dir() else path
                beside = str(path)
                if beside in self._modules or not path.is_file():
                    continue
                self._starts[beside] = start
                self._modules[beside] = None
                try:
                    waiting.append((beside, sources.read_source(path, _relative(path))))
                except OSError:
                    continue

    # ---- where a program's own files are (`Files`) ----------------------------------------------

    def find(self, parts: tuple[str, ...], level: int, source: Source) -> Local | None:
        """See `Files.find`."""
        file = source.path.resolve()
        if level:
            base = file.parents[level - 1] if level <= len(file.parents) else file.parent
            return self._path(base, parts) if parts else Local(str(base))
        if parts[0] in symbols.ROOTS:
            return None
        for folder in self._folders(file):
            found = self._path(folder, parts)
            if found is not None:
                return found
        return None

    def _folders(self, file: Path) -> Iterable[Path]:
        yield self._starts.get(str(file), file.parent)
        if self._folder is None:
            return
        for folder in file.parents:
            yield folder
            if folder == self._folder:
                return

    def _path(self, folder: Path, parts: tuple[str, ...]) -> Local | None:
        path = folder.joinpath(*parts)
        if path.with_name(f"{path.name}.py").is_file():
            return Local(str(path.with_name(f"{path.name}.py")))
        if path.is_dir() and any(path.glob("*.py")):
            return Local(str(path))
        return None

    def inside(self, folder: Local, name: str) -> Local | None:
        """See `Files.inside`."""
        path = Path(folder.path)
        return self._path(path, (name,)) if path.is_dir() else None

    def names(self, file: Local) -> Bindings | None:
        """See `Files.names`."""
        path = Path(file.path)
        return self._modules.get(str(path / "__init__.py" if path.is_dir() else path))

    # ---- what they need -------------------------------------------------------------------------

    def missing(self) -> list[Missing]:
        """What is absent of `tensorflow`, by the tables alone: nothing is imported for it."""
        found: dict[str, Missing] = {}
        for use in self.uses():
            if symbols.is_of_tensorflow(use.name) and not use.is_provided:
                symbol = symbols.listed(use.name)
                refusal = symbols.ALWAYS_REFUSED.get(symbol.name)
                if refusal is not None and use.call is not None:
                    symbol = symbol._replace(is_present=False, note=refusal)
                if not symbol.is_present:
                    found.setdefault(symbol.name, Missing(use.place, symbol))
        return list(found.values())

    def uses(self) -> list[Use]:
        """What the files need of libraries, but what they put there themselves."""
        own = {name for module in self.modules for name in module.definitions()}
        uses = (use for module in self.modules for use in module.uses())
        return [use for use in uses if not _is_below(use.name, own)]

    @property
    def modules(self) -> list[Bindings]:
        """The files that were read."""
        return [module for module in self._modules.values() if module is not None]


def _relative(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _is_below(name: str, names: set[str]) -> bool:
    return any(f"{name}.".startswith(f"{each}.") for each in names)
