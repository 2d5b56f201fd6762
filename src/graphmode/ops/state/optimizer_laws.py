r"""The update laws of the optimizers: Apply* (a dense gradient) and SparseApply* (some rows).

One function states each law: the new variable, and its new slots, from the old ones, the gradient
and the hyperparameters. `_dense` and `_sparse` make an operation of it. The sparse form applies the
law to the touched rows alone.

A row that occurs several times in `indices` is updated once, by the sum of its gradients.
TensorFlow makes rows unique before its kernels (Unique, UnsortedSegmentSum), which would cut a
compiled step in two, because the number of unique rows depends on data.
"""

from __future__ import annotations

import inspect
import itertools
from typing import TYPE_CHECKING, Any

import numpy as np

from graphmode._addresses.late import late
from graphmode.framework import shape_rules
from graphmode.framework.dtypes import FLOATS, FLOATS_COMPLEX, INDEX
from graphmode.framework.errors import InvalidArgumentError, invalid
from graphmode.framework.op import op
from graphmode.ops import xp
from graphmode.ops.state.references import through_handles
from graphmode.ops.xp import is_traced

if TYPE_CHECKING:
    from collections.abc import Callable

    from graphmode.framework.operation import Dims, Operation

# ---- from a law to an operation -----------------------------------------------------------------

_PER_ELEMENT = frozenset(("grad", "delta"))
BY_REFERENCE: list[str] = []
"""The op types made here, which take variables by reference; all have a form by handle."""
_SUMMED = (
    "the gradients of a row that `indices` repeat are summed; TensorFlow does so before this op"
)

_summed_rows = late("graphmode.ops.state.rewritten", "summed_rows")


def _dense(
    op_type: str, law: Callable[..., Any], n_refs: int, families=FLOATS, mark: str = "&"
) -> Callable[..., Any]:
    """The operation that applies `law`, whose first `n_refs` arguments are variables."""
    names, attrs = _parameters(law)
    grad = next(i for i, name in enumerate(names) if name in _PER_ELEMENT)

    def kernel(*values, use_locking: bool = False, **attrs):
        del use_locking  # a run is the only writer of its session
        var = values[0]
        for i in (*range(1, n_refs), grad):
            if values[i].shape != var.shape:
                raise _shapes_differ("var", var, names[i], values[i])
        return law(*values, **attrs)

    return _register(op_type, kernel, law, names, attrs, n_refs, _dense_shape, mark, T=families)


def _sparse(
    op_type: str, law: Callable[..., Any], n_refs: int, mark: str = "&"
) -> Callable[..., Any]:
    """The operation that applies `law` to the rows `indices`, an input after the gradient."""
    names, attrs = _parameters(law)
    grad = next(i for i, name in enumerate(names) if name in _PER_ELEMENT)
    names[grad] = "grad"
    names.insert(grad + 1, "indices")

    def kernel(*values, use_locking: bool = False, **attrs):
        del use_locking
        tables, indices, gradient = values[:n_refs], values[grad + 1], values[grad]
        _check_rows(tables[0], gradient, indices)
        indices, gradient = sum_repeated_rows(indices, gradient, tables[0].shape[0])
        rows = [_rows_of(table, indices) for table in tables]
        updated = law(*rows, *values[n_refs:grad], gradient, *values[grad + 2 :], **attrs)
        if n_refs == 1:
            return _with_rows(tables[0], indices, updated)
        return tuple(map(_with_rows, tables, (indices,) * n_refs, updated))

    def in_range(*values, **attrs):
        del attrs
        indices = values[grad + 1]
        return xp.all((indices >= 0) & (indices < values[0].shape[0]))

    return _register(
        op_type, kernel, law, names, attrs, n_refs, _sparse_shape, mark,
        check=in_range, rewritten=_summed_rows, differs=_SUMMED, T=FLOATS, Tindices=INDEX,
    )  # fmt: skip


def _parameters(law: Callable[..., Any]) -> tuple[list[str], list[inspect.Parameter]]:
    parameters = inspect.signature(law).parameters.values()
    names = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
    locking = inspect.Parameter(
        "use_locking", inspect.Parameter.KEYWORD_ONLY, default=False, annotation="bool"
    )
    return names, [locking, *[p for p in parameters if p.kind is p.KEYWORD_ONLY]]


