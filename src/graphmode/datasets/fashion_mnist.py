"""Fashion-MNIST: articles of clothing, in the form of MNIST."""

from __future__ import annotations

from graphmode.datasets import catalog
from graphmode.datasets.images import LabelledImages, load_idx

CLASS_NAMES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)


def load() -> LabelledImages:
    """Read Fashion-MNIST.

    Returns
    -------
    LabelledImages
        60,000 and 10,000 images, uint8 (n, 28, 28); labels uint8 (n,), 0 to 9.
    """
    return load_idx(catalog.FASHION_MNIST, CLASS_NAMES)
