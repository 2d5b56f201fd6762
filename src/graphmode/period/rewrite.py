"""Send the calls that NumPy's arrays no longer answer through `calls`, in a program's syntax tree.

| a program says | what runs |
|---|---|
| ``int(x)``, ``float(x)``, ``complex(x)``, ``math.f(x)`` | ``__period__.scalar(int, x)`` |
| ``"%d" % x`` | ``__period__.formatted("%d", x)`` |
| ``a[i] = x``, ``a[i] += x`` | ``__period__.store(x, a, i)``, ``.update("iadd", a, i, x)`` |
| ``x.tostring()``, ``x.itemset(i, v)``, ``d.iteritems()`` | ``__period__.method(x, "tostring")`` |
"""

from __future__ import annotations

import ast
import re

_NUMBERS = frozenset({"int", "float", "complex"})
METHODS = frozenset(
    {"tostring", "itemset", "ptp", "newbyteorder"}
    | {"has_key", "iteritems", "iterkeys", "itervalues"}  # where only they are Python 2's
)
"""Methods that are gone."""
_METHODS_OF_PYTHON_2 = frozenset({"decode"})
_CODECS = frozenset({"hex", "base64", "zlib", "bz2", "rot13", "rot_13", "rot-13"})

_COMPILED = re.compile(r"\b(?:n?jit|(?:gu)?vectorize|stencil)\b")

_IN_PLACE = {
    ast.Add: "iadd",
    ast.Sub: "isub",
    ast.Mult: "imul",
    ast.Div: "itruediv",
    ast.FloorDiv: "ifloordiv",
    ast.Mod: "imod",
    ast.Pow: "ipow",
}


def rewritten(source: bytes | str, file_name: str) -> ast.AST:
    """The syntax tree of Python 3 source, rewritten.

    Parameters
    ----------
    source : bytes or str
    file_name : str

    Returns
    -------
    ast.Module
    """
    tree = compile(source, file_name, "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
    return Rewriter().visit(tree)


class Rewriter(ast.NodeTransformer):
    """Rewrites a tree in place; what it puts in has the place of what it replaces.

    Parameters
    ----------
    python_2 : bool
        Whether texts have Python 2's `decode` and codecs, too.
    """

    def __init__(self, python_2: bool = False) -> None:
        self._python_2 = python_2
        self._methods = METHODS | _METHODS_OF_PYTHON_2 if python_2 else METHODS

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        """Functions; Numba's stay as they are, it compiles what they say."""
        if any(_COMPILED.search(ast.unparse(decorator)) for decorator in node.decorator_list):
            return node
        return self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        """Calls of numbers, of `math` and of lost methods."""
        self.generic_visit(node)
        function = node.func
        if isinstance(function, ast.Name):
            plain = len(node.args) == 1 and not node.keywords
            if function.id in _NUMBERS and plain and not isinstance(node.args[0], ast.Constant):
                return _call("scalar", [function, *node.args], node)
        elif isinstance(function, ast.Attribute):
            owner = function.value
            is_math = isinstance(owner, ast.Name) and owner.id == "math"
            if is_math and node.args and not node.keywords:
                return _call("scalar", [function, *node.args], node)
            if function.attr in self._methods and not is_math:
                name = ast.copy_location(ast.Constant(function.attr), function)
                return _call("method", [owner, name, *node.args], node, node.keywords)
            if self._python_2 and function.attr == "encode" and _names_a_codec(node):
                return _call("encode", [owner, *node.args], node, node.keywords)
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        """Formats."""
        self.generic_visit(node)
        if isinstance(node.op, ast.Mod) and _is_text(node.left):
            return _call("formatted", [node.left, node.right], node)
        return node

    def visit_Assign(self, node: ast.Assign) -> ast.AST:
        """What is stored in one place."""
        self.generic_visit(node)
        target = node.targets[0]
        if len(node.targets) > 1 or not isinstance(target, ast.Subscript):
            return node
        if not _is_one_place(target) or _is_plain(node.value):
            return node
        call = _call("store", [node.value, target.value, _key(target)], node)
        return ast.copy_location(ast.Expr(call), node)

    def visit_AugAssign(self, node: ast.AugAssign) -> ast.AST:
        """What is changed in one place."""
        self.generic_visit(node)
        target, name = node.target, _IN_PLACE.get(type(node.op))
        if name is None or not isinstance(target, ast.Subscript):
            return node
        if not _is_one_place(target) or _is_plain(node.value):
            return node
        word = ast.copy_location(ast.Constant(name), node)
        call = _call("update", [word, target.value, _key(target), node.value], node)
        return ast.copy_location(ast.Expr(call), node)


def _call(
    name: str, args: list[ast.expr], place: ast.AST, keywords: list[ast.keyword] | None = None
) -> ast.Call:
    function = _ours(name, place)
    return ast.copy_location(ast.Call(function, args, keywords or []), place)


def _ours(name: str, place: ast.AST) -> ast.Attribute:
    namespace = ast.copy_location(ast.Name("__period__", ast.Load()), place)
    return ast.copy_location(ast.Attribute(namespace, name, ast.Load()), place)


def _key(target: ast.Subscript) -> ast.Subscript:
    return ast.copy_location(ast.Subscript(_ours("key", target), target.slice, ast.Load()), target)


def _is_one_place(target: ast.Subscript) -> bool:
    """Whether a target is ``a[i]`` with a key that may be a number, not a slice or a word."""
    key = target.slice
    parts = key.elts if isinstance(key, ast.Tuple) else [key]
    return not any(
        isinstance(part, ast.Slice | ast.Starred)
        or (isinstance(part, ast.Constant) and not isinstance(part.value, int))
        for part in parts
    )


def _is_plain(value: ast.expr) -> bool:
    return isinstance(
        value,
        ast.Constant | ast.List | ast.Tuple | ast.Dict | ast.ListComp | ast.JoinedStr | ast.Lambda,
    )


def _is_text(node: ast.expr) -> bool:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _is_text(node.left) or _is_text(node.right)
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _names_a_codec(node: ast.Call) -> bool:
    first = node.args[0] if node.args else None
    return isinstance(first, ast.Constant) and first.value in _CODECS
