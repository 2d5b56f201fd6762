"""The models that are served, each in its versions: loaded, found by name, let go of."""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from graphmode.framework.errors import OpError
from graphmode.platform import logging
from graphmode.saved_models.constants import DEFAULT_SERVING_SIGNATURE_DEF_KEY
from graphmode.serve.batching import Batches
from graphmode.serve.errors import Refused, refusal_of
from graphmode.serve.folders import Found, found_versions, loaded
from graphmode.serve.warm_up import warm_up

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from graphmode.serve.folders import Fingerprint
    from graphmode.serve.metrics import Metrics
    from graphmode.serve.settings import Settings
    from graphmode.serve.signatures import Signature

State = Literal["START", "LOADING", "AVAILABLE", "UNLOADING", "END"]

_ENDED_SHOWN = 8
"""Of each model, how many versions that are gone are still in its status."""


@dataclass(frozen=True)
class Policy:
    """Which versions of a model are served.

    Parameters
    ----------
    latest : int
        As many, the highest numbers; 0 serves all.
    specific : tuple of int
        These, if there are any.
    """

    latest: int = 1
    specific: tuple[int, ...] = ()

    def chosen(self, numbers: Iterable[int]) -> list[int]:
        """Those of `numbers` that are to be served, the lowest first."""
        numbers = sorted(numbers)
        if self.specific:
            return [number for number in numbers if number in self.specific]
        return numbers[-self.latest :] if self.latest else numbers


@dataclass(frozen=True)
class ModelConfig:
    """A model that is to be served.

    Parameters
    ----------
    name : str
    base_path : Path
        Holds versions in numbered folders, or is the model itself.
    policy : Policy
    labels : dict of str to int
        Names of versions.
    """

    name: str
    base_path: Path
    policy: Policy = Policy()
    labels: Mapping[str, int] = field(default_factory=dict[str, int])


class Version:
    """A version of a model.

    Parameters
    ----------
    number : int
    found : Found
        Where it lies.

    Attributes
    ----------
    state : {"START", "LOADING", "AVAILABLE", "UNLOADING", "END"}
    error : Refused or None
        Why it could not be loaded.
    model : SavedModel or Network
    batches : Batches
    """

    def __init__(self, number: int, found: Found) -> None:
        self.number = number
        self.found = found
        self.state: State = "START"
        self.error: Refused | None = None
        self.model: Any = None  # a SavedModel or a Network, once it is loaded
        self.batches: Any = None
        self.n_users = 0

    def signature(self, name: str) -> Signature:
        """A signature by its name; "" is ``serving_default``.

        Raises
        ------
        Refused
            If there is none.
        """
        name = name or DEFAULT_SERVING_SIGNATURE_DEF_KEY
        found = self.model.signatures.get(name)
        if found is None:
            there = ", ".join(sorted(self.model.signatures)) or "none"
            raise Refused(
                "INVALID_ARGUMENT",
                f'Serving signature name: "{name}" not found in signature def (there: {there})',
            )
        return found

    @property
    def status(self) -> dict[str, Any]:
        """As ``GetModelStatus`` shows it."""
        error = self.error
        return {
            "version": str(self.number),
            "state": self.state,
            "status": {
                "error_code": "OK" if error is None else error.code,
                "error_message": "" if error is None else error.text,
            },
        }


class Model:
    """A model in its versions."""

    def __init__(self, config: ModelConfig) -> None:
        self.config = config
        self.versions: dict[int, Version] = {}
        self.seen: dict[Path, Fingerprint] = {}
        """What each folder held when it was last looked at."""

    def available(self) -> list[Version]:
        """The versions that answer, the lowest number first."""
        return [v for _, v in sorted(self.versions.items()) if v.state == "AVAILABLE"]

    def wanted(self) -> list[Version]:
        """The versions that were to be loaded at the last look, the lowest number first."""
        lying = {n: v for n, v in self.versions.items() if v.found.folder in self.seen}
        return [lying[number] for number in self.config.policy.chosen(lying)]


