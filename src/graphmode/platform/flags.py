"""`tf.app.flags`: absl's flags, read from the command line when first looked at, as TF1 did."""

# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
from __future__ import annotations

import functools
import sys
from typing import TYPE_CHECKING, Any

from absl import flags as absl_flags

if TYPE_CHECKING:
    from collections.abc import Callable

_OLD_NAMES = {"flag_name": "name", "default_value": "default", "docstring": "help"}


class _FlagValues:
    """absl's FLAGS, which programs may read without `tf.app.run` having parsed them."""

    def __init__(self, values: absl_flags.FlagValues) -> None:
        self.__dict__["_values"] = values

    def __getattribute__(self, name: str) -> Any:
        if name == "__dict__":
            return super().__getattribute__(name)
        return self.__dict__["_values"].__getattribute__(name)

    def __getattr__(self, name: str) -> Any:
        values = self.__dict__["_values"]
        if not values.is_parsed():
            values(sys.argv, known_only=True)
        return getattr(values, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self.__dict__["_values"], name, value)

    def __delattr__(self, name: str) -> None:
        delattr(self.__dict__["_values"], name)

    def __call__(self, *args: Any, **kwargs: Any) -> list[str]:
        return self.__dict__["_values"](*args, **kwargs)

    def __contains__(self, name: str) -> bool:
        return name in self.__dict__["_values"]

    def __iter__(self):
        return iter(self.__dict__["_values"])

    def __len__(self) -> int:
        return len(self.__dict__["_values"])

    def __getitem__(self, name: str) -> Any:
        return self.__dict__["_values"][name]


def _accepting_old_names(define: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(define)
    def wrapped(*args: Any, **kwargs: Any):
        return define(*args, **{_OLD_NAMES.get(key, key): value for key, value in kwargs.items()})

    return wrapped


# Values of flags are reported by the module that defined them: not this one.
absl_flags.disclaim_key_flags()

FLAGS = _FlagValues(absl_flags.FLAGS)
DEFINE_string = _accepting_old_names(absl_flags.DEFINE_string)
DEFINE_boolean = _accepting_old_names(absl_flags.DEFINE_boolean)
DEFINE_bool = DEFINE_boolean
DEFINE_integer = _accepting_old_names(absl_flags.DEFINE_integer)
DEFINE_float = _accepting_old_names(absl_flags.DEFINE_float)
DEFINE_enum = _accepting_old_names(absl_flags.DEFINE_enum)
DEFINE_list = _accepting_old_names(absl_flags.DEFINE_list)
DEFINE_multi_integer = absl_flags.DEFINE_multi_integer
DEFINE_multi_string = absl_flags.DEFINE_multi_string
mark_flag_as_required = absl_flags.mark_flag_as_required
mark_flags_as_required = absl_flags.mark_flags_as_required
register_validator = absl_flags.register_validator
validator = absl_flags.validator
