"""`period.install`: what it touches, and what it leaves alone."""

import importlib
import json
import os
import subprocess
import sys

import pytest
from tests.period.running import run

from graphmode.period import hooks
from graphmode.period.libraries import gym as gym_table


def python(code, cwd=None, path=()):
    """What a new process prints."""
    folders = [*map(str, path), os.environ.get("PYTHONPATH", "")]
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, folders))},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_nothing_heavy_is_imported_and_a_second_call_changes_nothing():
    heavy = {"numpy", "scipy", "pandas", "matplotlib", "sklearn", "PIL", "fissix", "IPython"}
    heavy |= {"decimal", "logging", "graphmode.period.calls", "graphmode.period.libraries.numpy"}
    said = python(
        "import sys\nfrom graphmode import period\nperiod.install()\nbefore = list(sys.meta_path)\n"
        "period.install()\nperiod.compile_source('x = 1', 'x.py')\n"
        f"print(before == sys.meta_path, sorted({heavy!r} & set(sys.modules)))"
    )
    assert said == "True []\n"


def test_who_only_imports_graphmode_is_left_alone():
    said = python(
        "import graphmode.period, numpy, collections, builtins\n"
        "import graphmode.period.libraries.numpy, graphmode.period.libraries.standard\n"
        "print(hasattr(numpy, 'float'), hasattr(collections, 'Mapping'), "
        "hasattr(builtins, '__period__'))"
    )
    assert said == "False False False\n"


def test_libraries_that_were_imported_before_are_reached():
    said = python(
        "import numpy as np, pandas as pd, matplotlib.pyplot as plt\n"
        "import sklearn.preprocessing, inspect\n"
        "from graphmode import period\nperiod.install()\n"
        "print(np.float, pd.DataFrame({'a': [1]}).ix[0, 'a'], plt.hold(True), inspect.getargspec)\n"
        "from sklearn.preprocessing import Imputer\nprint(Imputer.__name__)"
    )
    assert said.startswith("<class 'float'> 1 None <function getargspec")
    assert said.endswith("Imputer\n")


def test_a_library_of_rows_that_is_not_installed_is_still_missing():
    said = python(
        "import sys\nsys.path = [p for p in sys.path if 'packages' not in p]\n"
        "from graphmode import period\nperiod.install()\n"
        "for name in ('sklearn.cross_validation', 'pandas', 'Image', 'no_such_module'):\n"
        "    try:\n        __import__(name)\n"
        "    except ModuleNotFoundError as error:\n        print(error.name)"
    )
    assert said.split() == ["sklearn", "pandas", "PIL", "no_such_module"]


# ---- modules beside the program ------------------------------------------------------------------


MAIN = """
import sys
from graphmode import period
period.install()
sys.path[0] = sys.argv[1]
exec(period.compile_source(open(sys.argv[2], "rb").read(), sys.argv[2]), {"__name__": "__main__"})
"""