def _register(
    op_type: str,
    kernel: Any,
    law: Callable[..., Any],
    names: list[str],
    attrs: list[inspect.Parameter],
    n_refs: int,
    shape: Callable[..., Any],
    mark: str,
    **options: Any,
) -> Callable[..., Any]:
    tokens = [f"{mark}T" if i < n_refs else "T" for i in range(len(names))]
    if "indices" in names:
        tokens[names.index("indices")] = "Tindices"
    if "global_step" in names:
        tokens[names.index("global_step")] = "int64"
    keyword = inspect.Parameter.POSITIONAL_OR_KEYWORD
    kernel.__signature__ = inspect.Signature(
        [*[inspect.Parameter(name, keyword) for name in names], *attrs]
    )
    kernel.__name__ = kernel.__qualname__ = op_type
    kernel.__doc__ = _text_of(op_type, law, names, attrs, n_refs)
    output = ""
    if mark == "&":
        BY_REFERENCE.append(op_type)
        output = "out: &T"
    else:
        shape = through_handles(shape)
    signature = f"{', '.join(tokens)} -> {output}"
    return op(op_type, signature, shape=shape, effect="write", **options)(kernel)


def _text_of(
    op_type: str,
    law: Callable[..., Any],
    names: list[str],
    attrs: list[inspect.Parameter],
    n_refs: int,
) -> str:
    """The docstring of an operation: the text of its law, and each argument by its kind."""
    where = "the rows `indices`" if "indices" in names else "all elements"
    tables = dict.fromkeys(names[:n_refs], "Variable, floating")
    per_element = "[n, ...]" if "indices" in names else "of the shape of `var`"
    special = {
        "grad": f"Tensor, {per_element}\n    The gradient, of the dtype of `var`.",
        "delta": f"Tensor, {per_element}\n    The gradient, of the dtype of `var`.",
        "indices": "Tensor, int32 or int64, [n]\n    Rows of the variable.",
        "global_step": "Tensor, int64, scalar",
    }
    scalar = "Tensor, scalar, of the dtype of `var`"
    kinds = [(name, tables.get(name) or special.get(name, scalar)) for name in names]
    kinds += [(attr.name, "bool") for attr in attrs]
    entries = [
        f"{', '.join(name for name, _ in group)} : {kind}"
        for kind, group in itertools.groupby(kinds, key=lambda pair: pair[1])
    ]
    return "\n".join(
        [
            f"One step of an optimizer on {where} of a variable: TF op {op_type}.\n",
            inspect.cleandoc(law.__doc__ or ""),
            "\nParameters\n----------",
            *entries,
            "\nReturns\n-------\nTensor, the variable after it, or an Operation",
            "\nRaises\n------\nInvalidArgumentError\n    When it runs, if shapes do not fit.\n",
        ]
    )


def _dense_shape(operation: Operation) -> list[Dims]:
    """Variables, slots and gradient have one shape; the hyperparameters are scalars."""
    dims = operation.inputs[0].dims
    for spec, tensor in zip(operation.op_def.inputs[1:], operation.inputs[1:], strict=True):
        if spec.is_ref or spec.name in _PER_ELEMENT:
            dims = shape_rules.merge(dims, tensor.dims)
        else:
            shape_rules.with_rank(tensor.dims, 0)
    return [dims]


def _sparse_shape(operation: Operation) -> list[Dims]:
    """The gradient has a row for each index; its rows are the variable's."""
    dims = operation.inputs[0].dims
    n_rows: Dims = None
    for spec, tensor in zip(operation.op_def.inputs[1:], operation.inputs[1:], strict=True):
        if spec.is_ref:
            dims = shape_rules.merge(dims, tensor.dims)
        elif spec.name == "grad":
            if dims and tensor.dims:
                shape_rules.merge(dims[1:], tensor.dims[1:])
            n_rows = None if tensor.dims is None else tensor.dims[:1]
        elif spec.name == "indices":
            shape_rules.merge(shape_rules.with_rank(tensor.dims, 1), n_rows)
        else:
            shape_rules.with_rank(tensor.dims, 0)
    return [dims]


