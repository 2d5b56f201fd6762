"""All gradient rules: a file for each family of ops, which registers its own."""

import graphmode.autodiff.array_rules
import graphmode.autodiff.control_flow_rules
import graphmode.autodiff.conv_rules
import graphmode.autodiff.ctc_rules
import graphmode.autodiff.image_rules
import graphmode.autodiff.linalg_rules
import graphmode.autodiff.math_rules
import graphmode.autodiff.nn_rules
import graphmode.autodiff.random_rules
import graphmode.autodiff.reduction_rules
import graphmode.autodiff.sequence_rules
import graphmode.autodiff.signal_rules
import graphmode.autodiff.sparse_rules
import graphmode.autodiff.state_rules  # noqa: F401 - imported for what they register
