"""The recursive neural tensor network: a phrase's vector is made of those of its two parts."""

from __future__ import annotations

import collections
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from typing import TYPE_CHECKING, Any, ClassVar, Literal

import numpy as np
from sklearn.utils.validation import check_is_fitted

import graphmode as tf
from graphmode import viz
from graphmode.models import training
from graphmode.models.base import Model, is_of_batches
from graphmode.models.network import Network, batched
from graphmode.models.optimizers import OptimizerName
from graphmode.models.parameters import Count, NotNegative, Positive, Rate, estimator
from graphmode.models.text.vocabulary import most_frequent
from graphmode.models.trees.expressions import NO_LABEL, Tree, read_trees

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_LEAST = 8
_ROOM = 1.25


class TreeBatches(training.IterableBatches):
    """Batches of trees that somebody else makes: those that do not fit into memory.

    Parameters
    ----------
    source : iterable, or function that gives one
        Of what `RNTN.fit` takes; it is gone through once an epoch.
    model : RNTN
    """

    def __init__(self, source: Any, model: RNTN) -> None:
        super().__init__(source, lambda X, y: model._read(X, y, reset=False))
        self._model = model

    def epoch(self, number: int) -> Iterator[Mapping[str, Any]]:
        """The batches of epoch `number`."""
        random = np.random.default_rng([self._model._seed, number])
        for batch in super().epoch(number):
            yield self._model._prepare(batch, random)


