"""TF1's `tensorflow.python.training.training_ops`, names only."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.ops.state.updates":
        "apply_adadelta apply_adagrad apply_adam apply_centered_rms_prop apply_ftrl "
        "apply_ftrl_v2 apply_gradient_descent apply_momentum apply_proximal_adagrad "
        "apply_proximal_gradient_descent apply_rms_prop sparse_apply_adadelta "
        "sparse_apply_adagrad sparse_apply_centered_rms_prop sparse_apply_ftrl "
        "sparse_apply_ftrl_v2 sparse_apply_momentum sparse_apply_proximal_adagrad "
        "sparse_apply_proximal_gradient_descent sparse_apply_rms_prop",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
