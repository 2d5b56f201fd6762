"""Fuel consumption and CO2 emissions of new cars: the table of the first regression."""

from __future__ import annotations

import csv
import io
from typing import Any, NamedTuple

import numpy as np

from graphmode.datasets import catalog, places


class Cars(NamedTuple):
    """The columns of the table; one entry a car, in the order of the file.

    Attributes
    ----------
    model_year : ndarray, int32, shape (1067,)
    make, model, vehicle_class : tuple of str
    engine_size : ndarray, float32, shape (1067,)
        Litres.
    cylinders : ndarray, int32, shape (1067,)
    transmission, fuel_type : tuple of str
        Such as ``AS5`` and ``Z``, of Natural Resources Canada's lists.
    consumption_city, consumption_highway, consumption_combined : ndarray, float32, shape (1067,)
        Litres per 100 km.
    consumption_mpg : ndarray, int32, shape (1067,)
        The combined one in miles per imperial gallon.
    co2_emissions : ndarray, int32, shape (1067,)
        Grams per km.
    """

    model_year: np.ndarray
    make: tuple[str, ...]
    model: tuple[str, ...]
    vehicle_class: tuple[str, ...]
    engine_size: np.ndarray
    cylinders: np.ndarray
    transmission: tuple[str, ...]
    fuel_type: tuple[str, ...]
    consumption_city: np.ndarray
    consumption_highway: np.ndarray
    consumption_combined: np.ndarray
    consumption_mpg: np.ndarray
    co2_emissions: np.ndarray


# The columns by their names in the file, in the order of `Cars`, and their types.
_COLUMNS = {
    "MODELYEAR": np.int32,
    "MAKE": str,
    "MODEL": str,
    "VEHICLECLASS": str,
    "ENGINESIZE": np.float32,
    "CYLINDERS": np.int32,
    "TRANSMISSION": str,
    "FUELTYPE": str,
    "FUELCONSUMPTION_CITY": np.float32,
    "FUELCONSUMPTION_HWY": np.float32,
    "FUELCONSUMPTION_COMB": np.float32,
    "FUELCONSUMPTION_COMB_MPG": np.int32,
    "CO2EMISSIONS": np.int32,
}


def load() -> Cars:
    """Read the table.

    Returns
    -------
    Cars

    Raises
    ------
    ValueError
        If the file has other columns.
    """
    (path,) = places.get(catalog.FUEL_CONSUMPTION).values()
    # Its lines end in a carriage return alone, which text mode takes for an end, too.
    text = io.StringIO(path.read_text(encoding="utf-8"))
    header, *rows = csv.reader(text)
    if header != list(_COLUMNS) or not rows:
        raise ValueError(f"{path} is not the table of cars: its columns are {', '.join(header)}")
    columns: list[Any] = [
        column if kind is str else np.array(column, kind)
        for kind, column in zip(_COLUMNS.values(), zip(*rows, strict=True), strict=True)
    ]
    return Cars(*columns)
