"""`tf.logging`: messages of a program."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.platform.logging":
        "DEBUG ERROR FATAL INFO WARN debug error fatal flush get_verbosity info log "
        "log_every_n log_first_n log_if set_verbosity vlog warn warning",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