def _shapes_differ(a_name: str, a, b_name: str, b) -> InvalidArgumentError:
    return invalid(f"{a_name} and {b_name} do not have the same shape {_text(a)} {_text(b)}")


def _text(value) -> str:
    return "[" + ",".join(map(str, value.shape)) + "]"


# ---- rows ---------------------------------------------------------------------------------------


def _check_rows(table, gradient, indices) -> None:
    if indices.ndim != 1:
        raise invalid("indices must be one-dimensional")
    if gradient.shape[1:] != table.shape[1:]:
        raise _shapes_differ("rows of var", table[:0], "rows of grad", gradient[:0])
    if gradient.shape[0] != indices.shape[0]:
        raise invalid(
            f"grad must be the same size as indices in the first dimension: {gradient.shape[0]} "
            f"rows, {indices.shape[0]} indices"
        )
    if is_traced(indices):
        return  # the operation's check says it
    outside = np.flatnonzero((indices < 0) | (indices >= table.shape[0]))
    if outside.size:
        i = outside[0]
        raise invalid(
            f"Index {indices[i]} at offset {i} in indices is out of range: the variable has "
            f"{table.shape[0]} rows"
        )


def sum_repeated_rows(indices: Any, values: Any, n_rows: int) -> tuple[Any, Any]:
    """`indices` and `values` in which each row that repeats carries the sum of its values.

    On the host every row occurs once in the result. Traced, the length has to stay: a row that
    repeats does so with one and the same sum, so that writing it twice is harmless.

    Parameters
    ----------
    indices : int ``[n]``
        Within ``[0, n_rows)``.
    values : ``[n, ...]``
    n_rows : int

    Returns
    -------
    indices : int ``[m]``
    values : ``[m, ...]``
    """
    n = indices.shape[0]
    if n < 2:
        return indices, values
    if not is_traced(indices, values):
        order = np.argsort(indices, kind="stable")
        ordered = indices[order]
        starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
        if starts.size == n:
            return indices, values
        # Four times as fast as np.add.at on rows.
        return ordered[starts], np.add.reduceat(values[order], starts, axis=0)
    import jax.numpy as jnp

    places = jnp.arange(n, dtype=jnp.int32)
    # Each row's first place stands for the row: that needs one int per row of the table, no sort.
    first = jnp.full(n_rows, n, jnp.int32).at[indices].min(places, mode="drop")[indices]
    return indices, jnp.zeros_like(values).at[first].add(values)[first]


def _rows_of(table, indices):
    if is_traced(table, indices):
        import jax.numpy as jnp

        return jnp.asarray(table).at[indices].get(mode="clip")
    return table[indices]


def _with_rows(table, indices, rows):
    if is_traced(table, indices, rows):
        import jax.numpy as jnp

        return jnp.asarray(table).at[indices].set(rows, mode="drop")
    result = table.copy()
    result[indices] = rows
    return result


# ---- the laws -----------------------------------------------------------------------------------


def _gradient_descent(var, alpha, delta):
    r""".. math:: w \leftarrow w - \alpha g"""
    return var - alpha * delta


def _momentum(var, accum, lr, grad, momentum, *, use_nesterov: bool = False):
    r""".. math:: a \leftarrow \mu a + g, \qquad w \leftarrow w - \eta a

    With `use_nesterov`, :math:`w \leftarrow w - \eta (g + \mu a)`.
    Sutskever et al., "On the importance of initialization and momentum in deep learning", 2013.
    """
    accum = accum * momentum + grad
    if use_nesterov:
        return var - (grad * lr + accum * momentum * lr), accum
    return var - accum * lr, accum


def _keras_momentum(var, accum, lr, grad, momentum, *, use_nesterov: bool = False):
    r""".. math:: a \leftarrow \mu a - \eta g, \qquad w \leftarrow w + a

    With `use_nesterov`, :math:`w \leftarrow w + \mu a - \eta g`.
    """
    accum = accum * momentum - grad * lr
    return var + (accum * momentum - grad * lr if use_nesterov else accum), accum


def _adagrad(var, accum, lr, grad, *, update_slots: bool = True):
    r""".. math:: a \leftarrow a + g^2, \qquad w \leftarrow w - \eta g / \sqrt{a}

    Duchi et al., "Adaptive subgradient methods", JMLR 2011.
    """
    if update_slots:
        accum = accum + grad * grad
    return var - grad * lr / xp.sqrt(accum), accum


