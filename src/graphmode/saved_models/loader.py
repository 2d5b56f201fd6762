"""Load SavedModels into sessions."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from graphmode.framework.graph import Graph
from graphmode.platform import logging
from graphmode.saved_models import constants as names
from graphmode.saved_models.assets import asset_feeds
from graphmode.saved_models.messages import read_saved_model
from graphmode.saved_models.signatures import op_of_signature
from graphmode.training.meta_graph_import import import_meta_graph
from graphmode.training.saveables import all_saveable_objects
from graphmode.training.saver import Saver


def maybe_saved_model_directory(export_dir: Any) -> bool:
    """Whether a folder holds a file that has the name of a SavedModel's.

    Parameters
    ----------
    export_dir : str

    Returns
    -------
    bool
    """
    folder = Path(os.fsdecode(export_dir))
    return any(
        (folder / name).exists()
        for name in (names.SAVED_MODEL_FILENAME_PB, names.SAVED_MODEL_FILENAME_PBTXT)
    )


contains_saved_model = maybe_saved_model_directory


def get_meta_graph_def(saved_model_dir: Any, tag_set: str | Iterable[str]) -> Any:
    """The graph of a SavedModel that has exactly these tags.

    Parameters
    ----------
    saved_model_dir : str
    tag_set : str or list of str
        A text has commas between them.

    Returns
    -------
    MetaGraphDef

    Raises
    ------
    RuntimeError
        If it has none, with the tags that there are.
    OSError
        If there is no SavedModel.
    """
    tags = tag_set.split(",") if isinstance(tag_set, str) else tag_set
    return _tagged(read_saved_model(os.fsdecode(saved_model_dir)), tags)


def _tagged(saved_model: Any, tags: Iterable[str]) -> Any:
    wanted = {tag.strip() for tag in tags}
    there = [set(graph.meta_info_def.tags) for graph in saved_model.meta_graphs]
    if wanted in there:
        return saved_model.meta_graphs[there.index(wanted)]
    raise RuntimeError(
        f"MetaGraphDef associated with tags {', '.join(map(repr, sorted(wanted)))} could not be "
        "found in SavedModel. To inspect available tag-sets in the SavedModel, please use the "
        "SavedModel CLI: `graphmode saved-model show`\navailable_tags: "
        + str([sorted(tag_set) for tag_set in there])
    )


class SavedModelLoader:
    """Loads the graphs of a SavedModel, in steps.

    Parameters
    ----------
    export_dir : str
        The folder of the model.

    Attributes
    ----------
    export_dir : str
    variables_path : str
        The prefix of its checkpoint.
    saved_model : SavedModel

    Raises
    ------
    OSError
        If there is no SavedModel, or it is damaged.
    """

    def __init__(self, export_dir: Any) -> None:
        self.export_dir = os.fsdecode(export_dir)
        self.variables_path = str(
            Path(self.export_dir, names.VARIABLES_DIRECTORY, names.VARIABLES_FILENAME)
        )
        self.saved_model = read_saved_model(self.export_dir)

    def get_meta_graph_def_from_tags(self, tags: Iterable[str]) -> Any:
        """The graph that has exactly the tags `tags`.

        Raises
        ------
        RuntimeError
            If there is none.
        """
        return _tagged(self.saved_model, tags)

    def load_graph(
        self,
        graph: Graph,
        tags: Iterable[str],
        import_scope: str | None = None,
        **saver_kwargs: Any,
    ) -> Saver | None:
        """Import a graph of the model.

        Parameters
        ----------
        graph : Graph
        tags : list of str
        import_scope : str, optional
            The name scope that it goes into.
        **saver_kwargs : optional
            For `import_meta_graph`.

        Returns
        -------
        Saver or None
            What restores its variables.
        """
        with graph.as_default():
            return import_meta_graph(
                self.get_meta_graph_def_from_tags(tags), import_scope=import_scope, **saver_kwargs
            )

    def restore_variables(
        self, sess: Any, saver: Saver | None, import_scope: str | None = None
    ) -> None:
        """Give a session the values of the model's variables.

        Parameters
        ----------
        sess : Session
        saver : Saver or None
            What `load_graph` gave.
        import_scope : str, optional

        Raises
        ------
        ValueError
            If there are variables and no saver.
        OpError
            If the values cannot be read.
        """
        with sess.graph.as_default():
            if saver is None and not all_saveable_objects(import_scope):
                logging.info("The specified SavedModel has no variables; no checkpoints were "
                             "restored.")  # fmt: skip
            elif saver is None:
                raise ValueError(
                    "No tf.train.Saver object was passed to the function "
                    "SavedModelLoader.restore_variables. Since there are variables in the graph, "
                    "a saver is required."
                )
            else:
                saver.restore(sess, self.variables_path)

    def run_init_ops(self, sess: Any, tags: Iterable[str], import_scope: str | None = None) -> None:
        """Run the model's main op, if it has one; its files are where they lie now.

        Parameters
        ----------
        sess : Session
        tags : list of str
        import_scope : str, optional

        Raises
        ------
        RuntimeError
            If it has several.
        """
        meta_graph_def = self.get_meta_graph_def_from_tags(tags)
        op = _main_op(meta_graph_def, sess.graph, import_scope)
        if op is not None:
            sess.run([op], asset_feeds(meta_graph_def, self.export_dir, import_scope))

    def load(
        self, sess: Any, tags: Iterable[str], import_scope: str | None = None, **saver_kwargs: Any
    ) -> Any:
        """Import a graph, restore its variables and run its main op.

        Parameters
        ----------
        sess : Session
        tags : list of str
        import_scope : str, optional
            The name scope that the graph goes into.
        **saver_kwargs : optional
            For `import_meta_graph`.

        Returns
        -------
        MetaGraphDef
            With the signatures.
        """
        tags = list(tags)
        saver = self.load_graph(sess.graph, tags, import_scope, **saver_kwargs)
        self.restore_variables(sess, saver, import_scope)
        self.run_init_ops(sess, tags, import_scope)
        return self.get_meta_graph_def_from_tags(tags)


def _main_op(meta_graph_def: Any, graph: Graph, import_scope: str | None) -> Any:
    op = op_of_signature(meta_graph_def, names.INIT_OP_SIGNATURE_KEY, graph, import_scope)
    if op is not None:
        return op
    for key in (names.MAIN_OP_KEY, names.LEGACY_INIT_OP_KEY):
        if key not in meta_graph_def.collection_def:
            continue
        found = meta_graph_def.collection_def[key].node_list.value
        if len(found) != 1:
            raise RuntimeError(f"Expected exactly one SavedModel init op. Found: {list(found)}")
        return graph.as_graph_element(f"{import_scope}/{found[0]}" if import_scope else found[0])
    return None


def load(
    sess: Any,
    tags: Iterable[str],
    export_dir: Any,
    import_scope: str | None = None,
    **saver_kwargs: Any,
) -> Any:
    """Load a SavedModel into a session: its graph, its variables; run its main op.

    Parameters
    ----------
    sess : Session
        The graph goes into its graph.
    tags : list of str
        Of one of the model's graphs, all of them: ``[tf.saved_model.tag_constants.SERVING]``.
    export_dir : str
        The folder of the model.
    import_scope : str, optional
        The name scope that the graph goes into.
    **saver_kwargs : optional
        For `import_meta_graph`.

    Returns
    -------
    MetaGraphDef
        With the signatures: ``load(...).signature_def["serving_default"]``.

    Raises
    ------
    RuntimeError
        If it has no graph with these tags, with the tags that there are.
    OSError
        If there is no SavedModel, or it is damaged.
    OpError
        If the values of the variables cannot be read.
    """
    return SavedModelLoader(export_dir).load(sess, tags, import_scope, **saver_kwargs)