def run_main(folder, **files):
    """What a program prints that has modules beside it; the first `__` of a name is a folder's."""
    for name, text in files.items():
        path = folder / (name.replace("__", "/", 1) + ".py")
        path.parent.mkdir(exist_ok=True, parents=True)
        path.write_text(text)
    done = subprocess.run(
        [sys.executable, "-c", MAIN, str(folder), str(folder / "main.py")],
        capture_output=True,
        text=True,
        timeout=60,
        env={key: v for key, v in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, done.stderr


def test_modules_beside_the_program_are_compiled_like_it(tmp_path):
    out, err = run_main(
        tmp_path,
        main="import numpy as np, beside\nfrom part import deep\nprint(beside.whole(np.ones(1)))\n"
        "print(deep.NAME, beside.__file__.endswith('beside.py'))\n",
        beside="def whole(a):\n    return int(a)\n",
        part____init__="",
        part__deep="NAME = 'deep'\n",
    )
    assert (out, err) == ("1\ndeep True\n", "")
    assert list(tmp_path.rglob("*.pyc")) == []


def test_a_module_of_python_2_is_translated_alone(tmp_path):
    out, err = run_main(
        tmp_path,
        main="print(7 / 2)\nimport beside\nprint(beside.half(7))\n",
        beside="def half(n):\n    print 'halving'\n    return n / 2\n",
    )
    assert out == "3.5\nhalving\n3\n"
    assert err.count("\n") == 1
    assert "beside.py is Python 2" in err


def test_a_program_that_is_run_as_a_module_is_the_program(tmp_path):
    out, err = run_main(
        tmp_path,
        main="import runpy\nrunpy.run_module('part', run_name='__main__', alter_sys=True)\n",
        part____init__="",
        part____main__="import beside\nprint 7 / 2, beside.x\n",
        beside="x = 9 / 2\n",
    )
    assert out == "3 4\n"
    assert "__main__.py is Python 2" in err


def test_a_module_of_python_2_says_nothing_of_the_others(tmp_path):
    out, err = run_main(
        tmp_path,
        main="import old, new\nprint(old.half(7), new.half(7))\n",
        old="def half(n):\n    print 'old'\n    return n / 2\n",
        new="def half(n):\n    return n / 2\n",
    )
    assert out == "old\n3 3.5\n"
    assert err.count("\n") == 1


def test_what_lies_elsewhere_is_what_its_text_says(tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "library.py").write_text("def half(n):\n    return n / 2\n")
    folder = tmp_path / "program"
    out, _ = run_main(
        folder,
        main=f"import sys\nsys.path.append({str(elsewhere)!r})\nimport library, beside\n"
        "print library.half(7), beside.half(7), 7 / 2\n",
        beside="half = lambda n: n / 2\n",
    )
    assert out == "3.5 3 3\n"


def test_all_modules_of_a_program_of_python_2_divide_as_it_does(tmp_path):
    (tmp_path / "part").mkdir()
    (tmp_path / "part" / "__init__.py").write_text("import deep\n")
    out, err = run_main(
        tmp_path,
        main="import beside, part\nprint beside.half(7), part.deep.third(7)\n",
        beside="def half(n):\n    return n / 2\n",
        part__deep="def third(n):\n    return n / 3\n",
    )
    assert out == "3 2\n"
    assert err.count("\n") == 1


# ---- every row -----------------------------------------------------------------------------------


ROWS = """
import importlib, json, sys, warnings
warnings.simplefilter("ignore")
import matplotlib
matplotlib.use("Agg")
from graphmode import period
from graphmode.period import hooks
period.install()
wrong = []
for table in hooks.tables():
    if table == "gym":
        continue
    for row in importlib.import_module("graphmode.period.libraries." + table).ROWS:
        if not (row.value or row.refused):
            continue
        try:
            found = importlib.import_module(row.module)
            if row.name in vars(found):
                continue  # not gone from this version
            if row.name:
                found = getattr(found, row.name)
            if row.refused:
                wrong.append((row.said, "is not refused"))
            elif row.name and found is not row.answer() and found != row.answer():
                wrong.append((row.said, repr(found)))
        except ImportError as error:
            if not row.refused or row.refused not in str(error):
                wrong.append((row.said, str(error)))
        except Exception as error:
            wrong.append((row.said, repr(error)))
print(json.dumps(wrong))
"""


def test_every_row_answers_by_its_name():
    wrong = json.loads(python(ROWS))
    # Modules that a build of Python may leave out.
    allowed = {"Tkinter", "tkFont", "tkMessageBox", "tkFileDialog", "tkSimpleDialog", "ttk"}
    assert [entry for entry in wrong if entry[0] not in allowed] == []


@pytest.mark.parametrize("name", hooks.tables())
def test_a_row_says_what_to_write_today(name):
    table = importlib.import_module(f"graphmode.period.libraries.{name}")
    assert table.TITLE
    assert table.SOURCE
    for row in table.ROWS:
        assert row.said
        assert row.now
        assert row.gone
        assert not (row.value and row.refused)


# ---- gym -----------------------------------------------------------------------------------------

GYMNASIUM = """
import types
class error:
    class VersionNotFound(Exception): pass
class envs:
    registry = {"Swing-v1": None, "Swing-v3": None, "Other-v9": None}
class Box:
    shape = (2,)
class Swing:
    render_mode, action_space = None, "two"
    def __init__(self):
        self.n, self.seed, self.closed = 0, None, False
    unwrapped = property(lambda self: self)
    def reset(self, *, seed=None):
        self.n, self.seed = 0, seed
        return [0, seed], {}
    def step(self, action):
        self.n += 1
        return [self.n, action], 1, self.n == 4, self.n == 2, {}
    def close(self):
        self.closed = True
def make(id, render_mode=None):
    if id != "Swing-v3":
        raise error.VersionNotFound(id)
    return Swing()
"""

GYM = """
import gym
from gym import wrappers, spaces
env = gym.make("Swing-v0")
print(env.seed(5), env.reset(), env.reset(), env.action_space, env.n, spaces.Box.shape)
print(env.step(1), env.step(1), env.step(0), env.step(0), env.render())
env = wrappers.Monitor(env, "videos", force=True)
print(env.reset(), env.unwrapped.step(1)[2], len(env.step(0)))
"""


def test_gym_is_gymnasium_under_its_old_rules(tmp_path, monkeypatch):
    package = tmp_path / "gymnasium"
    package.mkdir()
    (package / "__init__.py").write_text(GYMNASIUM + "from gymnasium import spaces, wrappers\n")
    (package / "spaces.py").write_text("class Box:\n    shape = (2,)\n")
    (package / "wrappers.py").write_text("")
    before = os.environ.get("PYTHONPATH")
    path = str(tmp_path) if not before else os.pathsep.join((str(tmp_path), before))
    monkeypatch.setenv("PYTHONPATH", path)
    out, err = run({"swing": GYM}, tmp_path)["swing"]
    assert out.splitlines() == [
        "[5] [0, 5] [0, None] two 0 (2,)",
        "([1, 1], 1.0, False, {}) ([2, 1], 1.0, True, {'TimeLimit.truncated': True}) "
        "([3, 0], 1.0, False, {}) ([4, 0], 1.0, True, {}) None",
        "[0, None] False 4",
    ]
    assert err.splitlines() == [
        "graphmode: gym.make('Swing-v0'): gymnasium has Swing-v3, which is used",
        "graphmode: gym.wrappers.Monitor records nothing: use gymnasium.wrappers.RecordVideo",
    ]


def test_gym_says_what_to_install():
    install = next(row.install for row in gym_table.ROWS if row.install)
    said = python(
        "import importlib.util\nfind = importlib.util.find_spec\n"
        "importlib.util.find_spec = lambda name: None if name == 'gymnasium' else find(name)\n"
        "from graphmode import period\nperiod.install()\n"
        "try:\n    import gym\nexcept ImportError as error:\n    print(error)"
    )
    assert said == (
        "gym is gone since gym 0.26; what goes on with it is not installed: " + install + "\n"
    )
