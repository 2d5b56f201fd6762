"""gym as it was: `reset` gives an observation, `step` four values, `seed` seeds."""

from __future__ import annotations

import importlib
import warnings
from typing import Any

from graphmode.period.rows import say_once


class Environment:
    """An environment of gymnasium, under gym's old rules; all else is passed on to it.

    Parameters
    ----------
    env : gymnasium.Env
    """

    def __init__(self, env: Any) -> None:
        self._env = env
        self._seed: int | None = None

    def __getattr__(self, name: str) -> Any:
        if name == "_env":
            raise AttributeError(name)
        return getattr(self._env, name)

    def seed(self, seed: int | None = None) -> list[int | None]:
        """Seed the next `reset`; gives the list of `seed`."""
        self._seed = seed
        return [seed]

    def reset(self, **kwargs: Any) -> Any:
        """Begin again; gives the observation alone."""
        if self._seed is not None:
            kwargs.setdefault("seed", self._seed)
            self._seed = None
        observation, _ = self._env.reset(**kwargs)
        return observation

    def step(self, action: Any) -> tuple[Any, float, bool, dict[str, Any]]:
        """Do `action`; gives observation, reward, done, info.

        An episode cut off by its length is done, and `info["TimeLimit.truncated"]` says so.
        """
        observation, reward, terminated, truncated, info = self._env.step(action)
        if truncated:
            info = {**info, "TimeLimit.truncated": not terminated}
        return observation, float(reward), bool(terminated or truncated), info

    def render(self, mode: str = "human", close: bool = False) -> Any:
        """The picture where there is one (no window is opened)."""
        if close or self._env.render_mode is None:
            return None
        return self._env.render()

    @property
    def unwrapped(self) -> Any:
        """The environment without gymnasium's wrappers, under the old rules, too."""
        return Environment(self._env.unwrapped)

    def __enter__(self) -> Environment:
        return self

    def __exit__(self, *error: Any) -> None:
        self._env.close()


class Monitor(Environment):
    """Recorded episodes: here it records nothing, and says so.

    Parameters
    ----------
    env : Environment
    directory : str
    video_callable : callable or bool
    force, resume : bool
    """

    def __init__(
        self,
        env: Any,
        directory: Any = None,
        video_callable: Any = None,
        force: bool = False,
        resume: bool = False,
        **_kwargs: Any,
    ) -> None:
        super().__init__(getattr(env, "_env", env))
        say_once("gym.wrappers.Monitor records nothing: use gymnasium.wrappers.RecordVideo")


def make(id: Any, **kwargs: Any) -> Environment:
    """Make an environment; the newest version of its name where the one asked for is gone.

    Parameters
    ----------
    id : str
        "CartPole-v0"
    **kwargs
        As of `gymnasium.make`. Pictures are drawn as arrays unless `render_mode` says otherwise.

    Returns
    -------
    Environment
    """
    gymnasium: Any = importlib.import_module("gymnasium")
    errors = gymnasium.error
    gone = tuple(
        getattr(errors, name)
        for name in ("DeprecatedEnv", "VersionNotFound")
        if hasattr(errors, name)
    )
    try:
        return Environment(_made(id, kwargs))
    except gone:
        name, _, _ = id.rpartition("-v")
        versions = [
            int(known.rpartition("-v")[2])
            for known in gymnasium.envs.registry
            if known.rpartition("-v")[0] == name
        ]
        if not versions:
            raise
        newest = f"{name}-v{max(versions)}"
        say_once(f"gym.make({id!r}): gymnasium has {newest}, which is used")
        return Environment(_made(newest, kwargs))


def _made(id: str, kwargs: dict[str, Any]) -> Any:
    gymnasium: Any = importlib.import_module("gymnasium")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of an old version that is there
        try:
            return gymnasium.make(id, **{"render_mode": "rgb_array", **kwargs})
        except ImportError:  # what draws is not installed
            if "render_mode" in kwargs:
                raise
            return gymnasium.make(id, **kwargs)
