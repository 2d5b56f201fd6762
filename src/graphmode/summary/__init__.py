"""`tf.summary`: what is written for TensorBoard, and the writer of event files."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.summary.values": "scalar histogram image audio text tensor_summary",
    "graphmode.summary.merging": "merge merge_all",
    "graphmode.summary.file_writer": "FileWriter FileWriterCache",
    "graphmode.summary.event_files": "summary_iterator",
    "tensorboard.compat.proto.summary_pb2": "Summary SummaryDescription SummaryMetadata",
    "tensorboard.compat.proto.event_pb2": "Event SessionLog TaggedRunMetadata",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
