"""Gradients of the ops that read and write variables: none flows through a write."""

from graphmode.autodiff.registry import STOPS, Rule

STATE_RULES: dict[str, Rule] = dict.fromkeys(
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
    ),
    STOPS,
)
STATE_RULES["InitializedValue"] = lambda op, dy: (dy, None)
