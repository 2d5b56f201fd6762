"""Nested structures: lists, tuples, namedtuples and dicts, whose leaves are anything else.

A dict counts by its sorted keys. Strings, arrays, tensors, `IndexedSlices`, `SparseTensor`,
`TensorShape` and sets are leaves. `tf.nest`, TF1's `tensorflow.python.util.nest`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, MappingView, Sequence
from typing import Any, overload

LISTS: tuple[type[Any], ...] = (list, tuple)
"""For `isinstance`: behind ``list | tuple`` a checker asks what a program's own list holds."""
DICT: type[Any] = dict
LIST: type[Any] = list
_STRINGS = (str, bytes, bytearray)
_BUILTIN: tuple[type[Any], ...] = (list, tuple, dict)
_MAPPING: type[Any] = Mapping
_DEFAULTDICT: type[Any] = defaultdict
_VIEWS: tuple[type[Any], ...] = (range, MappingView)


def is_nested(structure: Any) -> bool:
    """Whether `structure` is a list, tuple, dict or another sequence that is no string.

    Examples
    --------
    >>> is_nested(()), is_nested({"a": 1}), is_nested("ab")
    (True, True, False)
    """
    if type(structure) in _BUILTIN:
        return True
    if issubclass(type(structure), _STRINGS):
        return False
    return isinstance(structure, Sequence | Mapping | MappingView)


is_sequence = is_nested


def _is_namedtuple(structure: object) -> bool:
    fields: object = getattr(structure, "_fields", None)
    return isinstance(structure, tuple) and isinstance(fields, tuple)


def _parts(structure: Any) -> Any:
    """The substructures, those of a dict by its sorted keys."""
    if isinstance(structure, _MAPPING):
        return [structure[key] for key in _sorted_keys(structure)]
    return structure


def _sorted_keys(dictionary: Mapping[Any, Any]) -> list[Any]:
    try:
        return sorted(dictionary)
    except TypeError:
        raise TypeError(
            f"nest only supports dicts with sortable keys, but the keys are {list(dictionary)}"
        ) from None


def _like(structure: Any, parts: list[Any]) -> Any:
    """A structure of the type of `structure` with `parts` in the order of `_parts`."""
    kind: Any = structure.__class__
    if kind is list:
        return parts
    if kind is tuple:
        return tuple(parts)
    if isinstance(structure, _MAPPING):
        # The result has the order of insertion of the original.
        values = dict(zip(_sorted_keys(structure), parts, strict=True))
        items = [(key, values[key]) for key in structure]
        if isinstance(structure, _DEFAULTDICT):
            return defaultdict(structure.default_factory, items)
        return kind(items)
    if _is_namedtuple(structure):
        return kind(*parts)
    if isinstance(structure, _VIEWS):
        return parts  # these cannot hold any other values
    return kind(parts)


def _leaves(structure: Any) -> Iterator[Any]:
    pending = [iter((structure,))]
    while pending:
        for part in pending[-1]:
            if is_nested(part):
                pending.append(iter(_parts(part)))
                break
            yield part
        else:
            pending.pop()


def flatten(structure: Any, expand_composites: bool = False) -> list[Any]:
    """The leaves in order; ``[structure]`` for a leaf.

    Parameters
    ----------
    structure : nested structure
    expand_composites : bool
        Accepted; TF1 does not know it, and sparse tensors are leaves.

    Returns
    -------
    list

    Examples
    --------
    >>> flatten({"b": [1, 2], "a": (3, {"c": 4})})
    [3, 4, 1, 2]
    """
    del expand_composites
    return list(_leaves(structure))


