"""`tf.flags`: the command line of a program."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.platform.flags":
        "FLAGS DEFINE_string DEFINE_boolean DEFINE_bool DEFINE_integer DEFINE_float "
        "DEFINE_enum DEFINE_list DEFINE_multi_integer DEFINE_multi_string "
        "mark_flag_as_required mark_flags_as_required register_validator validator",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
