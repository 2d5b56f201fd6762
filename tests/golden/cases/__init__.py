"""The cases, a file a family. A case runs on TensorFlow 1.15.5 and on graphmode as it stands."""

import importlib
import pkgutil

FAMILIES = sorted(module.name for module in pkgutil.iter_modules(__path__))

for _family in FAMILIES:
    importlib.import_module(__name__ + "." + _family)


def version(family):
    """The TensorFlow that answers the cases of a family."""
    module = importlib.import_module(__name__ + "." + family)
    return getattr(module, "VERSION", "1.15.5")
