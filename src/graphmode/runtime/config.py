"""`ConfigProto` and its parts: plain settings objects with TensorFlow's field names."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, ClassVar


class _Settings:
    """Fields with defaults; an unknown field is a ValueError, as with a protobuf."""

    _fields: ClassVar[dict[str, Any]] = {}

    def __init__(self, **values: Any) -> None:
        for field, default in self._fields.items():
            super().__setattr__(field, default() if isinstance(default, type) else default)
        for field, value in values.items():
            setattr(self, field, value)

    def __getattr__(self, field: str) -> Any:
        raise AttributeError(f"{type(self).__name__} has no {field!r} field.")

    def __setattr__(self, field: str, value: Any) -> None:
        if field not in self._fields:
            raise ValueError(f"Protocol message {type(self).__name__} has no {field!r} field.")
        super().__setattr__(field, value)

    def HasField(self, field: str) -> bool:  # noqa: N802 - the name that messages have
        """Whether a field was given something that is not its default.

        Parameters
        ----------
        field : str

        Returns
        -------
        bool

        Raises
        ------
        ValueError
            If there is no such field.
        """
        if field not in self._fields:
            raise ValueError(f"Protocol message {type(self).__name__} has no {field!r} field.")
        value = getattr(self, field)
        return bool(getattr(value, "__dict__", value))

    def __repr__(self) -> str:
        set_fields = {
            key: getattr(self, key)
            for key, default in self._fields.items()
            if isinstance(default, type) or getattr(self, key) != default
        }
        return f"{type(self).__name__}({', '.join(f'{k}={v!r}' for k, v in set_fields.items())})"


class GPUOptions(_Settings):
    """Which GPUs (``visible_device_list``, "0" or "2,0"), and memory settings, without effect.

    XLA manages the memory itself.
    """

    _fields: ClassVar[dict[str, Any]] = {
        "per_process_gpu_memory_fraction": 0.0,
        "allow_growth": False,
        "allocator_type": "",
        "visible_device_list": "",
        "deferred_deletion_bytes": 0,
        "polling_active_delay_usecs": 0,
        "force_gpu_compatible": False,
    }


class OptimizerOptions(_Settings):
    """Graph optimizer levels. Every compiled run is optimized by XLA whatever they say."""

    L1, L0, DEFAULT, ON_1, ON_2, OFF = 0, -1, 0, 1, 2, -1
    _fields: ClassVar[dict[str, Any]] = {
        "do_common_subexpression_elimination": False,
        "do_constant_folding": False,
        "do_function_inlining": False,
        "opt_level": 0,
        "global_jit_level": 0,
    }


class GraphOptions(_Settings):
    """Graph settings, without effect here."""

    _fields: ClassVar[dict[str, Any]] = {
        "optimizer_options": OptimizerOptions,
        "enable_recv_scheduling": False,
        "infer_shapes": False,
        "place_pruned_graph": False,
        "build_cost_model": 0,
        "rewrite_options": SimpleNamespace,
    }


class ThreadPoolOptionProto(_Settings):
    """One of several pools of threads, without effect here: XLA has one."""

    _fields: ClassVar[dict[str, Any]] = {"num_threads": 0, "global_name": ""}


class _ThreadPools(list[ThreadPoolOptionProto]):
    """A list of messages, which `add` makes longer."""

    __slots__ = ()

    def add(self, **values: Any) -> ThreadPoolOptionProto:
        self.append(ThreadPoolOptionProto(**values))
        return self[-1]


class ConfigProto(_Settings):
    """Settings of a session.

    `allow_soft_placement` and `log_device_placement` do what they say. Thread counts and GPU
    memory belong to XLA: they are kept and have no effect.
    """

    _fields: ClassVar[dict[str, Any]] = {
        "device_count": dict,
        "intra_op_parallelism_threads": 0,
        "inter_op_parallelism_threads": 0,
        "use_per_session_threads": False,
        "session_inter_op_thread_pool": _ThreadPools,
        "placement_period": 0,
        "device_filters": list,
        "gpu_options": GPUOptions,
        "allow_soft_placement": False,
        "log_device_placement": False,
        "graph_options": GraphOptions,
        "operation_timeout_in_ms": 0,
        "isolate_session_state": False,
    }


class RunOptions(_Settings):
    """Settings of one run."""

    NO_TRACE, SOFTWARE_TRACE, HARDWARE_TRACE, FULL_TRACE = 0, 1, 2, 3
    _fields: ClassVar[dict[str, Any]] = {
        "trace_level": 0,
        "timeout_in_ms": 0,
        "inter_op_thread_pool": 0,
        "output_partition_graphs": False,
        "report_tensor_allocations_upon_oom": False,
    }