def _adagrad_v2(var, accum, lr, epsilon, grad, *, update_slots: bool = True):
    r""".. math:: a \leftarrow a + g^2, \qquad w \leftarrow w - \eta g / (\sqrt{a} + \epsilon)"""
    if update_slots:
        accum = accum + grad * grad
    return var - grad * lr / (xp.sqrt(accum) + epsilon), accum


def _adadelta(var, accum, accum_update, lr, rho, epsilon, grad):
    r""".. math::

        a \leftarrow \rho a + (1 - \rho) g^2, \qquad
        u = g \sqrt{b + \epsilon} / \sqrt{a + \epsilon}, \\
        w \leftarrow w - \eta u, \qquad b \leftarrow \rho b + (1 - \rho) u^2

    Zeiler, "ADADELTA: an adaptive learning rate method", 2012.
    """
    accum = accum * rho + grad * grad * (1 - rho)
    update = xp.sqrt(accum_update + epsilon) / xp.sqrt(accum + epsilon) * grad
    accum_update = accum_update * rho + update * update * (1 - rho)
    return var - update * lr, accum, accum_update


def _adam(
    var,
    m,
    v,
    beta1_power,
    beta2_power,
    lr,
    beta1,
    beta2,
    epsilon,
    grad,
    *,
    use_nesterov: bool = False,
):
    r""".. math::

        m \leftarrow m + (1 - \beta_1)(g - m), \qquad v \leftarrow v + (1 - \beta_2)(g^2 - v), \\
        w \leftarrow w - \eta \frac{\sqrt{1 - \beta_2^t}}{1 - \beta_1^t}
        \frac{m}{\sqrt{v} + \epsilon}

    With `use_nesterov`, :math:`(1 - \beta_1) g + \beta_1 m` in place of :math:`m`.
    Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015.
    """
    alpha = lr * xp.sqrt(1 - beta2_power) / (1 - beta1_power)
    m = m + (grad - m) * (1 - beta1)
    v = v + (grad * grad - v) * (1 - beta2)
    step = grad * (1 - beta1) + m * beta1 if use_nesterov else m
    return var - step * alpha / (xp.sqrt(v) + epsilon), m, v


def _ada_max(var, m, v, beta1_power, lr, beta1, beta2, epsilon, grad):
    r""".. math::

        m \leftarrow m + (1 - \beta_1)(g - m), \qquad v \leftarrow \max(\beta_2 v, |g|), \\
        w \leftarrow w - \frac{\eta}{1 - \beta_1^t} \frac{m}{v + \epsilon}

    Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015, section 7.1.
    """
    m = m + (grad - m) * (1 - beta1)
    v = xp.maximum(v * beta2, xp.abs(grad))
    return var - lr / (1 - beta1_power) * (m / (v + epsilon)), m, v


def _add_sign(var, m, lr, alpha, sign_decay, beta, grad):
    r""".. math::

        m \leftarrow \beta m + (1 - \beta) g, \qquad
        w \leftarrow w - \eta (\alpha + d \operatorname{sign}(g) \operatorname{sign}(m)) g

    Bello et al., "Neural optimizer search with reinforcement learning", ICML 2017.
    """
    m = m * beta + grad * (1 - beta)
    return var - lr * (alpha + sign_decay * xp.sign(grad) * xp.sign(m)) * grad, m


def _power_sign(var, m, lr, logbase, sign_decay, beta, grad):
    r""".. math::

        m \leftarrow \beta m + (1 - \beta) g, \qquad
        w \leftarrow w - \eta b^{d \operatorname{sign}(g) \operatorname{sign}(m)} g

    with the logarithm of :math:`b` as `logbase`. Bello et al., as for AddSign.
    """
    m = m * beta + grad * (1 - beta)
    return var - lr * xp.exp(logbase * sign_decay * xp.sign(grad) * xp.sign(m)) * grad, m


