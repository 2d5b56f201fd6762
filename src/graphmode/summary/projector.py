"""What TensorBoard's projector shows of embeddings: `tf.contrib.tensorboard.plugins.projector`."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def visualize_embeddings(summary_writer: Any, config: Any) -> None:
    """Write what the projector shows to `projector_config.pbtxt` in the folder of a writer.

    Parameters
    ----------
    summary_writer : FileWriter
    config : ProjectorConfig
        Names the tensors, their labels and pictures.

    Raises
    ------
    ValueError
        If the writer has no folder.
    """
    from google.protobuf import text_format

    folder = summary_writer.get_logdir()
    if folder is None:
        raise ValueError("Summary writer must have a logdir")
    if isinstance(folder, bytes):
        folder = folder.decode()
    text = text_format.MessageToString(config)
    (Path(folder) / "projector_config.pbtxt").write_text(text, encoding="utf-8")
