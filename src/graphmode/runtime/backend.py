"""What JAX and the process's allocator are told before the first program."""

from __future__ import annotations

import ctypes
import functools
import sys

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3  # glibc's mallopt
_KEPT_BYTES = 1 << 30


@functools.cache
def prepare() -> None:
    """Make ready for programs; nothing after the first call.

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


@functools.cache
def compiler_options() -> dict[str, str]:
    """What XLA must be told to compile correctly and well.

    jaxlib 0.10.2 for CPU has a library for products and convolutions. It reads memory that nobody
    wrote when it fuses a product with a constant matrix into a reduction, ``sum(abs(x @ ones))``,
    runs convolutions on one core, and is slower at middling products, though faster at some large
    ones: nothing is left to it. Where a processor has vectors of 512 bits they are used (LLVM takes
    256 by itself): 3 to 7 % of the course's steps.
    """
    import jax

    if jax.default_backend() != "cpu":
        return {}
    options = {
        "xla_cpu_experimental_ynn_fusion_type": "",
        "xla_cpu_prefer_vector_width": "512",
    }
    try:
        jax.jit(lambda: 0, compiler_options=options).lower().compile()
    except jax.errors.JaxRuntimeError:
        return {}  # an XLA without the library
    return options
