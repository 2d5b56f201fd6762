"""Hyperparameters by name, with the types given first: `tf.contrib.training.HParams`.

A program keeps all of them in one object and lets its command line change some::

    hparams = tf.contrib.training.HParams(learning_rate=0.1, layers=[64, 32])
    hparams.parse("learning_rate=0.3,layers=[128]")
"""

from __future__ import annotations

import json
import numbers
import re
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

_ASSIGNMENT = re.compile(
    r"(?P<name>[a-zA-Z][\w.]*)(\[\s*(?P<index>\d+)\s*\])?\s*=\s*"
    r"((?P<value>[^,\[]*)|\[(?P<values>[^\]]*)\])($|,\s*)"
)
_TRUTHS = {"true": True, "True": True, "false": False, "False": False}


class HParams:
    """Named values, each an attribute that keeps its type.

    Parameters
    ----------
    hparam_def : optional
        Not taken: there is no `HParamDef`; `to_json` and `parse_json` write and read.
    model_structure : optional
        Kept for `get_model_structure`.
    **kwargs
        The values by name: numbers, bools, texts, or lists of one of them that are not empty.

    Raises
    ------
    ValueError
        If a name is one of the class's own, or a list is empty.
    NotImplementedError
        If `hparam_def` is given.

    Examples
    --------
    >>> import graphmode as tf
    >>> hparams = tf.contrib.training.HParams(rate=0.1, layers=[64, 32])
    >>> hparams.parse("rate=3,layers=[128]").values()
    {'rate': 3.0, 'layers': [128]}
    """

    def __init__(self, hparam_def: Any = None, model_structure: Any = None, **kwargs: Any) -> None:
        if hparam_def is not None:
            raise NotImplementedError(
                "HParams(hparam_def=) is not there: write with to_json(), read with parse_json()"
            )
        self._hparam_types: dict[str, tuple[type[Any], bool]] = {}
        self._model_structure = model_structure
        for name, value in kwargs.items():
            self.add_hparam(name, value)

    def add_hparam(self, name: str, value: Any) -> None:
        """Add a hyperparameter.

        Parameters
        ----------
        name : str
        value : number, bool, str, or list of one of them
            Its type is what later values must have.

        Raises
        ------
        ValueError
            If the name is taken, or the list is empty.
        """
        if getattr(self, name, None) is not None:
            raise ValueError(f"Hyperparameter name is reserved: {name}")
        is_list = isinstance(value, list | tuple)
        elements = cast("Sequence[Any]", value) if is_list else [value]
        if not elements:
            raise ValueError(f"Multi-valued hyperparameters cannot be empty: {name}")
        self._hparam_types[name] = (type(elements[0]), is_list)
        setattr(self, name, value)

    def set_hparam(self, name: str, value: Any) -> None:
        """Change a hyperparameter.

        Parameters
        ----------
        name : str
        value : number, bool, str, or list of one of them
            Of the type that it was added with; an integer may stand for a float.

        Raises
        ------
        KeyError
            If there is none of that name.
        ValueError
            If the type is another.
        """
        kind, is_list = self._hparam_types[name]
        if isinstance(value, list):
            if not is_list:
                raise ValueError(f"Must not pass a list for single-valued parameter: {name}")
            elements = cast("list[Any]", value)
            setattr(self, name, [_as_kind(name, kind, element) for element in elements])
            return
        if is_list:
            raise ValueError(f"Must pass a list for multi-valued parameter: {name}.")
        setattr(self, name, _as_kind(name, kind, value))

    def del_hparam(self, name: str) -> None:
        """Remove the hyperparameter `name`, if there is one."""
        if hasattr(self, name):
            delattr(self, name)
            del self._hparam_types[name]

    def parse(self, values: str) -> HParams:
        """Change hyperparameters as a text says: ``"rate=0.3,layers=[64,32],name=a"``.

        Parameters
        ----------
        values : str
            What `parse_values` reads.

        Returns
        -------
        HParams
            This object.
        """
        kinds = {name: kind for name, (kind, _) in self._hparam_types.items()}
        return self.override_from_dict(parse_values(values, kinds))

    def override_from_dict(self, values_dict: Mapping[str, Any]) -> HParams:
        """Change hyperparameters, as `set_hparam`.

        Parameters
        ----------
        values_dict : dict of str to value

        Returns
        -------
        HParams
            This object.
        """
        for name, value in values_dict.items():
            self.set_hparam(name, value)
        return self

    def set_from_map(self, values_map: Mapping[str, Any]) -> HParams:
        """Do what `override_from_dict` does with `values_map`."""
        return self.override_from_dict(values_map)

    def parse_json(self, values_json: str) -> HParams:
        """Change hyperparameters as the JSON object `values_json` says."""
        return self.override_from_dict(json.loads(values_json))

    def to_json(
        self,
        indent: int | None = None,
        separators: tuple[str, str] | None = None,
        sort_keys: bool = False,
    ) -> str:
        """Write the values as a JSON object.

        Parameters
        ----------
        indent, separators, sort_keys : optional
            As for `json.dumps`.

        Returns
        -------
        str
        """
        return json.dumps(
            self.values(), indent=indent, separators=separators, sort_keys=sort_keys
        )  # fmt: skip

    def values(self) -> dict[str, Any]:
        """Name -> value, in the order in which they were added."""
        return {name: getattr(self, name) for name in self._hparam_types}

    def get(self, key: str, default: Any = None) -> Any:
        """The value of a hyperparameter.

        Parameters
        ----------
        key : str
        default : optional
            What is given back if there is none of that name; of its type if there is one.

        Returns
        -------
        number, bool, str or list

        Raises
        ------
        ValueError
            If `default` is of another type than the value.
        """
        if key not in self._hparam_types:
            return default
        if default is not None:
            kind, is_list = self._hparam_types[key]
            expected = f"list<{kind}>" if is_list else str(kind)
            message = f"Hparam '{key}' of type '{expected}' is incompatible with default={default}"
            if is_list != isinstance(default, list):
                raise ValueError(message)
            try:
                for element in default if is_list else [default]:
                    _as_kind(key, kind, element)
            except ValueError as error:
                raise ValueError(f"{message}. {error}") from None
        return getattr(self, key)

    def set_model_structure(self, model_structure: Any) -> None:
        """Keep `model_structure`, which is not looked at."""
        self._model_structure = model_structure

    def get_model_structure(self) -> Any:
        """What `set_model_structure` or the constructor was given."""
        return self._model_structure

    def __contains__(self, key: object) -> bool:
        return key in self._hparam_types

    def __str__(self) -> str:
        return ",".join(f"{name}={value}" for name, value in self.values().items())

    def __repr__(self) -> str:
        return f"{type(self).__name__}({sorted(self.values().items())})"

    def __getattr__(self, name: str) -> Any:
        raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")