@estimator
class RNTN(Model):
    r"""Tells the class of each phrase of a sentence, from the leaves of its tree to the root.

    A phrase of parts `b` and `c` has the vector

    .. math:: p = \tanh\left(\begin{bmatrix}b\\c\end{bmatrix}^T V \begin{bmatrix}b\\c\end{bmatrix}
              + W \begin{bmatrix}b\\c\end{bmatrix}\right)

    with a tensor `V`, by which one part can turn the meaning of the other round ("not good").

    Parameters
    ----------
    size : int
        Of the vector of a word or a phrase.
    min_count : int
        Words that occur less often are unknown.
    unknown_rate : float
        The share of words that a training step takes for unknown ones, so that there is a vector
        for words that were not met.
    l2 : float
        What the squared weights of layers, halved, count in the loss.

    Attributes
    ----------
    vocabulary_ : list of str
        The words, the most frequent first, after "<unk>".
    classes_ : ndarray [n_classes]
        The labels, whole numbers where all of them are.

    Notes
    -----
    Socher, Perelygin, Wu, Chuang, Manning, Ng and Potts, "Recursive deep models for semantic
    compositionality over a sentiment treebank", EMNLP 2013.

    Phrases of one height are computed at once, over all trees of a batch.

    Examples
    --------
    >>> from graphmode.models import RNTN
    >>> trees = ["(0 (1 not) (1 good))", "(1 (0 not) (0 bad))", "(1 good)", "(0 bad)"]
    >>> model = RNTN(size=5, max_iter=60, random_state=0).fit(trees * 10)
    >>> model.predict(["(? (? not) (? bad))"])
    array([1])
    """

    size: Count = 25
    min_count: Count = 1
    unknown_rate: Rate = 0.02
    l2: NotNegative = 1e-4
    max_iter: Count = 20
    batch_size: Count = 25
    learning_rate: Positive = 0.1
    optimizer: OptimizerName | Callable[..., Any] = "adagrad"

    vocabulary_: list[str] = field(init=False)
    classes_: np.ndarray = field(init=False)
    _learns_from_texts: ClassVar[bool] = True
    _sizes: tuple[int, ...] = field(init=False, repr=False)

    # ---- trees -----------------------------------------------------------------------------------

    def _read(self, X: Any, y: Any, reset: bool) -> dict[str, Any]:
        trees = read_trees(X, type(self).__name__)
        if not trees:
            raise ValueError(f"{type(self).__name__}: there is no tree")
        if reset:
            self._meet([trees])
            self._expect(trees)
        self._check_labels(trees)
        return {"trees": trees}

    def _meet(self, batches: Iterable[Sequence[Tree]]) -> None:
        """Find words, labels and how large the arrays of such batches are."""
        words: collections.Counter[str] = collections.Counter()
        labels: set[str] = set()
        sizes = (0, 0, 0)
        for trees in batches:
            words.update(word for tree in trees for word in tree.leaves())
            labels.update(label for tree in trees for label in tree.labels)
            sizes = tuple(map(max, sizes, _needed([tree.heights() for tree in trees])))
        if not words:
            raise ValueError(f"{type(self).__name__}: there is no tree")
        self.vocabulary_ = ["<unk>", *most_frequent(words.elements(), None, self.min_count)]
        self.classes_ = _classes(labels)
        if len(self.classes_) < 2:
            raise ValueError(
                f"{type(self).__name__}: all nodes have the label {self.classes_.tolist()}; "
                "it learns to tell two or more"
            )
        self._sizes = tuple(map(_rounded, sizes))

    def _expect(self, trees: Sequence[Tree]) -> None:
        """Find how large the arrays of a batch of such trees are."""
        of_height = np.bincount(np.concatenate([tree.heights() for tree in trees]))
        share = _ROOM * min(self.batch_size, len(trees)) / len(trees)
        width = of_height[1:].max(initial=0)
        n_leaves, width = (_rounded(round(share * int(n))) for n in (of_height[0], width))
        self._sizes = (n_leaves, _rounded(len(of_height) - 1), width)

    def _check_labels(self, trees: Sequence[Tree]) -> None:
        known = {NO_LABEL, *map(str, self.classes_)}
        for i, tree in enumerate(trees, 1):
            unknown = sorted(set(tree.labels) - known)
            if unknown:
                raise ValueError(
                    f"{type(self).__name__}: the label {unknown[0]!r} of tree {i} was not among "
                    f"those that it was fitted to: {self.classes_.tolist()}"
                )

    def _flat(self, trees: Sequence[Tree]) -> dict[str, np.ndarray]:
        """Trees as the network takes them.

        Leaves come first, then the other nodes by height, a row each height. All batches have
        one size, so that one program is compiled; a batch that needs more makes it grow.
        """
        words = {word: i for i, word in enumerate(self.vocabulary_)}
        classes = {str(label): i for i, label in enumerate(self.classes_)}
        heights = [tree.heights() for tree in trees]
        of_height = np.bincount(np.concatenate(heights))
        self._sizes = n_leaves, n_rows, width = tuple(
            size if n <= size else _rounded(n)
            for n, size in zip(_needed(heights), self._sizes, strict=True)
        )
        left, right = np.zeros((2, n_rows, width), np.int32)
        leaves = np.zeros(n_leaves, np.int32)
        labels = np.full(n_leaves + n_rows * width, -1, np.int32)
        used = np.zeros(len(of_height), int)
        places: list[list[int]] = []
        for tree, height in zip(trees, heights, strict=True):
            place = [0] * len(tree)
            for node in reversed(range(len(tree))):
                row = height[node]
                column = used[row]
                used[row] += 1
                if row == 0:
                    leaves[column] = words.get(str(tree.words[node]), 0)
                    place[node] = int(column)
                else:
                    place[node] = int(n_leaves + (row - 1) * width + column)
                    left[row - 1, column], right[row - 1, column] = (
                        place[child] for child in tree.children[node]
                    )
                labels[place[node]] = classes.get(tree.labels[node], -1)
            places.append(place)
        return {
            "roots": np.array([place[0] for place in places], np.int32),
            "nodes": np.concatenate(places).astype(np.int32),
            "words": leaves,
            "left": left,
            "right": right,
            "labels": labels,
        }

    def _fed(self, trees: Sequence[Tree]) -> dict[str, np.ndarray]:
        flat = self._flat(trees)
        del flat["nodes"]
        return flat

    def _prepare(self, batch: Mapping[str, Any], random: np.random.Generator) -> Mapping[str, Any]:
        flat = self._fed(batch["trees"])
        if self.unknown_rate:
            flat["words"][random.random(len(flat["words"])) < self.unknown_rate] = 0
        return flat

    def _held_out(self, arrays: dict[str, Any]) -> Any:
        return training.ArrayBatches(
            arrays, self.batch_size, prepare=lambda batch, _: self._fed(batch["trees"])
        )

    def _fit_batches(self, source: Any, classes: Any, validation: Any, goes_on: bool) -> Any:
        owner = type(self).__name__
        if not goes_on:
            self._meet(read_trees(batch, owner) for batch in training.once_through(source))
            self._draw_seed()
            self._start()
        held_out = None if validation is None else self._held_validation(validation)
        return self._fit_epochs(TreeBatches(source, self), held_out)

    def fit(self, X: Any, y: Any = None, *, validation: Any = None) -> Any:
        """Learn from labelled trees.

        Parameters
        ----------
        X : list of str, str, or Path
            S-expressions, ``(3 (2 not) (4 bad))``: a label, then a word or two trees; a node
            without a label says ``?``. Or a text or file of them. Or an iterable of such batches,
            or a function that gives one: each is a training step, and all are gone through once
            for words and labels, then once an epoch. A generator, which is had once, is read into
            memory.
        y : None
            Not used: the labels are in the trees.
        validation : as `X`, optional
            Trees that are measured after each epoch and not learned from.

        Returns
        -------
        RNTN
            Itself.
        """
        owner = type(self).__name__
        if isinstance(X, Iterator):
            X = [tree for batch in X for tree in read_trees(batch, owner)]
        given = X if is_of_batches(X) else read_trees(X, owner)
        return super().fit(given, y, validation=validation)

    # ---- the network -----------------------------------------------------------------------------

    def _build(self) -> Network:
        d, n_classes = self.size, len(self.classes_)
        words = tf.placeholder(tf.int32, [None], "words")
        left = tf.placeholder(tf.int32, [None, None], "left")
        right = tf.placeholder(tf.int32, [None, None], "right")
        labels = tf.placeholder(tf.int32, [None], "labels")
        roots = tf.placeholder(tf.int32, [None], "roots")
        with tf.variable_scope("rntn"):
            small = tf.random_normal_initializer(stddev=0.1)
            vectors = tf.get_variable("vectors", [len(self.vocabulary_), d], initializer=small)
            edge = 1 / (4 * d)
            start = tf.random_uniform_initializer(-edge, edge)
            tensor = tf.get_variable("tensor", [2 * d, 2 * d, d], initializer=start)
            mean = 0.5 * tf.concat([tf.eye(d), tf.eye(d)], 0)  # a phrase begins as its parts' mean
            matrix = tf.get_variable("matrix", initializer=mean + tf.random_normal([2 * d, d]) / d)
            bias = tf.get_variable("bias", [d], initializer=tf.zeros_initializer())

        def phrase(b: Any, c: Any) -> Any:
            both = tf.concat([b, c], 1)
            by_part = tf.matmul(both, tf.reshape(tensor, [2 * d, 2 * d * d]))
            bilinear = tf.reduce_sum(
                tf.reshape(by_part, [-1, 2 * d, d]) * tf.expand_dims(both, 2), 1
            )
            return tf.tanh(bilinear + tf.matmul(both, matrix) + bias)

        leaves = tf.tanh(tf.nn.embedding_lookup(vectors, words))
        n_leaves, n_rows, width = tf.shape(words)[0], tf.shape(left)[0], tf.shape(left)[1]

        def next_row(row: Any, nodes: Any) -> tuple[Any, Any]:
            made = phrase(tf.gather(nodes, left[row]), tf.gather(nodes, right[row]))
            places = n_leaves + row * width + tf.range(width)
            made.set_shape([None, d])
            return row + 1, tf.tensor_scatter_update(nodes, tf.expand_dims(places, 1), made)

        nodes = tf.concat([leaves, tf.zeros([n_rows * width, d])], 0)
        _, nodes = tf.while_loop(lambda row, _: row < n_rows, next_row, [tf.constant(0), nodes])
        logits = tf.layers.dense(nodes, n_classes, name="logits")
        kernel = next(v for v in tf.trainable_variables() if v.op.name == "logits/kernel")
        penalty = self.l2 * tf.add_n([tf.nn.l2_loss(w) for w in (tensor, matrix, kernel)])
        are_told = tf.cast(labels >= 0, tf.float32)
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(
            labels=tf.maximum(labels, 0), logits=logits
        )
        classes = tf.argmax(logits, 1, output_type=tf.int32)
        n_told = tf.maximum(tf.reduce_sum(are_told), 1.0)
        hits = tf.cast(tf.equal(classes, labels), tf.float32)
        return Network(
            inputs={
                "roots": roots, "words": words, "left": left, "right": right, "labels": labels
            },
            outputs={"probabilities": tf.nn.softmax(logits), "vectors": nodes},
            measures={
                "loss": tf.reduce_sum(losses * are_told) / n_told + penalty,
                "accuracy": tf.reduce_mean(tf.gather(hits, roots)),
                "node_accuracy": tf.reduce_sum(hits) / n_told,
            },
        )  # fmt: skip

    def _signature(self) -> tuple[dict[str, Any], dict[str, Any]]:
        inputs = {name: self.network_.inputs[name] for name in ("words", "left", "right")}
        return inputs, {"probabilities": self.network_.outputs["probabilities"]}

    # ---- asking ----------------------------------------------------------------------------------

    def predict_nodes_proba(self, X: Any) -> list[np.ndarray]:
        """The probability of each class for each node.

        Parameters
        ----------
        X : list of str, str, or Path

        Returns
        -------
        list of array, float32 [n_nodes, n_classes]
            One for each tree, nodes in the order in which they are written, the root first.
        """
        check_is_fitted(self, "session_")
        trees = read_trees(X, type(self).__name__)
        found: list[np.ndarray] = []
        for batch in batched({"trees": trees}, self.batch_size):
            flat = self._flat(batch["trees"])
            fed = {name: flat[name] for name in ("words", "left", "right")}
            told = self.network_.ask(self.session_, "probabilities", fed)[flat["nodes"]]
            ends = np.cumsum([len(tree) for tree in batch["trees"]])
            found += np.split(told, ends[:-1])
        return found

    def predict_nodes(self, X: Any) -> list[np.ndarray]:
        """The most probable class of each node.

        Parameters
        ----------
        X : list of str, str, or Path

        Returns
        -------
        list of array [n_nodes]
            Labels, as `predict_nodes_proba` orders them.
        """
        return [self.classes_[told.argmax(1)] for told in self.predict_nodes_proba(X)]

    def predict_proba(self, X: Any) -> np.ndarray:
        """The probability of each class for each whole tree: its root.

        Parameters
        ----------
        X : list of str, str, or Path

        Returns
        -------
        array, float32 [n_trees, n_classes]
        """
        return np.array([told[0] for told in self.predict_nodes_proba(X)])

    def predict(self, X: Any) -> np.ndarray:
        """The most probable class of each whole tree: its root.

        Parameters
        ----------
        X : list of str, str, or Path

        Returns
        -------
        array [n_trees]
            Labels.
        """
        return self.classes_[self.predict_proba(X).argmax(1)]

    def score(self, X: Any, y: Any = None, of: Literal["roots", "nodes"] = "roots") -> float:
        """The share of labels that are told rightly.

        Parameters
        ----------
        X : list of str, str, or Path
        y : None
        of : {"roots", "nodes"}
            Of whole trees, or of all nodes. Those without a label do not count.

        Returns
        -------
        float

        Raises
        ------
        ValueError
            If nothing has a label.
        """
        trees = read_trees(X, type(self).__name__)
        end = 1 if of == "roots" else None
        told = np.concatenate([labels[:end] for labels in self.predict_nodes(trees)])
        labels = np.array([label for tree in trees for label in tree.labels[:end]])
        counts = labels != NO_LABEL
        if not counts.any():
            raise ValueError(f"{type(self).__name__}: none of the {of} has a label to be told")
        return float(np.mean(told.astype(str)[counts] == labels[counts]))

    def draw_tree(self, X: Any, path: str | os.PathLike[str] | None = None) -> Figure:
        """A tree, each node with the class that it is told to be of.

        Parameters
        ----------
        X : str, Tree, or list of them
            Of several trees the first one is drawn.
        path : str, optional
            A PNG file to be written.

        Returns
        -------
        matplotlib.figure.Figure
        """
        tree = read_trees(X, type(self).__name__)[0]
        told = self.predict_nodes_proba([tree])[0]
        classes = told.argmax(1)
        texts = [
            f"{self.classes_[k]}" if word is None else f"{self.classes_[k]}\n{word}"
            for k, word in zip(classes, tree.words, strict=True)
        ]
        scale = told @ np.linspace(0, 1, len(self.classes_))
        return viz.plot_tree(tree.children, texts, scale, path=path)


def _needed(heights: Sequence[Sequence[int]]) -> tuple[int, int, int]:
    """Leaves, rows above them and the widest of these, for trees of nodes of such heights."""
    of_height = np.bincount(np.concatenate(heights)) if heights else np.zeros(1, int)
    return int(of_height[0]), len(of_height) - 1, int(of_height[1:].max(initial=0))


def _rounded(n: int) -> int:
    """The next power of 2, at least `_LEAST`."""
    return max(_LEAST, 1 << (n - 1).bit_length())


def _classes(labels: Collection[str]) -> np.ndarray:
    """The different labels in order, as whole numbers where they are."""
    found = sorted(set(labels) - {NO_LABEL})
    if all(label.isdecimal() and str(int(label)) == label for label in found):
        return np.array(sorted(map(int, found)), np.int64)
    return np.array(found)
