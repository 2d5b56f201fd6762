"""What TensorBoard shows of a model: images, weights, losses."""

from __future__ import annotations

from typing import Any

from graphmode.framework import dtypes
from graphmode.framework.default_graph import name_scope
from graphmode.gan.images import image_grid, image_reshaper
from graphmode.gan.models import CycleGANModel, StarGANModel
from graphmode.losses.collected import get_regularization_loss
from graphmode.ops import math
from graphmode.ops.array.filling import zeros_like
from graphmode.ops.array.padding import tile
from graphmode.ops.array.patterns import one_hot
from graphmode.ops.array.shaping import expand_dims, squeeze
from graphmode.ops.array.splitting import split, unstack
from graphmode.ops.control.functional import map_fn
from graphmode.summary import values as summary
from graphmode.variables.scope import variable_scope


def add_gan_model_image_summaries(
    gan_model: Any, grid_size: int = 4, model_summaries: bool = True
) -> None:
    """Show real and generated images, and the histograms of all weights.

    Parameters
    ----------
    gan_model : GANModel
    grid_size : int
        So many rows of so many.
    model_summaries : bool
        Whether to show the weights.

    Raises
    ------
    ValueError
        If its data are no images, or it is a CycleGANModel.
    """
    if isinstance(gan_model, CycleGANModel):
        raise ValueError(
            "`add_gan_model_image_summaries` does not take CycleGANModels. Please use "
            "`add_cyclegan_image_summaries` instead."
        )
    _require_images(gan_model.real_data, gan_model.generated_data)
    for name in ("real_data", "generated_data"):
        images = getattr(gan_model, name)
        *_, height, width, channels = images.shape.as_list()
        grid = image_grid(images[: grid_size**2], (grid_size, grid_size), (height, width), channels)
        summary.image(name, grid, max_outputs=1)
    if model_summaries:
        add_gan_model_summaries(gan_model)


def add_cyclegan_image_summaries(cyclegan_model: CycleGANModel) -> None:
    """Show an image, what became of it, and what came back, for both directions.

    Parameters
    ----------
    cyclegan_model : CycleGANModel

    Raises
    ------
    ValueError
        If it is no such model, or its data are no images.
    """
    if not isinstance(cyclegan_model, CycleGANModel):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise ValueError(
            f"`cyclegan_model` was not a CycleGANModel. Instead, was {type(cyclegan_model)}"
        )
    x2y, y2x = cyclegan_model.model_x2y, cyclegan_model.model_y2x
    ways = {
        "x2y": (x2y.generator_inputs, x2y.generated_data, cyclegan_model.reconstructed_x),
        "y2x": (y2x.generator_inputs, y2x.generated_data, cyclegan_model.reconstructed_y),
    }
    _require_images(*ways["x2y"], *ways["y2x"])
    for way, tensors in ways.items():
        with name_scope(f"{way}_image_comparison_summaries"):
            images = [image for tensor in tensors for image in unstack(tensor[:1])]
            row = image_reshaper(images, num_cols=len(images))
            summary.image("image_comparison", row, max_outputs=1)


def add_image_comparison_summaries(
    gan_model: Any, num_comparisons: int = 2, display_diffs: bool = False
) -> None:
    """Show inputs, what was generated of them, and what is real, above each other.

    Parameters
    ----------
    gan_model : GANModel
        Its inputs are images.
    num_comparisons : int
    display_diffs : bool
        Whether to show how far the generated are from the real.

    Raises
    ------
    ValueError
        If its data are no images, or of different shapes.
    """
    inputs, generated, real = (
        gan_model.generator_inputs,
        gan_model.generated_data,
        gan_model.real_data,
    )
    _require_images(inputs, generated, real)
    generated.shape.assert_is_compatible_with(inputs.shape)
    real.shape.assert_is_compatible_with(generated.shape)
    shown = [image for t in (inputs, generated, real) for image in unstack(t[:num_comparisons])]
    if display_diffs:
        pairs = zip(
            unstack(generated[:num_comparisons]), unstack(real[:num_comparisons]), strict=True
        )
        shown += [
            math.abs(math.cast(one, dtypes.float32) - math.cast(other, dtypes.float32))
            for one, other in pairs
        ]
    images = image_reshaper(shown, num_cols=num_comparisons)
    summary.image("image_comparison", images, max_outputs=1)


def add_stargan_image_summaries(
    stargan_model: StarGANModel, num_images: int = 2, display_diffs: bool = False
) -> None:
    """Show images beside what becomes of them in each domain.

    Parameters
    ----------
    stargan_model : StarGANModel
    num_images : int
    display_diffs : bool
        Whether to show what has changed, in a second row.

    Raises
    ------
    ValueError
        If its data are no images.
    """
    _require_images(stargan_model.input_data)
    label = stargan_model.input_data_domain_label
    label.shape.assert_has_rank(2)
    label.shape[1:].assert_is_fully_defined()
    n_domains = label.shape.as_list()[-1]

    def one_by_one(images: Any) -> list[Any]:
        return [squeeze(image, axis=0) for image in split(images, n_domains)]

    def rows(image: Any) -> Any:
        images = tile(expand_dims(image, axis=0), [n_domains, 1, 1, 1])
        targets = one_hot(list(range(n_domains)), n_domains)
        with variable_scope(stargan_model.generator_scope, reuse=True):
            generated = stargan_model.generator_fn(images, targets)
            shown = [image, *one_by_one(generated)]
            if display_diffs:
                shown += [zeros_like(image), *one_by_one(generated - images)]
            picture = image_reshaper(shown, num_cols=n_domains + 1)
        return squeeze(picture, axis=0)

    pictures = map_fn(
        rows,
        stargan_model.input_data[:num_images],
        parallel_iterations=num_images,
        back_prop=False,
        swap_memory=True,
    )
    summary.image("stargan_image_generation", pictures, max_outputs=num_images)


def add_gan_model_summaries(gan_model: Any) -> None:
    """Show the histograms of all weights.

    Parameters
    ----------
    gan_model : GANModel or CycleGANModel
    """
    if isinstance(gan_model, CycleGANModel):
        with name_scope("cyclegan_x2y_summaries"):
            add_gan_model_summaries(gan_model.model_x2y)
        with name_scope("cyclegan_y2x_summaries"):
            add_gan_model_summaries(gan_model.model_y2x)
        return
    for network in ("generator", "discriminator"):
        with name_scope(f"{network}_variables"):
            for variable in getattr(gan_model, f"{network}_variables"):
                summary.histogram(variable.name, variable)


def add_regularization_loss_summaries(gan_model: Any) -> None:
    """Show the regularization loss of each network.

    Parameters
    ----------
    gan_model : GANModel or CycleGANModel
    """
    if isinstance(gan_model, CycleGANModel):
        with name_scope("cyclegan_x2y_regularization_loss_summaries"):
            add_regularization_loss_summaries(gan_model.model_x2y)
        with name_scope("cyclegan_y2x_regularization_loss_summaries"):
            add_regularization_loss_summaries(gan_model.model_y2x)
        return
    for network in ("generator", "discriminator"):
        scope = getattr(gan_model, f"{network}_scope")
        if scope:
            loss = get_regularization_loss(scope.name)
            summary.scalar(f"{network}_regularization_loss", loss)


def _require_images(*tensors: Any) -> None:
    for tensor in tensors:
        tensor.shape.assert_has_rank(4)
        tensor.shape[1:].assert_is_fully_defined()
