"""What JAX, XLA and the process's allocator are told for each kind of processor."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
from __future__ import annotations

import ctypes
import functools
import os
import sys
import warnings
from collections.abc import Callable
from types import MappingProxyType
from typing import Any, NamedTuple

from graphmode.ops.lowering import PLAIN, Lowering
from graphmode.runtime.places.threads import Started
from graphmode.runtime.programs.compilation_cache import start_keeping

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # glibc's mallopt
_KEPT_BYTES = 1 << 30


class Platform(NamedTuple):
    """One kind of processor.

    Attributes
    ----------
    compiler_options : read-only mapping
        What XLA must be told to compile for it correctly and well.
    lowering : Lowering
        What a program for it does in a way of its own.
    shares_memory : bool
        Whether programs read fed arrays in place: they have to end before the caller goes on.
    """

    name: str
    compiler_options: MappingProxyType[str, str] = MappingProxyType({})
    lowering: Lowering = PLAIN
    shares_memory: bool = False


@functools.cache
def prepare() -> None:
    """Make ready for programs, as JAX starts now; nothing after the first call."""
    _configure()
    Started.process = os.getpid()


@functools.cache
def _configure() -> None:
    """Say what JAX and the allocator have to know before JAX starts.

    A program takes the memory of its intermediate values anew each time it is called. glibc asks
    the system for each block of over 32 MiB and gives it back, and touching the new pages costs
    more than many a product: a fifth of a training step with a vocabulary of 10,000 words. It is
    told to keep up to 1 GiB. It can do so in the main thread only, where programs therefore run
    (a run waits for its program in any case).
    """
    import jax

    if sys.platform == "linux":
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt is not None:
            mallopt(_M_MMAP_THRESHOLD, _KEPT_BYTES)
            mallopt(_M_TRIM_THRESHOLD, _KEPT_BYTES)
    jax.config.update("jax_cpu_enable_async_dispatch", False)
    start_keeping()


def ask_for_cpus(n_cpus: int) -> None:
    """Have JAX start with `n_cpus` CPU devices or more; it cannot once it has started.

    Warns
    -----
    RuntimeWarning
        If it has started with fewer.
    """
    n_found = start_with_cpus(n_cpus)
    if n_found < n_cpus:
        warnings.warn(
            f"ConfigProto(device_count={{'CPU': {n_cpus}}}) comes after JAX has started with "
            f"{n_found}: the {n_cpus} devices share them. Make this session before anything "
            "of this process is compiled to have them all.",
            RuntimeWarning,
            stacklevel=5,
        )


def start_with_cpus(n_cpus: int) -> int:
    """Have JAX start with `n_cpus` CPU devices or more; how many it has or will have."""
    import jax

    _configure()
    try:
        asked_before: Any = getattr(jax.config, "jax_num_cpu_devices", 1)
        jax.config.update("jax_num_cpu_devices", max(n_cpus, asked_before))
    except RuntimeError:
        cpus: Any = jax.local_devices(backend="cpu")
        return len(cpus)
    return n_cpus


@functools.cache
def platform(name: str) -> Platform:
    """What is known of the processors that JAX calls `name`."""
    prepare()
    return PLATFORMS.get(name, Platform)(name)


_CPU = Lowering(
    rows_in_pieces=True, sums_by_halves=True, words_in_order=True, depthwise_by_shifts=True,
    small_patches=True, scans_in_order=True,
)  # fmt: skip


def _cpu(name: str) -> Platform:
    return Platform(name, MappingProxyType(_cpu_options()), _CPU, shares_memory=True)


def _core(name: str) -> Platform:
    """A processor of which a program is to take one core: see `take_one_core`."""
    options = _cpu_options()
    if not options:
        return _cpu(name)
    options["xla_cpu_experimental_ynn_fusion_type"] = _ALONE
    lowering = _CPU._replace(small_patches=False)
    return Platform(name, MappingProxyType(options), lowering, shares_memory=True)


_ALONE = "LIBRARY_FUSION_TYPE_INDIVIDUAL_DOT,LIBRARY_FUSION_TYPE_INDIVIDUAL_CONVOLUTION"


def take_one_core() -> None:
    """Have the programs of this process, none of which is made yet, take one core each.

    The other ones have something else to do: a server's. XLA's library is not quicker than Eigen's
    two threads together, but takes less of the processor: a batch of 8 of the course's CNN 1.84 ms
    in place of 2.33, one of 32 5.7 in place of 7.8. It is given single products and convolutions
    alone: what it does wrong is fusing them with more.
    """
    PLATFORMS["cpu"] = _core
    platform.cache_clear()


PLATFORMS: dict[str, Callable[[str], Platform]] = {"cpu": _cpu}
"""By JAX's names; any other is compiled for in XLA's own ways."""


def _cpu_options() -> dict[str, str]:
    """Leave nothing to XLA's library for products and convolutions, and take wide vectors.

    jaxlib 0.10.2 for CPU has one. It reads memory that nobody wrote when it fuses a product with a
    constant matrix into a reduction, ``sum(abs(x @ ones))``, runs convolutions on one core, and is
    slower at middling products, though faster at some large ones. Where a processor has vectors of
    512 bits they are used (LLVM takes 256 by itself): 3 to 7 % of the course's steps.
    """
    import jax

    options = {
        "xla_cpu_experimental_ynn_fusion_type": "",
        "xla_cpu_prefer_vector_width": "512",
    }
    try:
        with jax.default_device(jax.local_devices(backend="cpu")[0]):
            jax.jit(lambda: 0, compiler_options=options).lower().compile()
    except jax.errors.JaxRuntimeError:
        return {}  # an XLA without the library
    return options
