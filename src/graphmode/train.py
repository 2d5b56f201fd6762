"""`tf.train`: optimizers, learning-rate decays, moving averages."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.training.optimizer": "Optimizer",
    "graphmode.training.gradient_descent":
        "GradientDescentOptimizer ProximalGradientDescentOptimizer",
    "graphmode.training.momentum": "MomentumOptimizer",
    "graphmode.training.adagrad": "AdagradOptimizer ProximalAdagradOptimizer",
    "graphmode.training.adadelta": "AdadeltaOptimizer",
    "graphmode.training.adam": "AdamOptimizer",
    "graphmode.training.rmsprop": "RMSPropOptimizer",
    "graphmode.training.ftrl": "FtrlOptimizer",
    "graphmode.training.learning_rate_decay":
        "exponential_decay natural_exp_decay inverse_time_decay polynomial_decay "
        "piecewise_constant piecewise_constant_decay=piecewise_constant cosine_decay "
        "cosine_decay_restarts linear_cosine_decay noisy_linear_cosine_decay",
    "graphmode.training.moving_averages": "ExponentialMovingAverage",
    "graphmode.training.global_step":
        "global_step get_global_step create_global_step get_or_create_global_step "
        "assert_global_step",
    "graphmode.summary.file_writer":
        "SummaryWriter=FileWriter SummaryWriterCache=FileWriterCache",
    "graphmode.summary.event_files": "summary_iterator",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
