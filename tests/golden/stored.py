"""Golden files: one JSON file a family, one line a fact, so that a change of one can be read."""

import json
import pathlib

import numpy as np

FOLDER = pathlib.Path(__file__).parent / "goldens"


def encoded(value):
    """What JSON holds of a text, a list of texts or an array."""
    if isinstance(value, str) or (isinstance(value, list) and all(type(v) is str for v in value)):
        return value
    array = np.asarray(value)
    if array.dtype.kind in "OS":
        values = [v.decode("latin1") if isinstance(v, bytes) else v for v in array.ravel().tolist()]
    elif array.dtype == np.float32:
        # The shortest decimal that is this float32, and not the double beside it.
        values = [float(str(v)) for v in array.ravel()]
    else:
        values = array.ravel().tolist()
    dtype = "string" if array.dtype.kind in "OSU" else array.dtype.name
    return {"dtype": dtype, "shape": list(array.shape), "values": values}


def decoded(value):
    """The text, list of texts or array that `encoded` was given; strings come back as bytes."""
    if not isinstance(value, dict):
        return value
    values = value["values"]
    if value["dtype"] == "string":
        return np.array([v.encode("latin1") for v in values], object).reshape(value["shape"])
    return np.array(values, value["dtype"]).reshape(value["shape"])


def path(family):
    return FOLDER / (family + ".json")


def write(family, answers):
    """Store the answers to the cases of one family, by the names of the cases."""
    blocks = []
    for name, facts in sorted(answers.items()):
        lines = ",\n".join(
            f"  {json.dumps(key)}: {json.dumps(encoded(value))}" for key, value in facts.items()
        )
        blocks.append(f"{json.dumps(name)}: {{\n{lines}\n}}")
    FOLDER.mkdir(exist_ok=True)
    path(family).write_text("{\n" + ",\n".join(blocks) + "\n}\n", encoding="ascii")


def read(family):
    """The answers that `write` was given."""
    text = path(family).read_text(encoding="ascii")
    return {
        name: {key: decoded(value) for key, value in facts.items()}
        for name, facts in json.loads(text).items()
    }
