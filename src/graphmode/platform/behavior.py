"""The switches between TF1 and TF2: graphmode is TF1, one side does nothing, the other refuses."""

from __future__ import annotations

from typing import Any

from graphmode.framework.site import user_site

__all__ = [
    "disable_control_flow_v2",
    "disable_eager_execution",
    "disable_tensor_equality",
    "disable_v2_behavior",
    "disable_v2_tensorshape",
    "enable_control_flow_v2",
    "enable_eager_execution",
    "enable_v2_behavior",
    "executing_eagerly",
]


def _nothing_to_do() -> None:
    """Do nothing: graphmode always behaves so."""


disable_v2_behavior = disable_eager_execution = _nothing_to_do
disable_control_flow_v2 = disable_tensor_equality = disable_v2_tensorshape = _nothing_to_do
enable_control_flow_v2 = _nothing_to_do


def executing_eagerly() -> bool:
    """False: operations are recorded in a graph."""
    return False


def enable_eager_execution(
    config: Any = None, device_policy: Any = None, execution_mode: Any = None
) -> None:
    """Refuse: graphmode runs graphs.

    Parameters
    ----------
    config, device_policy, execution_mode : optional
        Not looked at.

    Raises
    ------
    NotImplementedError
        Always.
    """
    raise _refused(
        "graphmode runs graphs, not eager programs: tf.enable_eager_execution is not there. "
        "Build the graph first and fetch values with tf.Session().run, or run this program with "
        "TensorFlow 2."
    )


def enable_v2_behavior() -> None:
    """Refuse: graphmode is TensorFlow 1.

    Raises
    ------
    NotImplementedError
        Always.
    """
    raise _refused(
        "graphmode is TensorFlow 1: tf.enable_v2_behavior is not there. Run this program with "
        "TensorFlow 2."
    )


def _refused(message: str) -> NotImplementedError:
    """The error, with the user's line."""
    site = user_site()
    if site is not None:
        message += f"\n  called at {site.short()}   {site.source}"
    return NotImplementedError(message)
