"""`NanTensorHook`: the training ends when the loss is no number any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from graphmode.platform import logging
from graphmode.sessions.hooks.session_run import SessionRunArgs, SessionRunHook

if TYPE_CHECKING:
    from graphmode.framework.operation import Tensor
    from graphmode.sessions.hooks.session_run import SessionRunContext, SessionRunValues


class NanLossDuringTrainingError(RuntimeError):
    """The loss became NaN."""

    def __str__(self) -> str:
        return "NaN loss during training."


class NanTensorHook(SessionRunHook):
    """Ends the training when the loss is NaN.

    Parameters
    ----------
    loss_tensor : Tensor, float scalar
    fail_on_nan_loss : bool
        Whether an error is raised; else the training ends as if it were done.
    """

    def __init__(self, loss_tensor: Tensor, fail_on_nan_loss: bool = True) -> None:
        self._loss_tensor = loss_tensor
        self._fail_on_nan_loss = fail_on_nan_loss

    def before_run(self, run_context: SessionRunContext) -> SessionRunArgs:
        return SessionRunArgs(self._loss_tensor)

    def after_run(self, run_context: SessionRunContext, run_values: SessionRunValues) -> None:
        """Called after each run: looks at the loss.

        Parameters
        ----------
        run_context : SessionRunContext
        run_values : SessionRunValues

        Raises
        ------
        NanLossDuringTrainingError
            If it is NaN.
        """
        if np.isnan(run_values.results).any():
            text = "Model diverged with loss = NaN."
            if self._fail_on_nan_loss:
                logging.error(text)
                raise NanLossDuringTrainingError
            logging.warning(text)
            run_context.request_stop()
