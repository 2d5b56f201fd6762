"""Programs that are kept in the user's cache folder: the next process need not compile them.

JAX's persistent compilation cache, in a folder of ours: `keep_programs` asks for it, and it is
there once JAX is made ready. A folder for each kind of processor, since a program has the
instructions of the one that it was compiled for and homes are shared.
"""

# pyright: reportUnknownMemberType=false
from __future__ import annotations

import contextlib
import os
import platform
import re
import sys
import threading
import warnings
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

_MOST_BYTES = 512 << 20
_SECONDS_WORTH_KEEPING = 0.05


class _Kept:
    """Whether programs of this process are kept, and where."""

    is_wanted = False
    is_jax_ready = False
    folder: Path | None = None


def keep_programs() -> None:
    """Keep what XLA compiles in this process from now on, where the user says nothing else.

    ``JAX_COMPILATION_CACHE_DIR`` and JAX's own settings go before, and
    ``JAX_ENABLE_COMPILATION_CACHE=0`` turns it off. Nothing after the first call.
    """
    _Kept.is_wanted = True
    if _Kept.is_jax_ready:
        start_keeping()


def start_keeping() -> None:
    """Tell JAX, which is imported by now, where programs are kept, if they are to be."""
    _Kept.is_jax_ready = True
    if not _Kept.is_wanted or _Kept.folder is not None:
        return
    import jax

    settings: Any = jax.config
    if settings.jax_compilation_cache_dir or not settings.jax_enable_compilation_cache:
        return
    folder = _folder()
    if not folder.is_absolute():  # nobody's home
        return
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        make_room(folder)
    except OSError:
        return
    if not os.access(folder, os.W_OK):
        return
    _Kept.folder = folder
    settings.update("jax_compilation_cache_dir", str(folder))
    settings.update("jax_persistent_cache_min_compile_time_secs", _SECONDS_WORTH_KEEPING)


def _folder() -> Path:
    from pathlib import Path

    import platformdirs

    return Path(platformdirs.user_cache_dir("graphmode")) / "programs" / _processor()


def _processor() -> str:
    """What tells kinds of processors apart, as the name of a folder."""
    import hashlib
    from pathlib import Path

    told = [platform.system(), platform.machine()]
    with contextlib.suppress(OSError):
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
        told += re.findall(r"^(?:model name|flags|Features)\s*:.*$", text, re.M)[:2]
    return hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]


def make_room(folder: Path, most_bytes: int = _MOST_BYTES) -> None:
    """Remove the oldest files of a folder until half of `most_bytes` is left, if it has more.

    Parameters
    ----------
    folder : Path
    most_bytes : int

    Raises
    ------
    OSError
        If the folder cannot be read.
    """
    found: list[tuple[int, int, Path]] = []
    for entry in folder.iterdir():
        with contextlib.suppress(FileNotFoundError):  # another process makes room, too
            about = entry.stat()
            found.append((about.st_mtime_ns, about.st_size, entry))
    size = sum(n_bytes for _, n_bytes, _ in found)
    if size <= most_bytes:
        return
    for _, n_bytes, entry in sorted(found):
        if size <= most_bytes // 2:
            return
        with contextlib.suppress(OSError):
            entry.unlink()
        size -= n_bytes


class _Caught:
    """The warnings from when a thread begins to compile until none does."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._n_threads = 0
        self._warnings: list[warnings.WarningMessage] | None = None
        self._end = contextlib.ExitStack()

    def begin(self) -> None:
        """One more thread compiles."""
        with self._lock:
            if not self._n_threads:
                record = _Kept.folder is not None
                self._warnings = self._end.enter_context(warnings.catch_warnings(record=record))
                warnings.filterwarnings("always", ".*persistent compilation cache")
                # A variable that changes its shape gives up memory that nothing can take.
                warnings.filterwarnings("ignore", "Some donated buffers were not usable")
            self._n_threads += 1

    def stop(self) -> list[warnings.WarningMessage]:
        """One less does; what was caught, if it was the last."""
        with self._lock:
            self._n_threads -= 1
            if self._n_threads:
                return []
            self._end.close()
            return self._warnings or []


_of_process = _Caught()


@contextlib.contextmanager
def compiling() -> Generator[None]:
    """While JAX compiles: it does without a file that it cannot read or write, and says nothing.

    Such a file would never be written again, so the whole folder is emptied.
    """
    # Filters are of the process, or, where threads run at once (Python 3.14), of each thread.
    is_of_thread = getattr(sys.flags, "context_aware_warnings", False)
    caught = _Caught() if is_of_thread else _of_process
    caught.begin()
    try:
        yield
    finally:
        for warning in caught.stop():
            if "persistent compilation cache" not in str(warning.message):
                warnings.warn_explicit(
                    warning.message, warning.category, warning.filename, warning.lineno
                )
            elif _Kept.folder is not None and "reading" in str(warning.message):
                with contextlib.suppress(OSError):
                    make_room(_Kept.folder, 0)
