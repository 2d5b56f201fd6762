"""``model.config``: the text that says which models a server has, as TensorFlow Serving has it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from google.protobuf import text_format

from graphmode.platform import logging
from graphmode.serve.library import ModelConfig, Policy
from graphmode.serve.messages import message

if TYPE_CHECKING:
    from collections.abc import Sequence


def read_config(path: Path) -> list[ModelConfig]:
    """Read a file of models.

    Parameters
    ----------
    path : Path
        A `ModelServerConfig` as text.

    Returns
    -------
    list of ModelConfig

    Raises
    ------
    ValueError
        If it cannot be parsed, names no model, one twice, or a version that its policy leaves out.
    OSError
        If it cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8")
        config = text_format.Parse(text, message("ModelServerConfig")())
    except (text_format.ParseError, UnicodeDecodeError) as error:
        raise ValueError(f"{path}: {error}") from None
    try:
        return models_of(config)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def models_of(config: Any) -> list[ModelConfig]:
    """The models that a message says are to be served.

    Parameters
    ----------
    config : ModelServerConfig

    Returns
    -------
    list of ModelConfig

    Raises
    ------
    ValueError
        If it names no model, one twice, or a version that its policy leaves out.
    """
    found = [_model(model) for model in config.model_config_list.config]
    if not found:
        raise ValueError("there is no model in model_config_list")
    return distinct(found)


def _model(model: Any) -> ModelConfig:
    if not model.name or not model.base_path:
        raise ValueError("each config needs a name and a base_path")
    if model.model_platform not in ("", "tensorflow"):
        raise ValueError(
            f"{model.name}: model_platform must be 'tensorflow', it is {model.model_platform!r}"
        )
    labels = dict(model.version_labels)
    policy = _policy(model.model_version_policy)
    outside = [name for name, number in labels.items()
               if policy.specific and number not in policy.specific]  # fmt: skip
    if outside:
        raise ValueError(
            f"{model.name}: the label {outside[0]!r} is for version {labels[outside[0]]}, "
            "which the policy does not serve"
        )
    return ModelConfig(model.name, Path(model.base_path), policy, labels)


def _policy(given: Any) -> Policy:
    choice = given.WhichOneof("policy_choice")
    if choice == "all":
        return Policy(latest=0)
    if choice == "specific":
        if not given.specific.versions:
            raise ValueError("model_version_policy: specific names no versions")
        return Policy(specific=tuple(given.specific.versions))
    return Policy(latest=given.latest.num_versions or 1)


def distinct(models: Sequence[ModelConfig]) -> list[ModelConfig]:
    """The models, if no two have one name.

    Raises
    ------
    ValueError
    """
    names = [model.name for model in models]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"two models are called {twice[0]!r}: NAME=DIR gives one another name")
    return list(models)


def named_models(targets: Sequence[str]) -> list[ModelConfig]:
    """Models by what the command line says: ``DIR`` or ``NAME=DIR``.

    Parameters
    ----------
    targets : list of str

    Returns
    -------
    list of ModelConfig

    Raises
    ------
    ValueError
        If a folder is not there, a name cannot stand in an address, or two are the same.
    """
    models = []
    for target in targets:
        name, equals, folder = target.partition("=")
        if not equals or Path(target).is_dir():
            folder, name = target, Path(target).resolve().name
        if not name or any(c in name for c in "/:?#%") or name != name.strip():
            raise ValueError(f"{name!r} cannot be the name of a model: NAME=DIR gives another one")
        if not Path(folder).is_dir():
            raise ValueError(f"{folder} is no folder of a model")
        models.append(ModelConfig(name, Path(folder).resolve()))
    return distinct(models)


class WatchedConfig:
    """A file of models that is read again when it changes.

    Parameters
    ----------
    path : Path
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = self._state()

    def _state(self) -> tuple[int, int] | None:
        try:
            status = self._path.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size

    def __call__(self) -> list[ModelConfig] | None:
        """The models if the file has changed; what cannot be used is said once and left."""
        state = self._state()
        if state is None or state == self._read:
            return None
        self._read = state
        try:
            return read_config(self._path)
        except (ValueError, OSError) as error:
            logging.error("serve: the models stay as they were: %s", error)
            return None