def pack_sequence_as(structure: Any, flat_sequence: Any, expand_composites: bool = False) -> Any:
    """`flat_sequence` nested as `structure` is; the inverse of `flatten`.

    Parameters
    ----------
    structure : nested structure
    flat_sequence : sequence
        As many elements as `structure` has leaves.
    expand_composites : bool
        Accepted.

    Returns
    -------
    nested structure

    Raises
    ------
    TypeError
        If `flat_sequence` is no sequence.
    ValueError
        If it has another number of elements.

    Examples
    --------
    >>> pack_sequence_as([0, {"b": 0, "a": 0}], [1, 2, 3])
    [1, {'b': 3, 'a': 2}]
    """
    del expand_composites
    if not is_nested(flat_sequence):
        raise TypeError(
            f"Attempted to pack value:\n  {flat_sequence}\ninto a structure, but found "
            f"incompatible type `{type(flat_sequence)}` instead."
        )
    flat = list(flat_sequence)
    if not is_nested(structure):
        if len(flat) != 1:
            raise ValueError(
                f"The target structure is of type `{type(structure)}`\n  {structure}\nHowever the "
                f"input is a sequence ({type(flat_sequence)}) of length {len(flat)}.\n  "
                f"{flat_sequence}\nnest cannot guarantee that it is safe to map one to the other."
            )
        return flat[0]
    n_leaves = len(flatten(structure))
    if n_leaves != len(flat):
        raise ValueError(
            f"Could not pack sequence. Structure had {n_leaves} atoms, but flat_sequence had "
            f"{len(flat)} items.  Structure: {structure}, flat_sequence: {flat_sequence}."
        )
    return _packed(structure, iter(flat))


def _packed(structure: Any, leaves: Iterator[Any]) -> Any:
    if not is_nested(structure):
        return next(leaves)
    return _like(structure, [_packed(part, leaves) for part in _parts(structure)])


@overload
def map_structure(func: Callable[[Any], Any], structure: Any, /, **kwargs: Any) -> Any: ...
@overload
def map_structure(
    func: Callable[[Any, Any], Any], structure: Any, other: Any, /, **kwargs: Any
) -> Any: ...
@overload
def map_structure(func: Callable[..., Any], *structure: Any, **kwargs: Any) -> Any: ...
def map_structure(func: Callable[..., Any], *structure: Any, **kwargs: Any) -> Any:
    """``func(leaf of the first, leaf of the second, ...)`` for all leaves, nested as the first.

    Parameters
    ----------
    func : callable
    *structure : nested structures
        All of one structure.
    check_types : bool, default True
        As for `assert_same_structure`.
    expand_composites : bool, default False
        Accepted.

    Returns
    -------
    nested structure

    Raises
    ------
    TypeError
        If `func` is not callable, or the types of two structures differ.
    ValueError
        If there is no structure, or two of them differ; for another keyword.

    Examples
    --------
    >>> map_structure(lambda a, b: a + b, [1, (2,)], [10, (20,)])
    [11, (22,)]
    """
    check_types = _options(kwargs)
    if not callable(func):
        raise TypeError(f"func must be callable, got: {func}")
    if not structure:
        raise ValueError("Must provide at least one structure")
    for other in structure[1:]:
        assert_same_structure(structure[0], other, check_types=check_types)
    rows = zip(*(flatten(part) for part in structure), strict=True)
    return pack_sequence_as(structure[0], [func(*row) for row in rows])


def _options(kwargs: dict[str, Any]) -> bool:
    unknown = sorted(set(kwargs) - {"check_types", "expand_composites"})
    if unknown:
        raise ValueError(
            "Only valid keyword arguments are `check_types` and `expand_composites`, not: "
            f"`{'`, `'.join(unknown)}`"
        )
    return kwargs.get("check_types", True)


def assert_same_structure(
    nest1: Any, nest2: Any, check_types: bool = True, expand_composites: bool = False
) -> None:
    """Raise unless both are nested in the same way.

    Parameters
    ----------
    nest1, nest2 : nested structures
    check_types : bool
        Whether a list and a tuple differ, and two namedtuples of other names or fields. Dicts
        of any class are alike.
    expand_composites : bool
        Accepted.

    Raises
    ------
    ValueError
        If a leaf meets a sequence, or numbers of elements or keys differ.
    TypeError
        If the types of two sequences differ and `check_types`.
    """
    del expand_composites
    try:
        _check_same(nest1, nest2, check_types)
    except (ValueError, TypeError) as error:
        raise type(error)(
            "The two structures don't have the same nested structure.\n\n"
            f"First structure: {_described(nest1)}\n\nSecond structure: {_described(nest2)}\n\n"
            f"More specifically: {error}\n"
            f"Entire first structure:\n{_outline(nest1)}\n"
            f"Entire second structure:\n{_outline(nest2)}"
        ) from None


