"""`SecondOrStepTimer`: is it time again, by seconds or by steps?"""

from __future__ import annotations

import time

from graphmode.launch import lockstep


class SecondOrStepTimer:
    """Says when it is time again: every so many seconds, or every so many steps.

    Parameters
    ----------
    every_secs : float, optional
    every_steps : int, optional

    Raises
    ------
    ValueError
        If not exactly one is given.

    Examples
    --------
    >>> import graphmode as tf
    >>> timer = tf.train.SecondOrStepTimer(every_steps=10)
    >>> due = []
    >>> for step in range(25):
    ...     if timer.should_trigger_for_step(step):
    ...         due.append(step)
    ...         _ = timer.update_last_triggered_step(step)
    >>> due
    [0, 10, 20]
    """

    def __init__(self, every_secs: float | None = None, every_steps: int | None = None) -> None:
        if every_secs is None and every_steps is None:
            raise ValueError("Either every_secs or every_steps should be provided.")
        if every_secs is not None and every_steps is not None:
            raise ValueError("Can not provide both every_secs and every_steps.")
        self._every_secs = every_secs
        self._every_steps = every_steps
        self.reset()

    def reset(self) -> None:
        """Forget when it was last time."""
        self._last_triggered_step: int | None = None
        self._last_triggered_time: float | None = None

    def should_trigger_for_step(self, step: int) -> bool:
        """Whether it is time at `step`: always the first time, never twice at one step."""
        if self._last_triggered_step is None or self._last_triggered_time is None:
            return True
        if self._last_triggered_step == step:
            return False
        if self._every_secs is not None:
            is_due = time.time() >= self._last_triggered_time + self._every_secs
            return lockstep.chosen_by_chief("whether it is time again", is_due)
        return step >= self._last_triggered_step + (self._every_steps or 0)

    def update_last_triggered_step(self, step: int) -> tuple[float | None, int | None]:
        """Note that it was time at a step.

        Parameters
        ----------
        step : int

        Returns
        -------
        elapsed_secs : float or None
            Since the time before; None if there was none.
        elapsed_steps : int or None
        """
        now = time.time()
        if self._last_triggered_time is None or self._last_triggered_step is None:
            elapsed = (None, None)
        else:
            elapsed = (now - self._last_triggered_time, step - self._last_triggered_step)
        self._last_triggered_time, self._last_triggered_step = now, step
        return elapsed

    def last_triggered_step(self) -> int | None:
        """The step at which it was last time, or None."""
        return self._last_triggered_step


class NeverTriggerTimer:
    """A timer for which it is never time."""

    def reset(self) -> None:
        """Nothing to forget."""

    def should_trigger_for_step(self, step: int) -> bool:
        """Never, whatever `step` is."""
        return False

    def update_last_triggered_step(self, step: int) -> tuple[None, None]:
        """Nothing is noted of `step`."""
        return None, None

    def last_triggered_step(self) -> None:
        """There was none."""
