"""The gradient table: op type -> rule, gathered from the families.

A rule is ``rule(op, *output_gradients)`` and gives the gradient of each input, written in graph
ops. Undoing a broadcast is not its business: the walk does that for every op that broadcasts.
"""

from graphmode.autodiff.array_rules import ARRAY_RULES
from graphmode.autodiff.conv_rules import CONV_RULES
from graphmode.autodiff.ctc_rules import CTC_RULES
from graphmode.autodiff.math_rules import MATH_RULES
from graphmode.autodiff.nn_rules import NN_RULES
from graphmode.autodiff.random_rules import CONTROL_RULES
from graphmode.autodiff.reduction_rules import REDUCTION_RULES
from graphmode.autodiff.registry import Rule
from graphmode.autodiff.sequence_rules import SEQUENCE_RULES
from graphmode.autodiff.state_rules import STATE_RULES

RULES: dict[str, Rule] = {
    **MATH_RULES,
    **REDUCTION_RULES,
    **ARRAY_RULES,
    **NN_RULES,
    **CONV_RULES,
    **CONTROL_RULES,
    **STATE_RULES,
    **SEQUENCE_RULES,
    **CTC_RULES,
}