class Library:
    """All models that a process serves.

    Parameters
    ----------
    configs : list of ModelConfig
    settings : Settings
    metrics : Metrics
    reread : callable, optional
        Gives other models when there are any, None when not; it is asked at every look.
    load : callable
        Makes of a folder what has ``signatures`` and ``close()``.
    """

    def __init__(
        self,
        configs: Sequence[ModelConfig],
        settings: Settings,
        metrics: Metrics,
        reread: Callable[[], Sequence[ModelConfig] | None] | None = None,
        load: Callable[[Path], Any] = loaded,
    ) -> None:
        self.settings = settings
        self.metrics = metrics
        self._lock = threading.Lock()
        self._unused = threading.Condition(self._lock)
        self._scanning = threading.Lock()
        self._models = {config.name: Model(config) for config in configs}
        self._ending: list[threading.Thread] = []
        self._has_changed = False
        self.changed: Callable[[], None] = lambda: None
        """Called when versions have been loaded, or one has been let go of."""
        self._reread = reread
        self._load_folder = load
        self._stopped = threading.Event()
        self._watching: threading.Thread | None = None
        metrics.gauge("model_available", "Versions that answer.", self._availability)

    # ---- what requests ask -----------------------------------------------------------------------

    @property
    def names(self) -> list[str]:
        """The names of the models."""
        return list(self._models)

    def has(self, name: str) -> bool:
        """Whether there is a model of that name."""
        return name in self._models

    @contextlib.contextmanager
    def using(
        self, name: str, number: int | None = None, label: str | None = None
    ) -> Iterator[Version]:
        """A version of a model, which is not let go of meanwhile.

        Parameters
        ----------
        name : str
        number : int, optional
            The highest that is available if not given.
        label : str, optional
            In place of a number.

        Raises
        ------
        Refused
            If there is none.
        """
        version = self.taken(name, number, label)
        try:
            yield version
        finally:
            self.released(version)

    def taken(self, name: str, number: int | None = None, label: str | None = None) -> Version:
        """As `using`; `released` has to follow."""
        with self._lock:
            version = self._chosen(name, number, label)
            version.n_users += 1
        return version

    def released(self, version: Version) -> None:
        """What `taken` gave is not used any more."""
        with self._lock:
            version.n_users -= 1
            if not version.n_users and version.state != "AVAILABLE":
                self._unused.notify_all()

    def _chosen(self, name: str, number: int | None, label: str | None) -> Version:
        model = self._models.get(name)
        if model is not None and label is not None:
            number = model.config.labels.get(label)
            if number is None:
                raise Refused(
                    "NOT_FOUND", f"Unrecognized servable version label: {label} for {name}"
                )
        asked = f"Latest({name})" if number is None else f"Specific({name}, {number})"
        found: Version | None = None
        if model is not None and number is None:
            available = model.available()
            found = available[-1] if available else None
        elif model is not None:
            found = model.versions.get(number or 0)
        if found is None or found.state != "AVAILABLE":
            raise Refused("NOT_FOUND", f"Servable not found for request: {asked}")
        return found

    def status(
        self, name: str, number: int | None = None, label: str | None = None
    ) -> list[dict[str, Any]]:
        """The states of the versions of a model, the highest number first.

        Raises
        ------
        Refused
            If there is no such model or version.
        """
        with self._lock:
            model = self._models.get(name)
            if model is None:
                raise Refused("NOT_FOUND", f"Could not find any versions of model {name}")
            if label is not None:
                number = self._chosen(name, None, label).number
            versions = [v for n, v in sorted(model.versions.items()) if number in (None, n)]
            if not versions:
                which = "any versions" if number is None else f"version {number}"
                raise Refused("NOT_FOUND", f"Could not find {which} of model {name}")
            return [version.status for version in reversed(versions)]

    def is_ready(self) -> bool:
        """Whether every model has a version that answers."""
        with self._lock:
            return all(model.available() for model in self._models.values())

    def errors(self) -> list[str]:
        """Why models have no version that answers, a line each."""
        with self._lock:
            lines = []
            for name, model in self._models.items():
                if model.available():
                    continue
                failed = [v for _, v in sorted(model.versions.items()) if v.error is not None]
                why = failed[-1].error.text if failed and failed[-1].error else (
                    f"no version of a model is in {model.config.base_path}"
                )  # fmt: skip
                lines.append(f"{name}: {why}")
            return lines

    def _availability(self) -> Iterator[tuple[Any, float]]:
        with self._lock:
            for name, model in self._models.items():
                yield (("model", name),), float(len(model.available()))

    # ---- versions that come and go ---------------------------------------------------------------

    def start(self) -> None:
        """Load what is there, and look for versions from now on."""
        self.scan(is_first=True)
        self._watching = threading.Thread(target=self._watch, name="serve-versions", daemon=True)
        self._watching.start()

    def _watch(self) -> None:
        while not self._stopped.wait(self.settings.poll_seconds):
            try:
                self.scan()
            except Exception as error:
                logging.error("serve: looking for versions failed: %r", error)

    def configure(self, configs: Sequence[ModelConfig]) -> None:
        """Serve other models, or other versions of them, from the next look on."""
        with self._lock:
            known = {config.name: config for config in configs}
            for name, model in list(self._models.items()):
                if name not in known or known[name].base_path != model.config.base_path:
                    del self._models[name]
                    for version in model.available():
                        self._retire(model, version)
            for name, config in known.items():
                if name in self._models:
                    self._models[name].config = config
                else:
                    self._models[name] = Model(config)

    def replace(self, configs: Sequence[ModelConfig]) -> None:
        """Serve other models, or other versions of them, now.

        Parameters
        ----------
        configs : list of ModelConfig

        Raises
        ------
        Refused
            If a folder has no version of a model: all stays as it was. Or if one cannot be loaded:
            the others are served, and of its model the version before it.
        """
        for config in configs:
            lying = (found.number or 1 for found in found_versions(config.base_path))
            if not config.policy.chosen(lying):
                raise Refused(
                    "NOT_FOUND",
                    f"{config.name}: no version that is wanted is in {config.base_path}; all stays "
                    "as it was",
                )
        with self._scanning:
            self.configure(configs)
            for model in list(self._models.values()):
                self._scan(model, is_first=True)  # who asks has written what is to be served
            failed = [
                f"{name} version {version.number}: {version.error.text}"
                for name, model in self._models.items()
                for version in model.wanted()
                if version.error is not None
            ]
        if failed:
            raise Refused("FAILED_PRECONDITION", "; ".join(failed))

    def scan(self, is_first: bool = False) -> None:
        """Look into the folders once: load what is new, let go of what is not wanted any more.

        Parameters
        ----------
        is_first : bool
            A version that is found later must have been the same at two looks: whoever writes it
            may not be done.
        """
        with self._scanning:
            others = self._reread() if self._reread is not None else None
            if others is not None:
                self.configure(others)
            for model in list(self._models.values()):
                self._scan(model, is_first)
            self._ending = [thread for thread in self._ending if thread.is_alive()]
            if self._has_changed:
                self._has_changed = False
                self.changed()
        self.metrics.keep_gauges()

    def _scan(self, model: Model, is_first: bool) -> None:
        lying = {self._number(model, one): one for one in found_versions(model.config.base_path)}
        wanted = model.config.policy.chosen(lying)
        steady = {
            number
            for number, one in lying.items()
            if is_first or model.seen.get(one.folder) == one.fingerprint
        }
        was_there = bool(model.seen)
        model.seen = {one.folder: one.fingerprint for one in lying.values()}
        if was_there and not lying:
            return  # it may be that another folder is being put in the place of this one
        for number in wanted:
            known = model.versions.get(number)
            if number in steady and _is_new(known, lying[number]):
                self._load(model, number, lying[number])
        with self._lock:
            available = model.available()
            kept = [version for version in available if version.number in wanted]
            for version in available:
                if version in kept:
                    continue
                # What is wanted and could not be loaded leaves its place to what there is.
                newer = [v for v in available if v not in kept and v.number > version.number]
                if len(kept) + len(newer) < len(wanted):
                    continue
                self._retire(model, version)
            ended = [n for n, v in sorted(model.versions.items()) if v.state == "END"]
            for number in ended[:-_ENDED_SHOWN]:
                if number not in lying:
                    del model.versions[number]

    def _number(self, model: Model, found: Found) -> int:
        """The number of a version; a folder that is the model itself counts what it held."""
        if found.number is not None:
            return found.number
        for number, version in model.versions.items():
            is_it = version.found.fingerprint == found.fingerprint
            if version.found.number is None and is_it:
                return number
        return max(model.versions, default=0) + 1

    def _load(self, model: Model, number: int, found: Found) -> None:
        name = model.config.name
        self._has_changed = True
        version = Version(number, found)
        version.state = "LOADING"
        with self._lock:
            model.versions[number] = version
        try:
            version.model = self._load_folder(found.folder)
            version.batches = Batches(name, self.settings, self.metrics)
            if self.settings.warm_up:
                warm_up(version.model, found.folder, self.settings.max_batch)
        except Exception as error:
            if version.model is not None:
                version.model.close()
                version.model = None
            version.error = _why(error)
            version.state = "END"
            self.metrics.count("loads", model=name, result="failed")
            logging.error("serve: %s version %d was not loaded: %s", name, number,
                          version.error.text)  # fmt: skip
            return
        with self._lock:
            version.state = "AVAILABLE"
        self.metrics.count("loads", model=name, result="loaded")
        logging.info("serve: %s version %d answers", name, number)

    def _retire(self, model: Model, version: Version) -> None:
        """Let a version answer what it has begun, then let go of it."""
        version.state = "UNLOADING"
        thread = threading.Thread(target=self._end, args=(model, version), daemon=True)
        self._ending.append(thread)
        thread.start()

    def _end(self, model: Model, version: Version) -> None:
        with self._unused:
            self._unused.wait_for(lambda: not version.n_users)
        version.batches.close()
        version.model.close()
        version.model = None
        with self._lock:
            version.state = "END"
        logging.info("serve: %s version %d was let go of", model.config.name, version.number)
        if not self._stopped.is_set():
            self.changed()

    def stop(self) -> bool:
        """Let go of all models, after what they have begun.

        Returns
        -------
        bool
            Whether they have come to an end; what computes for longer than a request may is left.
        """
        self._stopped.set()
        until = time.monotonic() + self.settings.timeout
        if self._watching is not None:
            self._watching.join(self.settings.timeout)
            if self._watching.is_alive():  # it loads a model
                return False
        if not self._scanning.acquire(timeout=max(until - time.monotonic(), 0.1)):
            return False  # who asked for other models has one loaded
        try:
            with self._lock:
                for model in self._models.values():
                    for version in model.available():
                        self._retire(model, version)
        finally:
            self._scanning.release()
        for thread in self._ending:
            thread.join(max(until - time.monotonic(), 0.1))
        return not any(thread.is_alive() for thread in self._ending)


def _is_new(known: Version | None, found: Found) -> bool:
    """Whether to load what was found: what failed is tried again once its files have changed."""
    if known is None:
        return True
    is_changed = known.error is None or known.found.fingerprint != found.fingerprint
    return known.state == "END" and is_changed


def _why(error: Exception) -> Refused:
    """What the status says of a version that could not be loaded."""
    if isinstance(error, OpError) or not isinstance(error, OSError):
        refused = refusal_of(error)
        return Refused(refused.code, refused.text)
    return Refused("NOT_FOUND" if isinstance(error, FileNotFoundError) else "UNKNOWN", str(error))
