"""Where the files of a data set lie: your folder, a package that ships them, the cache."""

from __future__ import annotations

import importlib.util
import os
import shutil
import tarfile
import tempfile
import textwrap
import zipfile
import zlib
from pathlib import Path
from typing import IO, TYPE_CHECKING

from graphmode.datasets import fetch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from graphmode.datasets.catalog import Archive, CatalogEntry


class _DamagedArchiveError(ValueError):
    """An archive that is here, but cannot be read to its end."""


def cache_folder(data_set: CatalogEntry) -> Path:
    """Where downloads of a data set go.

    Parameters
    ----------
    data_set : CatalogEntry

    Returns
    -------
    Path
        Below the user's cache folder as the system has it (``XDG_CACHE_HOME`` on Linux).
    """
    import pooch  # pyright: ignore[reportMissingTypeStubs]

    return Path(pooch.os_cache("graphmode")) / data_set.folder


def own_folder(data_set: CatalogEntry) -> Path | None:
    """The folder of a data set in ``$GRAPHMODE_DATA``; None if that is not set.

    Parameters
    ----------
    data_set : CatalogEntry

    Returns
    -------
    Path or None
    """
    environment = os.environ.get("GRAPHMODE_DATA")
    return Path(environment) / data_set.folder if environment else None


def find(data_set: CatalogEntry, names: Iterable[str] | None = None) -> dict[str, Path]:
    """Those files of a data set that are here. Nothing is sent to a network.

    Parameters
    ----------
    data_set : CatalogEntry
    names : iterable of str, optional
        Of files; all of them if not given.

    Returns
    -------
    dict of str to Path
        A file that is called ``x.gz`` may be found unpacked, as ``x``.
    """
    wanted = [file.name for file in data_set.files] if names is None else list(names)
    own = own_folder(data_set)
    found = _in(own, wanted) if own is not None else {}
    published = [file.name for file in data_set.files]
    for path in _shipped(data_set):
        found = {name: path for name in wanted if name in published} | found
    if len(found) < len(wanted):  # finding the cache takes longest
        found = _in(cache_folder(data_set), wanted) | found
    return {name: found[name] for name in wanted if name in found}


def _in(folder: Path, names: list[str]) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for name in names:
        for path in (folder / name, folder / name.removesuffix(".gz")):
            if name not in found and path.is_file():
                found[name] = path
    return found


def _shipped(data_set: CatalogEntry) -> list[Path]:
    """The file that a package brings along, if one does. The package is not imported."""
    found: list[Path] = []
    for package, path in data_set.shipped:
        spec = importlib.util.find_spec(package)
        for folder in (spec and spec.submodule_search_locations) or ():
            if (Path(folder) / path).is_file():
                found.append(Path(folder) / path)
    return found


def get(data_set: CatalogEntry, names: Iterable[str] | None = None) -> dict[str, Path]:
    """The files of a data set; those that are not here are downloaded into the cache and checked.

    Parameters
    ----------
    data_set : CatalogEntry
    names : iterable of str, optional
        Of files; all of them if not given.

    Returns
    -------
    dict of str to Path

    Raises
    ------
    FileNotFoundError
        If a file is not here and no mirror gives it; says which file to put where.
    """
    wanted = [file.name for file in data_set.files] if names is None else list(names)
    present = find(data_set, wanted)
    missing = [name for name in wanted if name not in present]
    if not missing:
        return present
    errors: list[Exception] = []
    at_hand = _archive_at_hand(data_set)
    if at_hand is not None:
        present.update(_take_all(at_hand, data_set, missing, errors))
        missing = [name for name in wanted if name not in present]
    if data_set.mirrors:
        for name in missing:
            path = _download(data_set, name, errors)
            if path is None:
                break
            present[name] = path
    missing = [name for name in wanted if name not in present]
    if missing and data_set.archive is not None:
        present.update(_unpack(data_set, data_set.archive, missing, errors))
        missing = [name for name in wanted if name not in present]
    if missing:
        raise FileNotFoundError(how_to_get(data_set, missing, errors)) from (
            errors[0] if errors else None
        )
    return {name: present[name] for name in wanted}


def _download(data_set: CatalogEntry, name: str, errors: list[Exception]) -> Path | None:
    checksum = next(file.checksum for file in data_set.files if file.name == name)
    for mirror in data_set.mirrors:
        try:
            return fetch.fetch(mirror.format(name), cache_folder(data_set), checksum, name)
        except (OSError, ValueError) as error:
            errors.append(error)
    return None


