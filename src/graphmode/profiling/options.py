"""`ProfileOptionBuilder`: what a profile counts, which nodes it shows, and how."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

DEFAULTS: dict[str, Any] = {
    "max_depth": 10,
    "min_bytes": 0,
    "min_peak_bytes": 0,
    "min_residual_bytes": 0,
    "min_output_bytes": 0,
    "min_micros": 0,
    "min_accelerator_micros": 0,
    "min_cpu_micros": 0,
    "min_params": 0,
    "min_float_ops": 0,
    "min_occurrence": 0,
    "step": -1,
    "order_by": "name",
    "account_type_regexes": [],
    "start_name_regexes": [],
    "trim_name_regexes": [],
    "show_name_regexes": [],
    "hide_name_regexes": [],
    "account_displayed_op_only": False,
    "select": [],
    "output": "stdout",
}
"""What an option is that is not given, in the order in which a report lists them."""


class ProfileOptionBuilder:
    """Builds the options of a profile: ``ProfileOptionBuilder().with_max_depth(4).build()``.

    Parameters
    ----------
    options : dict, optional
        To begin with; those that show the time of every node if not given.
    """

    def __init__(self, options: Mapping[str, Any] | None = None) -> None:
        self._options = dict(
            options or _all_nodes(max_depth=100, account_displayed_op_only=False, select=["micros"])
        )

    @staticmethod
    def trainable_variables_parameter() -> dict[str, Any]:
        """The options that show how many numbers each trainable variable has."""
        return _all_nodes(account_type_regexes=["_trainable_variables"], select=["params"])

    @staticmethod
    def float_operation() -> dict[str, Any]:
        """The options that show the floating-point operations of each op, the most first."""
        return _all_nodes(min_float_ops=1, order_by="float_ops", select=["float_ops"])

    @staticmethod
    def time_and_memory(
        min_micros: int = 1,
        min_bytes: int = 1,
        min_accelerator_micros: int = 0,
        min_cpu_micros: int = 0,
        min_peak_bytes: int = 0,
        min_residual_bytes: int = 0,
        min_output_bytes: int = 0,
    ) -> dict[str, Any]:
        """The options that show times, the longest first.

        Parameters
        ----------
        min_micros, min_accelerator_micros, min_cpu_micros : int
            What took less, in microseconds, is not shown.
        min_bytes, min_peak_bytes, min_residual_bytes, min_output_bytes : int
            Of no effect: XLA reports no memory of single ops.

        Returns
        -------
        dict
        """
        return _all_nodes(
            min_bytes=min_bytes,
            min_peak_bytes=min_peak_bytes,
            min_residual_bytes=min_residual_bytes,
            min_output_bytes=min_output_bytes,
            min_micros=min_micros,
            min_accelerator_micros=min_accelerator_micros,
            min_cpu_micros=min_cpu_micros,
            order_by="micros",
            select=["micros", "bytes"],
        )

    def build(self) -> dict[str, Any]:
        """The options, for `profile`."""
        return dict(self._options)

    def _with(self, **options: Any) -> ProfileOptionBuilder:
        self._options.update(options)
        return self

    def with_max_depth(self, max_depth: int) -> ProfileOptionBuilder:
        """Show what is at most `max_depth` scopes deep."""
        return self._with(max_depth=max_depth)

    def with_min_memory(
        self,
        min_bytes: int = 0,
        min_peak_bytes: int = 0,
        min_residual_bytes: int = 0,
        min_output_bytes: int = 0,
    ) -> ProfileOptionBuilder:
        """Accepted: XLA reports no memory of single ops.

        Parameters
        ----------
        min_bytes, min_peak_bytes, min_residual_bytes, min_output_bytes : int

        Returns
        -------
        ProfileOptionBuilder
        """
        return self._with(
            min_bytes=min_bytes,
            min_peak_bytes=min_peak_bytes,
            min_residual_bytes=min_residual_bytes,
            min_output_bytes=min_output_bytes,
        )

    def with_min_execution_time(
        self, min_micros: int = 0, min_accelerator_micros: int = 0, min_cpu_micros: int = 0
    ) -> ProfileOptionBuilder:
        """Show what took at least so many microseconds.

        Parameters
        ----------
        min_micros, min_accelerator_micros, min_cpu_micros : int
            In all, on accelerators, on CPUs.

        Returns
        -------
        ProfileOptionBuilder
        """
        return self._with(
            min_micros=min_micros,
            min_accelerator_micros=min_accelerator_micros,
            min_cpu_micros=min_cpu_micros,
        )

    def with_min_parameters(self, min_params: int) -> ProfileOptionBuilder:
        """Show nodes with at least `min_params` parameters."""
        return self._with(min_params=min_params)

    def with_min_occurrence(self, min_occurrence: int) -> ProfileOptionBuilder:
        """Show op types with at least `min_occurrence` nodes."""
        return self._with(min_occurrence=min_occurrence)

    def with_min_float_operations(self, min_float_ops: int) -> ProfileOptionBuilder:
        """Show nodes with at least `min_float_ops` floating-point operations."""
        return self._with(min_float_ops=min_float_ops)

    def with_accounted_types(self, account_type_regexes: Iterable[str]) -> ProfileOptionBuilder:
        """Count nodes with a type, or ``_trainable_variables``, like `account_type_regexes`."""
        return self._with(account_type_regexes=list(account_type_regexes))

    def with_node_names(
        self,
        start_name_regexes: Iterable[str] | None = None,
        show_name_regexes: Iterable[str] | None = None,
        hide_name_regexes: Iterable[str] | None = None,
        trim_name_regexes: Iterable[str] | None = None,
    ) -> ProfileOptionBuilder:
        """Choose nodes by name.

        Parameters
        ----------
        start_name_regexes : list of str, optional
            Only what is below these.
        show_name_regexes : list of str, optional
            Show these alone.
        hide_name_regexes : list of str, optional
            Do not show these; what is below them is.
        trim_name_regexes : list of str, optional
            Do not show what is below these.

        Returns
        -------
        ProfileOptionBuilder
        """
        given = {
            "start_name_regexes": start_name_regexes,
            "show_name_regexes": show_name_regexes,
            "hide_name_regexes": hide_name_regexes,
            "trim_name_regexes": trim_name_regexes,
        }
        return self._with(**{key: list(value) for key, value in given.items() if value is not None})

    def account_displayed_op_only(self, is_true: bool) -> ProfileOptionBuilder:
        """Count in totals what is shown alone, if `is_true`."""
        return self._with(account_displayed_op_only=is_true)

    def with_empty_output(self) -> ProfileOptionBuilder:
        """Print nothing."""
        return self._with(output="none")

    def with_stdout_output(self) -> ProfileOptionBuilder:
        """Print the report."""
        return self._with(output="stdout")

    def with_file_output(self, outfile: str) -> ProfileOptionBuilder:
        """Write the report to the file `outfile`."""
        return self._with(output=f"file:outfile={outfile}")

    def with_timeline_output(self, timeline_file: str) -> ProfileOptionBuilder:
        """Write a trace for ``chrome://tracing`` to the file `timeline_file`."""
        return self._with(output=f"timeline:outfile={timeline_file}")

    def with_pprof_output(self, pprof_file: str) -> ProfileOptionBuilder:
        """Write to `pprof_file`; refused when it is used, as there is no pprof output."""
        return self._with(output=f"pprof:outfile={pprof_file}")

    def order_by(self, attribute: str) -> ProfileOptionBuilder:
        """Sort by `attribute`: name, params, float_ops, micros or occurrence."""
        return self._with(order_by=attribute)

    def select(self, attributes: Iterable[str]) -> ProfileOptionBuilder:
        """Show `attributes`: params, float_ops, micros, occurrence, op_types."""
        return self._with(select=list(attributes))

    def with_step(self, step: int) -> ProfileOptionBuilder:
        """Use the times of the step `step` of a `Profiler`; the average of all if -1."""
        return self._with(step=step)


def _all_nodes(**options: Any) -> dict[str, Any]:
    """Options that show nodes however deep, with totals of what is shown."""
    return {
        "max_depth": 10000,
        "min_bytes": 0,
        "min_micros": 0,
        "min_params": 0,
        "min_float_ops": 0,
        "min_occurrence": 0,
        "order_by": "name",
        "account_type_regexes": [".*"],
        "start_name_regexes": [".*"],
        "trim_name_regexes": [],
        "show_name_regexes": [".*"],
        "hide_name_regexes": [],
        "account_displayed_op_only": True,
        "step": -1,
        "output": "stdout",
        **options,
    }