def _rms_prop(var, ms, mom, lr, rho, momentum, epsilon, grad):
    r""".. math::

        s \leftarrow s + (1 - \rho)(g^2 - s), \qquad
        a \leftarrow \mu a + \eta g / \sqrt{s + \epsilon}, \qquad w \leftarrow w - a

    Tieleman and Hinton, "Neural networks for machine learning", lecture 6e, 2012.
    """
    ms = ms + (grad * grad - ms) * (1 - rho)
    mom = mom * momentum + grad * lr / xp.sqrt(ms + epsilon)
    return var - mom, ms, mom


def _centered_rms_prop(var, mg, ms, mom, lr, rho, momentum, epsilon, grad):
    r"""RMSProp with the variance :math:`s - \bar g^2` of the gradient in place of :math:`s`.

    .. math:: \bar g \leftarrow \bar g + (1 - \rho)(g - \bar g)

    Graves, "Generating sequences with recurrent neural networks", 2013.
    """
    ms = ms + (grad * grad - ms) * (1 - rho)
    mg = mg + (grad - mg) * (1 - rho)
    mom = mom * momentum + grad * lr / xp.sqrt(ms - mg * mg + epsilon)
    return var - mom, mg, ms, mom


def _ftrl(var, accum, linear, grad, lr, l1, l2, lr_power, *, multiply_linear_by_lr: bool = False):
    r""".. math::

        n' = n + g^2, \qquad z \leftarrow z + g - \frac{n'^{-p} - n^{-p}}{\eta} w, \\
        w \leftarrow \frac{\lambda_1 \operatorname{sign}(z) - z}{n'^{-p} / \eta + 2 \lambda_2}
        \text{ where } |z| > \lambda_1 \text{, else } 0

    McMahan et al., "Ad click prediction: a view from the trenches", KDD 2013. With
    `multiply_linear_by_lr` the slot holds :math:`\eta z`.
    """
    return _ftrl_step(var, accum, linear, grad, grad, lr, l1, l2, lr_power, multiply_linear_by_lr)


def _ftrl_v2(
    var,
    accum,
    linear,
    grad,
    lr,
    l1,
    l2,
    l2_shrinkage,
    lr_power,
    *,
    multiply_linear_by_lr: bool = False,
):
    r"""Ftrl in which :math:`g + 2 \lambda_s w` takes the place of :math:`g` in :math:`z`."""
    shrunk = grad + 2 * l2_shrinkage * var
    return _ftrl_step(var, accum, linear, grad, shrunk, lr, l1, l2, lr_power, multiply_linear_by_lr)


def _ftrl_step(var, accum, linear, grad, shrunk, lr, l1, l2, lr_power, multiply_linear_by_lr):
    is_root = not is_traced(lr_power) and lr_power == -0.5
    old = xp.sqrt(accum) if is_root else xp.power(accum, -lr_power)
    accum = accum + grad * grad
    new = xp.sqrt(accum) if is_root else xp.power(accum, -lr_power)
    if multiply_linear_by_lr:
        linear = linear + shrunk * lr - (new - old) * var
        l1, quadratic = l1 * lr, new + 2 * l2 * lr
    else:
        linear = linear + shrunk - (new - old) / lr * var
        quadratic = new / lr + 2 * l2
    pulled = (xp.clip(linear, -l1, l1) - linear) / quadratic
    # 0 / 0 of a weight that never had a gradient is 0.
    return xp.where(xp.abs(linear) > l1, pulled, xp.zeros_like(pulled)), accum, linear


def _shrunk(prox, step, l1, l2):
    """The proximal point of the L1 and L2 penalties after a plain step of size `step`."""
    if is_traced(l1) or l1 > 0:
        prox = xp.sign(prox) * xp.maximum(xp.abs(prox) - step * l1, 0)
    return prox / (1 + l2 * step)


def _proximal_gradient_descent(var, alpha, l1, l2, delta):
    r""".. math::

        p = w - \alpha g, \qquad
        w \leftarrow \frac{\operatorname{sign}(p) \max(|p| - \alpha \lambda_1, 0)}
        {1 + \alpha \lambda_2}

    Duchi and Singer, "Efficient learning using forward-backward splitting", NIPS 2009.
    """
    return _shrunk(var - delta * alpha, alpha, l1, l2)