def _unpack(
    data_set: CatalogEntry, archive: Archive, names: list[str], errors: list[Exception]
) -> dict[str, Path]:
    """Download an archive and take the named files out of it, each whole or not at all."""
    folder = cache_folder(data_set)
    for mirror in archive.mirrors:
        try:
            packed = fetch.fetch(mirror, folder, archive.checksum)
        except (OSError, ValueError) as error:
            errors.append(error)
            continue
        try:
            taken = _take_all(packed, data_set, names, errors)
        finally:
            packed.unlink()
        if taken:
            return taken
    return {}


def _archive_at_hand(data_set: CatalogEntry) -> Path | None:
    """The archive itself, where somebody has put it."""
    if data_set.archive is None:
        return None
    folders = (own_folder(data_set), cache_folder(data_set))
    candidates = [folder / archive_name(data_set.archive) for folder in folders if folder]
    return next((path for path in candidates if path.is_file()), None)


def archive_name(archive: Archive) -> str:
    """What an archive is called.

    Parameters
    ----------
    archive : Archive

    Returns
    -------
    str
    """
    return archive.mirrors[0].rpartition("/")[2]


def _take_all(
    packed: Path, data_set: CatalogEntry, names: list[str], errors: list[Exception]
) -> dict[str, Path]:
    """Take the named files out of an archive into the cache; none of them if it is damaged."""
    folder, inside = cache_folder(data_set), data_set.archive.folder if data_set.archive else ""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        return {name: _take(packed, inside + name, folder / name) for name in names}
    except (KeyError, EOFError, OSError, tarfile.TarError, zipfile.BadZipFile, zlib.error) as error:
        errors.append(_DamagedArchiveError(f"'{packed}' is damaged ({error or 'it ends early'})"))
    return {}


def _take(packed: Path, member: str, target: Path) -> Path:
    if zipfile.is_zipfile(packed):
        with zipfile.ZipFile(packed) as zipped, zipped.open(member) as content:
            return _place(content, target)
    with tarfile.open(packed) as tarred:
        content = tarred.extractfile(member)
        if content is None:
            raise KeyError(member)
        return _place(content, target)


def _place(content: IO[bytes], target: Path) -> Path:
    """Write a file beside its place, then move it there."""
    with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as part:
        try:
            shutil.copyfileobj(content, part)
        except BaseException:
            Path(part.name).unlink()
            raise
    Path(part.name).chmod(0o644)
    return Path(part.name).replace(target)


def how_to_get(data_set: CatalogEntry, missing: list[str], errors: list[Exception]) -> str:
    """What to say when files are not to be had: which, and where to put them.

    Parameters
    ----------
    data_set : CatalogEntry
    missing : list of str
        Names of files.
    errors : list of Exception
        Of the mirrors that were asked.

    Returns
    -------
    str
        Several lines.
    """
    own, cache = own_folder(data_set), cache_folder(data_set)
    where = "GRAPHMODE_DATA is not set" if own is None else f"'{own}' has not all of them"
    reason = "there is nowhere to download it from"
    if errors and isinstance(errors[0], _DamagedArchiveError):
        reason = str(errors[0])
    elif errors:
        text = textwrap.shorten(str(errors[0]), 100, placeholder=" ...")
        reason = f"the download failed ({type(errors[0]).__name__}: {text})"
    packed = f", or {archive_name(data_set.archive)}," if data_set.archive else ""
    lines = [
        f"{data_set.title}: {', '.join(missing)} missing ({where}, nor has '{cache}'), "
        f"and {reason}.",
        "Any one of these gets it:",
        f"  - put {_described(data_set, missing)}{packed} into '{own or cache}'",
    ]
    if own is None:
        lines.append(
            f"  - set GRAPHMODE_DATA to a folder that has it in its subfolder '{data_set.folder}', "
            "or give that folder to graphmode run --data"
        )
    mirrors = [*data_set.mirrors, *(data_set.archive.mirrors if data_set.archive else ())]
    if mirrors:
        lines.append(
            f"  - connect to the network and run `graphmode datasets fetch {data_set.name}`: "
            f"it asks {', '.join(dict.fromkeys(url.split('/')[2] for url in mirrors))}"
        )
    return "\n".join(lines)


def _described(data_set: CatalogEntry, names: list[str]) -> str:
    files = [file for file in data_set.files if file.name in names]
    if len(files) > 1 or files[0].size is None:
        return " ".join(file.name for file in files)
    checksum = f", {files[0].checksum}" if files[0].checksum else ""
    return f"{files[0].name} ({files[0].size} bytes{checksum})"
