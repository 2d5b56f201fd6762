"""Gradients of the ops that read and write variables: none flows through a write."""

from __future__ import annotations

from graphmode.autodiff.registry import STOPS, register

register(
    dict.fromkeys(
        (
            "VariableV2",
            "IsVariableInitialized",
            "Assign",
            "AssignAdd",
            "AssignSub",
            "CountUpTo",
            "ScatterUpdate",
            "ScatterAdd",
            "ScatterSub",
            "ScatterMul",
            "ScatterDiv",
            "ScatterMin",
            "ScatterMax",
            "ScatterNdUpdate",
            "ScatterNdAdd",
            "ScatterNdSub",
            "StridedSliceAssign",
        ),
        STOPS,
    )
)
register({"InitializedValue": lambda op, dy: (dy, None)})
