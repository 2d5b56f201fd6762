"""`tf.test`: unit tests of graphs."""

from graphmode._namespace import lazy

# fmt: off
EXPORTS = {
    "graphmode.platform.test_case":
        "TestCase main get_temp_dir gpu_device_name is_gpu_available is_built_with_cuda "
        "mock",
}
# fmt: on

__getattr__, __dir__, __all__ = lazy(__name__, EXPORTS)