def parse_values(
    values: str, type_map: Mapping[str, type[Any]], ignore_unknown: bool = False
) -> dict[str, Any]:
    """Read a text of assignments.

    Parameters
    ----------
    values : str
        Assignments with commas between them: ``rate=0.3``, ``name=a``, ``on=true``,
        ``layers=[64, 32]``, ``layers[1]=16``.
    type_map : dict of str to type
        Each name's type, that of the elements for a list.
    ignore_unknown : bool
        Whether to pass over names that `type_map` lacks.

    Returns
    -------
    dict
        Name -> value, list of values, or dict of index to value.

    Raises
    ------
    ValueError
        If the text is no such list, a name is unknown or stands twice, a value is of another type.
    """
    found: dict[str, Any] = {}
    position = 0
    while position < len(values):
        match = _ASSIGNMENT.match(values, position)
        if match is None:
            raise ValueError(f"Malformed hyperparameter value: {values[position:]}")
        position = match.end()
        name, index = match["name"], match["index"]
        if name not in type_map:
            if ignore_unknown:
                continue
            raise ValueError(f"Unknown hyperparameter type for {name}")
        read = _reader(name, type_map[name], values)
        if match["value"] is None:
            if index is not None:
                raise ValueError("Assignment of a list to a list index.")
            _refuse_twice(name, name in found, values)
            texts = [text for text in re.split("[ ,]", match["values"]) if text]
            found[name] = [read(text, match["values"]) for text in texts]
        elif index is None:
            value = read(match["value"], match["value"])
            _refuse_twice(name, name in found, values)
            found[name] = value
        else:
            value = read(match["value"], match["value"])
            elements = found.setdefault(name, {})
            _refuse_twice(name, not isinstance(elements, dict), values)
            _refuse_twice(f"{name}[{int(index)}]", int(index) in elements, values)
            elements[int(index)] = value
    return found


def _refuse_twice(name: str, is_there: bool, values: str) -> None:
    if is_there:
        raise ValueError(f"Multiple assignments to variable '{name}' in {values}")


def _reader(name: str, kind: type[Any], values: str) -> Callable[[str, str], Any]:
    """What makes a value of a text; `shown` is what the error calls it."""

    def read(text: str, shown: str) -> Any:
        try:
            if kind is bool:
                return _TRUTHS[text] if text in _TRUTHS else bool(int(text))
            return kind(text)
        except ValueError:
            raise ValueError(
                f"Could not parse hparam '{name}' of type '{kind.__name__}' "
                f"with value '{shown}' in {values}"
            ) from None

    return read


def _as_kind(name: str, kind: type[Any], value: Any) -> Any:
    """A value as `kind`, where nothing is lost and no bool is taken for a number."""
    if type(value) is kind or kind is type(None):
        return value
    if (
        (issubclass(kind, str | bytes) and not isinstance(value, str | bytes))
        or issubclass(kind, bool) != isinstance(value, bool)
        or (issubclass(kind, numbers.Integral) and not isinstance(value, numbers.Integral))
        or (issubclass(kind, numbers.Number) and not isinstance(value, numbers.Number))
    ):
        raise ValueError(f"Could not cast hparam '{name}' of type '{kind}' from value {value!r}")
    convert: Any = kind
    return convert(value)
