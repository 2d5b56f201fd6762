"""`tf.test.StubOutForTesting`: attributes that are replaced for the time of a test."""

# ruff: noqa: N802 - TF1's names
from __future__ import annotations

import inspect
from typing import Any

_METHODS: tuple[type[Any], ...] = (staticmethod, classmethod)


class StubOutForTesting:
    """Replaces attributes and puts them back, by `CleanUp` or at the end of its ``with`` block.

    Examples
    --------
    >>> import os
    >>> with StubOutForTesting() as stubs:
    ...     stubs.Set(os.path, "exists", lambda path: True)
    ...     print(os.path.exists("/no/such/file"))
    True
    >>> os.path.exists("/no/such/file")
    False
    """

    def __init__(self) -> None:
        self._set: list[tuple[Any, str, Any]] = []
        self._smart: list[tuple[Any, str, Any]] = []

    def __enter__(self) -> StubOutForTesting:
        return self

    def __exit__(self, *_: object) -> None:
        self.CleanUp()

    def __del__(self) -> None:
        self.CleanUp()

    def CleanUp(self) -> None:
        """Put all back."""
        self.SmartUnsetAll()
        self.UnsetAll()

    def Set(self, parent: Any, child_name: str, new_child: Any) -> None:
        """Replace an attribute of a module, class or instance.

        Parameters
        ----------
        parent : object
        child_name : str
        new_child : object
        """
        self._set.append((parent, child_name, _kept(parent, child_name)))
        setattr(parent, child_name, new_child)

    def SmartSet(self, obj: Any, attr_name: str, new_attr: Any) -> None:
        """Replace an attribute where it is defined: for an instance, in its class.

        Parameters
        ----------
        obj : object
        attr_name : str
        new_attr : object

        Raises
        ------
        AttributeError
            If there is none.
        """
        owner = obj
        own = inspect.ismodule(obj) or (not inspect.isclass(obj) and attr_name in vars(obj))
        if not own:
            own_class: Any = type(obj)  # pyright: ignore[reportUnknownVariableType]
            classes = inspect.getmro(obj if inspect.isclass(obj) else own_class)
            owner = next((cls for cls in classes if hasattr(cls, attr_name)), None)
            if owner is None:
                raise AttributeError("Attribute not found.")
        self._smart.append((owner, attr_name, _kept(owner, attr_name)))
        setattr(owner, attr_name, new_attr)

    def UnsetAll(self) -> None:
        """Put back what `Set` has replaced."""
        _put_back(self._set)

    def SmartUnsetAll(self) -> None:
        """Put back what `SmartSet` has replaced."""
        _put_back(self._smart)


def _kept(owner: Any, name: str) -> Any:
    """The attribute as it is defined: a static method is no function yet."""
    own: dict[str, Any] = getattr(owner, "__dict__", {})
    defined = own.get(name)
    return defined if isinstance(defined, _METHODS) else getattr(owner, name)


def _put_back(replaced: list[tuple[Any, str, Any]]) -> None:
    while replaced:
        setattr(*replaced.pop())