def require_same_structure(first: Any, second: Any, names: tuple[str, str], fix: str) -> None:
    """`assert_same_structure` for what a user's functions return, in words of their own.

    Parameters
    ----------
    names : (str, str)
        What the two are, as in "true_fn returns".
    fix : str
        What to do about a difference.
    """
    try:
        _check_same(first, second, check_types=True)
    except (ValueError, TypeError) as error:
        width = max(map(len, names))
        shown = [
            f"  {name:{width}} {_outline(structure)}"
            for name, structure in zip(names, (first, second), strict=True)
        ]
        raise type(error)(
            "The two structures don't have the same nested structure.\n"
            f"{shown[0]}\n{shown[1]}    (a dot for each tensor)\n  fix: {fix}"
        ) from None


def _described(structure: Any) -> str:
    return f"type={type(structure).__name__} str={structure}"


def _outline(structure: Any) -> str:
    """The structure with a dot for each leaf."""
    return str(map_structure(_Dot.of, structure))


class _Dot:
    @classmethod
    def of(cls, leaf: object) -> _Dot:
        return cls()

    def __repr__(self) -> str:
        return "."


def _check_same(first: Any, second: Any, check_types: bool) -> None:
    nested = is_nested(first), is_nested(second)
    if nested == (False, False):
        return
    if nested != (True, True):
        sequence, leaf = (first, second) if nested[0] else (second, first)
        raise ValueError(
            f'Substructure "{_described(sequence)}" is a sequence, while substructure '
            f'"{_described(leaf)}" is not'
        )
    if check_types:
        _check_types(first, second)
    parts_of_first, parts_of_second = list(_parts(first)), list(_parts(second))
    if len(parts_of_first) != len(parts_of_second):
        raise ValueError(
            "The two structures don't have the same number of elements. First structure: "
            f"{_described(first)}. Second structure: {_described(second)}"
        )
    for a, b in zip(parts_of_first, parts_of_second, strict=True):
        _check_same(a, b, check_types)


def _check_types(first: Any, second: Any) -> None:
    if isinstance(first, _MAPPING) and isinstance(second, _MAPPING):
        if set(first) != set(second):
            raise ValueError(
                "The two dictionaries don't have the same set of keys. First structure has keys "
                f"{_described(list(first))}, while second structure has keys "
                f"{_described(list(second))}"
            )
        return
    if type(first) is not type(second) and not _same_namedtuples(first, second):
        raise TypeError(
            "The two namedtuples don't have the same sequence type. First structure "
            f"{_described(first)} has type {type(first).__name__}, while second structure "
            f"{_described(second)} has type {type(second).__name__}"
        )


def _same_namedtuples(first: Any, second: Any) -> bool:
    return (
        _is_namedtuple(first)
        and _is_namedtuple(second)
        and type(first).__name__ == type(second).__name__
        and first._fields == second._fields
    )


# ---- one structure that is less deep than another -------------------------------------------


def assert_shallow_structure(
    shallow_tree: Any, input_tree: Any, check_types: bool = True, expand_composites: bool = False
) -> None:
    """Raise unless `input_tree` is nested as `shallow_tree` is, as far as that goes.

    Parameters
    ----------
    shallow_tree, input_tree : nested structure
    check_types : bool
        Whether sequences must be of one type.
    expand_composites : bool
        Accepted.

    Raises
    ------
    TypeError
        If a sequence meets a leaf, or a sequence of another type and `check_types`.
    ValueError
        If lengths differ, or keys of `shallow_tree` are missing.
    """
    del expand_composites
    if not is_nested(shallow_tree):
        return
    if not is_nested(input_tree):
        raise TypeError(
            "If shallow structure is a sequence, input must also be a sequence. Input has type: "
            f"{type(input_tree)}."
        )
    both_mappings = isinstance(shallow_tree, _MAPPING) and isinstance(input_tree, _MAPPING)
    alike = both_mappings or type(shallow_tree) is type(input_tree)
    if check_types and not alike and not _same_namedtuples(shallow_tree, input_tree):
        raise TypeError(
            "The two structures don't have the same sequence type. Input structure has type "
            f"{type(input_tree)}, while shallow structure has type {type(shallow_tree)}."
        )
    if len(input_tree) != len(shallow_tree):
        raise ValueError(
            "The two structures don't have the same sequence length. Input structure has length "
            f"{len(input_tree)}, while shallow structure has length {len(shallow_tree)}."
        )
    if both_mappings:
        missing = sorted(set(shallow_tree) - set(input_tree))
        if missing:
            raise ValueError(
                "The shallow_tree's keys are not a subset of the input_tree's keys. The "
                "shallow_tree has the following keys that are not in the input_tree: "
                f"{missing}."
            )
    for shallow, part in zip(_parts(shallow_tree), _parts(input_tree), strict=True):
        assert_shallow_structure(shallow, part, check_types)