def _proximal_adagrad(var, accum, lr, l1, l2, grad):
    r"""The proximal step with Adagrad's step size :math:`\eta / \sqrt{a}`, :math:`a` as there."""
    accum = accum + grad * grad
    step = lr / xp.sqrt(accum)
    return _shrunk(var - grad * step, step, l1, l2), accum


def _adagrad_da(
    var, gradient_accumulator, gradient_squared_accumulator, grad, lr, l1, l2, global_step
):
    r""".. math::

        s \leftarrow s + g, \qquad a \leftarrow a + g^2, \qquad
        w \leftarrow -\frac{\eta \operatorname{sign}(s) \max(|s| - t \lambda_1, 0)}
        {t \lambda_2 \eta + \sqrt{a}}

    Duchi et al., "Adaptive subgradient methods for online learning", JMLR 2011.
    """
    step = global_step.astype(var.dtype)
    total = gradient_accumulator + grad
    squares = gradient_squared_accumulator + grad * grad
    shrunk = xp.sign(total) * xp.maximum(xp.abs(total) - step * l1, 0)
    return -lr * shrunk / (l2 * step * lr + xp.sqrt(squares)), total, squares


apply_gradient_descent = _dense("ApplyGradientDescent", _gradient_descent, 1, FLOATS_COMPLEX)
apply_momentum = _dense("ApplyMomentum", _momentum, 2, FLOATS_COMPLEX)
apply_adagrad = _dense("ApplyAdagrad", _adagrad, 2)
apply_adagrad_v2 = _dense("ApplyAdagradV2", _adagrad_v2, 2)
apply_adagrad_da = _dense("ApplyAdagradDA", _adagrad_da, 3)
apply_adadelta = _dense("ApplyAdadelta", _adadelta, 3)
apply_adam = _dense("ApplyAdam", _adam, 3)
apply_ada_max = _dense("ApplyAdaMax", _ada_max, 3)
apply_add_sign = _dense("ApplyAddSign", _add_sign, 2)
apply_power_sign = _dense("ApplyPowerSign", _power_sign, 2)
apply_rms_prop = _dense("ApplyRMSProp", _rms_prop, 3)
apply_centered_rms_prop = _dense("ApplyCenteredRMSProp", _centered_rms_prop, 4)
apply_ftrl = _dense("ApplyFtrl", _ftrl, 3)
apply_ftrl_v2 = _dense("ApplyFtrlV2", _ftrl_v2, 3)
apply_proximal_gradient_descent = _dense(
    "ApplyProximalGradientDescent", _proximal_gradient_descent, 1
)
apply_proximal_adagrad = _dense("ApplyProximalAdagrad", _proximal_adagrad, 2)

sparse_apply_momentum = _sparse("SparseApplyMomentum", _momentum, 2)
sparse_apply_adagrad = _sparse("SparseApplyAdagrad", _adagrad, 2)
sparse_apply_adagrad_v2 = _sparse("SparseApplyAdagradV2", _adagrad_v2, 2)
sparse_apply_adagrad_da = _sparse("SparseApplyAdagradDA", _adagrad_da, 3)
sparse_apply_adadelta = _sparse("SparseApplyAdadelta", _adadelta, 3)
sparse_apply_rms_prop = _sparse("SparseApplyRMSProp", _rms_prop, 3)
sparse_apply_centered_rms_prop = _sparse("SparseApplyCenteredRMSProp", _centered_rms_prop, 4)
sparse_apply_ftrl = _sparse("SparseApplyFtrl", _ftrl, 3)
sparse_apply_ftrl_v2 = _sparse("SparseApplyFtrlV2", _ftrl_v2, 3)
sparse_apply_proximal_gradient_descent = _sparse(
    "SparseApplyProximalGradientDescent", _proximal_gradient_descent, 1
)
sparse_apply_proximal_adagrad = _sparse("SparseApplyProximalAdagrad", _proximal_adagrad, 2)

# TensorFlow has these by handle alone.
resource_apply_keras_momentum = _dense(
    "ResourceApplyKerasMomentum", _keras_momentum, 2, FLOATS_COMPLEX, mark="@"
)
resource_sparse_apply_keras_momentum = _sparse(
    "ResourceSparseApplyKerasMomentum", _keras_momentum, 2, mark="@"
)
