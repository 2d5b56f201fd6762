"""`from_saved_model`: a SavedModel as a function of NumPy arrays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphmode.framework.graph import Graph
from graphmode.runtime.session import Session
from graphmode.saved_models.constants import DEFAULT_SERVING_SIGNATURE_DEF_KEY, SERVING
from graphmode.saved_models.loader import load
from graphmode.saved_models.signatures import get_tensor_from_tensor_info, signature_of


class Predictor:
    """A function of arrays, whose graph and session stay open.

    Parameters
    ----------
    graph : Graph
    session : Session
    feed_tensors, fetch_tensors : dict of str to Tensor, of any dtype and shape

    Attributes
    ----------
    graph : Graph
    session : Session
    feed_tensors, fetch_tensors : dict of str to Tensor, of any dtype and shape
    """

    def __init__(
        self,
        graph: Graph,
        session: Session,
        feed_tensors: Mapping[str, Any],
        fetch_tensors: Mapping[str, Any],
    ) -> None:
        self.graph = graph
        self.session = session
        self.feed_tensors = dict(feed_tensors)
        self.fetch_tensors = dict(fetch_tensors)

    def __call__(self, input_dict: Mapping[str, Any]) -> dict[str, Any]:
        """Compute the outputs.

        Parameters
        ----------
        input_dict : dict of str to array, of the dtype and shape in the signature
            By the names of the signature; what is left out, or is None, is not fed.

        Returns
        -------
        dict of str to array

        Raises
        ------
        ValueError
            If the signature has no such input.
        """
        unexpected = set(input_dict) - set(self.feed_tensors)
        if unexpected:
            raise ValueError(
                f"Got unexpected keys in input_dict: {unexpected}\n"
                f"expected: {set(self.feed_tensors)}"
            )
        feeds = {
            self.feed_tensors[key]: value for key, value in input_dict.items() if value is not None
        }
        return self.session.run(self.fetch_tensors, feeds)

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__} with feed tensors {self.feed_tensors} and fetch_tensors "
            f"{self.fetch_tensors}"
        )


def from_saved_model(
    export_dir: Any,
    signature_def_key: str | None = None,
    signature_def: Any = None,
    input_names: Mapping[str, str] | None = None,
    output_names: Mapping[str, str] | None = None,
    tags: str | None = None,
    graph: Graph | None = None,
    config: Any = None,
) -> Predictor:
    """Load a SavedModel as a function of arrays.

    Parameters
    ----------
    export_dir : str
        The folder of the model.
    signature_def_key : str, optional
        The name of a signature; ``serving_default`` if not given.
    signature_def : SignatureDef, optional
        In place of one of the model.
    input_names, output_names : dict of str to str, optional
        In place of a signature: key -> name of a tensor.
    tags : str, optional
        With commas between them; ``serve`` if not given.
    graph : Graph, optional
        Where it is loaded into; a new one if not given.
    config : ConfigProto, optional
        Of the session.

    Returns
    -------
    Predictor

    Raises
    ------
    ValueError
        If more than one of key, signature and names are given, or the model has no such signature.
    RuntimeError
        If it has no graph with these tags.
    OSError
        If there is no SavedModel.
    """
    if (input_names is None) != (output_names is None):
        raise ValueError(
            "input_names and output_names must both be specified or both be unspecified."
        )
    if sum(given is not None for given in (signature_def_key, signature_def, input_names)) > 1:
        raise ValueError(
            "You must specify at most one of signature_def_key OR signature_def OR(input_names "
            "AND output_names)."
        )
    graph = graph or Graph()
    with graph.as_default():
        session = Session(config=config)
        tag_set = [tag.strip() for tag in (tags or SERVING).split(",")]
        meta_graph_def = load(session, tag_set, export_dir)
    if input_names is not None and output_names is not None:
        feeds = {key: graph.get_tensor_by_name(name) for key, name in input_names.items()}
        fetches = {key: graph.get_tensor_by_name(name) for key, name in output_names.items()}
        return Predictor(graph, session, feeds, fetches)
    if signature_def is None:
        signature_def = signature_of(
            meta_graph_def, signature_def_key or DEFAULT_SERVING_SIGNATURE_DEF_KEY
        )
    feeds, fetches = (
        {key: get_tensor_from_tensor_info(info, graph) for key, info in field.items()}
        for field in (signature_def.inputs, signature_def.outputs)
    )
    return Predictor(graph, session, feeds, fetches)