def flatten_up_to(
    shallow_tree: Any, input_tree: Any, check_types: bool = True, expand_composites: bool = False
) -> list[Any]:
    """The parts of `input_tree` that stand where `shallow_tree` has its leaves.

    Parameters
    ----------
    shallow_tree, input_tree : nested structure
    check_types : bool
        Whether sequences must be of one type.
    expand_composites : bool
        Accepted.

    Returns
    -------
    list

    Raises
    ------
    TypeError, ValueError
        As `assert_shallow_structure`.

    Examples
    --------
    >>> flatten_up_to([0, [0]], [[1, 2], [3]])
    [[1, 2], 3]
    """
    assert_shallow_structure(shallow_tree, input_tree, check_types, expand_composites)
    return list(_leaves_up_to(shallow_tree, input_tree))


def _leaves_up_to(shallow_tree: Any, input_tree: Any) -> Iterator[Any]:
    if not is_nested(shallow_tree):
        yield input_tree
        return
    for shallow, part in zip(_parts(shallow_tree), _parts(input_tree), strict=True):
        yield from _leaves_up_to(shallow, part)


def map_structure_up_to(
    shallow_tree: Any, func: Callable[..., Any], *inputs: Any, **kwargs: Any
) -> Any:
    """As `map_structure`, on the parts that stand where `shallow_tree` has its leaves.

    Parameters
    ----------
    shallow_tree : nested structure
    func : callable
        Given one part of each input.
    *inputs : nested structures
    **kwargs
        ``check_types`` and ``expand_composites``, as for `map_structure`.

    Returns
    -------
    nested structure
        As `shallow_tree`.

    Raises
    ------
    TypeError, ValueError
        As `assert_shallow_structure`; ValueError if there are no inputs.

    Examples
    --------
    >>> map_structure_up_to([0, 0], len, [(1, 2), (3,)])
    [2, 1]
    """
    check_types = _options(kwargs)
    if not inputs:
        raise ValueError("Cannot map over no sequences")
    columns = [flatten_up_to(shallow_tree, tree, check_types) for tree in inputs]
    results = [func(*row) for row in zip(*columns, strict=True)]
    return pack_sequence_as(shallow_tree, results)


def get_traverse_shallow_structure(
    traverse_fn: Callable[[Any], Any], structure: Any, expand_composites: bool = False
) -> Any:
    """Bools that say which parts of `structure` are gone into, as deep as that is asked for.

    Parameters
    ----------
    traverse_fn : callable
        Given a substructure, a bool for all of it, or a structure of bools, one for each part.
    structure : nested structure
    expand_composites : bool
        Accepted.

    Returns
    -------
    bool or nested structure of bool

    Raises
    ------
    TypeError
        If `traverse_fn` gives neither, or no bool for a leaf.

    Examples
    --------
    >>> get_traverse_shallow_structure(lambda s: not isinstance(s, tuple), [1, (2, 3), [4]])
    [True, False, [True]]
    """
    choice = traverse_fn(structure)
    if not is_nested(structure):
        if not isinstance(choice, bool):
            raise TypeError(f"traverse_fn must return a bool for a leaf, but returned: {choice}")
        return choice
    if isinstance(choice, bool):
        if not choice:
            return False
        parts = _parts(structure)
        return _like(structure, [get_traverse_shallow_structure(traverse_fn, p) for p in parts])
    assert_shallow_structure(choice, structure, expand_composites=expand_composites)

    def chosen(flag: Any, part: Any) -> Any:
        if not isinstance(flag, bool):
            raise TypeError(f"traverse_fn must return bools, but returned: {choice}")
        return flag and get_traverse_shallow_structure(traverse_fn, part)

    return map_structure_up_to(choice, chosen, choice, structure)
