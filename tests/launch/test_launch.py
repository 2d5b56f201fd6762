"""`graphmode launch`: what it does when ranks, or it itself, come to harm."""

import contextlib
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from graphmode import cli
from graphmode.framework.errors import FailedPreconditionError
from graphmode.launch import joining, rank_process, ranks, supervisor
from graphmode.platform.testing.machine import free_addresses

HERE = Path(__file__).parent
COMMAND = [sys.executable, "-m", "graphmode"]
LIMIT = 240


def started(*command, **environment):
    return subprocess.Popen(
        [*COMMAND, *map(str, command)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )


def processes_with(word):
    """The processes that have a word in their command line."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes()
        except OSError:
            continue
        if str(word).encode() in line:
            found.append(line.replace(b"\0", b" ").decode())
    return found


def none_left(word, seconds=15):
    until = time.monotonic() + seconds
    while processes_with(word) and time.monotonic() < until:
        time.sleep(0.05)
    return not processes_with(word)


def ending(text):
    return np.array(json.loads(re.search(r"ends with (\[.*\])", text)[1]))


# ---- harm ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed")
    out, errors = started("run", HERE / "interrupted.py", folder).communicate(timeout=LIMIT)
    assert "ends with" in out, errors
    return ending(out)


@pytest.fixture(scope="module")
def disturbed(tmp_path_factory):
    """One of two ranks is killed; the other one goes on, and stops for ever; it goes on."""
    folder = tmp_path_factory.mktemp("disturbed")
    command = ["launch", "-n", 2, "--restarts", 3, "--restart-with", 1, "--heartbeat", 6]
    command += ["--logs", folder / "logs", HERE / "interrupted.py", folder]
    launcher = started(*command, "8:1:KILL", "14:0:STOP")
    out, errors = launcher.communicate(timeout=LIMIT)
    return folder, launcher.returncode, out, errors


def test_a_run_that_was_disturbed_ends_as_one_that_was_not(disturbed, undisturbed):
    folder, status, out, errors = disturbed
    assert status == 0, errors
    np.testing.assert_allclose(ending(out), undisturbed, rtol=1e-5, atol=1e-6)
    # Nothing lost but what came after the last checkpoint.
    assert re.findall(r"\[0\] begins at (\d+)", out) == ["0", "6", "12"]
    assert none_left(folder)


def test_what_happened_is_told_and_kept(disturbed):
    folder, _, _, errors = disturbed
    assert "graphmode launch: rank 1 was ended by SIGKILL; all ranks have ended." in errors
    assert "graphmode launch: rank 0 has been silent for 6 s; all ranks have ended." in errors
    assert "graphmode launch: start 2 of at most 4, with 1 rank" in errors
    first, second, third = json.loads((folder / "logs" / "exits.json").read_text())
    assert (first["ranks"], first["exits"][1]) == (2, -signal.SIGKILL)
    assert (second["ranks"], second["why"]) == (1, "rank 0 has been silent for 6 s")
    assert third == {"ranks": 1, "exits": [0]}
    assert "rank 1 has ended, while rank 0 waits for it in" in errors
    assert "begins at 6" in (folder / "logs" / "attempt-1" / "rank-0.log").read_text()


@pytest.mark.slow
def test_twenty_harms(tmp_path):
    """One a step, each at a random rank; the end has the bits of an undisturbed run."""
    choose = random.Random(5)
    harms = [
        f"{step}:{choose.randrange(2)}:{choose.choice(['KILL', 'STOP'])}" for step in range(20)
    ]
    texts = []
    for name, words in (("whole", []), ("harmed", harms)):
        folder = tmp_path / name
        folder.mkdir()
        command = ["launch", "-n", 2, "--restarts", 25, "--heartbeat", 4, "--logs", folder / "logs"]
        launcher = started(*command, HERE / "interrupted.py", folder, *words)
        out, errors = launcher.communicate(timeout=1200)
        assert launcher.returncode == 0, errors
        assert none_left(folder)
        texts.append(out)
    assert (ending(texts[0]) == ending(texts[1])).all()
    assert len(re.findall("begins at", texts[1])) == len(harms) + 1


@pytest.mark.slow
def test_ranks_of_other_machines_are_started_by_a_shell(tmp_path, undisturbed):
    """Which is not ssh here, but takes the same words."""
    shell = tmp_path / "shell"
    shell.write_text('#!/bin/sh\necho "to $1" >&2\nexec sh -c "$2"\n')
    shell.chmod(0o755)
    port = free_addresses(1)[0].partition(":")[2]
    command = ["launch", "--hosts", "localhost:2", "--port", port, "--shell", shell]
    launcher = started(*command, HERE / "interrupted.py", tmp_path)
    out, errors = launcher.communicate(timeout=LIMIT)
    assert launcher.returncode == 0, errors
    assert sorted(errors.splitlines()) == ["[0] to localhost", "[1] to localhost"]
    np.testing.assert_allclose(ending(out), undisturbed, rtol=1e-5, atol=1e-6)


# ---- the launcher's own end ----------------------------------------------------------------------

_WAITS = """
import os, signal, subprocess, sys, time
import horovod.tensorflow as hvd
hvd.init()
subprocess.Popen(["sleep", sys.argv[1]])
print("ready", flush=True)
if sys.argv[2:] and hvd.rank() == 1:
    os.kill(os.getpid(), signal.SIGSTOP)
time.sleep(600)
"""


@pytest.fixture(scope="module")
def waiting(tmp_path_factory):
    """A launcher that is to be interrupted and one that is to be killed, both with ranks."""
    program = tmp_path_factory.mktemp("waiting") / "waits.py"
    program.write_text(_WAITS)
    number = f"{os.getpid()}.25"
    launchers = [
        started("launch", "-n", 2, "--heartbeat", 100, program, number),
        started("launch", "-n", 2, "--heartbeat", 100, program, f"{os.getpid()}.75", "stops"),
    ]
    for launcher in launchers:
        said = [launcher.stdout.readline() for _ in range(2)]
        assert sorted(said) == ["[0] ready\n", "[1] ready\n"], launcher.stderr.read()
    yield launchers
    for launcher in launchers:
        launcher.kill()
        launcher.communicate()


def test_ctrl_c_ends_all(waiting):
    launcher, _ = waiting
    launcher.send_signal(signal.SIGINT)
    _, errors = launcher.communicate(timeout=60)
    assert launcher.returncode == 130
    assert "graphmode launch: ended by SIGINT, and all ranks with it" in errors
    assert none_left(f"{os.getpid()}.25")


def test_a_killed_launcher_leaves_no_rank_even_a_stopped_one(waiting):
    _, launcher = waiting
    assert len(processes_with(f"{os.getpid()}.75")) == 5  # two ranks, what each has started
    launcher.kill()
    launcher.wait()
    assert none_left(f"{os.getpid()}.75")


_FAILS = """
import atexit, sys, time
from graphmode.launch import ranks
atexit.register(print, "leaves", ranks.current().index)
if ranks.current().index:
    sys.exit(7)
time.sleep(600)
"""


def test_a_rank_that_fails_does_not_wait_for_the_others(tmp_path):
    program = tmp_path / "fails.py"
    program.write_text(_FAILS)
    launcher = started("launch", "-n", 2, program)
    out, errors = launcher.communicate(timeout=60)
    assert (launcher.returncode, out) == (7, "[1] leaves 1\n")
    assert "rank 1 has ended with status 7; all ranks have ended." in errors


def test_when_nobody_reads_what_ranks_say_they_end(monkeypatch):
    monkeypatch.setattr(rank_process, "unheard", threading.Event())
    monkeypatch.setattr(supervisor, "unheard", rank_process.unheard)
    source, end = os.pipe()
    os.close(source)
    with os.fdopen(end, "w") as shown:
        rank_process._show(shown, b"[0] a line\n")
        rank_process._show(shown, b"[0] another one\n")
    with pytest.raises(supervisor._Stopped) as stop:
        supervisor._watch([], supervisor.Job([], 1))
    assert stop.value.number == signal.SIGPIPE


@pytest.mark.parametrize(
    ("seconds", "waiting", "text"),
    [
        ((9, 9, 9), (0, 2), "rank 1 has exchanged nothing for 5 s, and ranks 0, 2 wait for it"),
        ((9, 0, 9), (0, 2), "rank 1 has exchanged nothing for 5 s, and ranks 0, 2 wait for it"),
        ((9, 9, 9), (1,), "ranks 0, 2 have exchanged nothing for 5 s, and rank 1 waits for them"),
        ((9, 9, 9), (0, 1, 2), "ranks 0, 1, 2 have exchanged nothing for 5 s"),
        ((9, 9, 9), (), "ranks 0, 1, 2 have exchanged nothing for 5 s"),
        ((4, 4, 4), (0, 2), None),
    ],
)
def test_who_keeps_all_from_going_on_is_told_from_who_waits(seconds, waiting, text):
    """A rank that has not exchanged anything yet (0 s) may be the one."""
    processes = [
        SimpleNamespace(index=i, status=None, is_waiting=i in waiting, standstill=lambda s=s: s)
        for i, s in enumerate(seconds)
    ]
    found = supervisor._stuck(processes, supervisor.Job([], 3, progress=5.0))
    assert [failure.text for failure in found] == ([] if text is None else [text])


@pytest.mark.parametrize(
    ("status", "seconds_ago", "text"),
    [
        (None, 0, None),
        (None, 60, "rank 1 has failed with status 7, and a thread of its program goes on"),
        (-signal.SIGABRT, 0, "rank 1 has failed with status 7"),  # by JAX, when the others ended
        (7, 0, "rank 1 has ended with status 7"),
    ],
)
def test_a_rank_that_says_it_has_failed_is_not_waited_for_long(status, seconds_ago, text):
    rank = SimpleNamespace(
        index=1, status=status, failed_with=7, failed_at=time.monotonic() - seconds_ago
    )
    found = supervisor._failure_of(rank, supervisor.Job([], 2))
    assert text == (found and found.text)
    assert found is None or found.status == 7


def test_a_hangup_that_is_ignored_stays_so():
    """As of `nohup`."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with supervisor._signals():
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
            assert signal.getsignal(signal.SIGTERM) not in (signal.SIG_IGN, signal.SIG_DFL)
    finally:
        signal.signal(signal.SIGHUP, before)


# ---- other launchers -----------------------------------------------------------------------------

_OF_MPI = """
import horovod.tensorflow as hvd, numpy as np, tensorflow as tf
hvd.init()
with tf.Session() as sess:
    print(hvd.rank(), sess.run(hvd.allreduce(tf.fill([2], hvd.rank() + 1.0), average=False)))
"""


def rank_of_mpi(i, path, job):
    variables = {"RANK": str(i), "SIZE": "2", "LOCAL_SIZE": "2"}
    variables = {f"OMPI_COMM_WORLD_{name}": value for name, value in variables.items()}
    return started("run", path, PMIX_NAMESPACE=f"{job}-{os.getpid()}", **variables)


@pytest.mark.slow
def test_ranks_of_mpi_find_each_other(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(_OF_MPI)
    processes = [rank_of_mpi(i, program, "a") for i in range(2)]
    first, second = [process.communicate(timeout=LIMIT) for process in processes]
    assert first[0].splitlines()[-1] == "0 [3. 3.]", first[1]
    assert second[0].splitlines()[-1] == "1 [3. 3.]"


def test_jax_must_not_have_begun_before(tmp_path):
    program = tmp_path / "late.py"
    program.write_text(f"import jax\njax.devices()\n{_OF_MPI}")
    _, errors = rank_of_mpi(0, program, "b").communicate(timeout=LIMIT)
    assert "JAX has run something in this process already.\n  fix: join (hvd.init())" in errors


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, None),
        ({"SLURM_NTASKS": "4", "SLURM_STEP_NODELIST": "a"}, ranks.Invitation()),
        ({"SLURM_NTASKS": "1", "SLURM_STEP_NODELIST": "a"}, None),
        ({"JOB_COMPLETION_INDEX": "0"}, ranks.Invitation()),
        (
            {"HOROVOD_RANK": "1", "HOROVOD_SIZE": "2", "HOROVOD_LOCAL_SIZE": "1",
             "JAX_COORDINATOR_ADDRESS": "a:1"},
            ranks.Invitation(1, 2, "a:1", False),
        ),
        (
            {"GRAPHMODE_RANK": "2", "GRAPHMODE_SIZE": "3", "GRAPHMODE_COORDINATOR": "b:2",
             "GRAPHMODE_LOCAL": "1"},
            ranks.Invitation(2, 3, "b:2", True),
        ),
    ],
)  # fmt: skip
def test_what_the_environment_says(monkeypatch, variables, expected):
    for name in list(os.environ):
        if name.startswith(("SLURM", "OMPI", "JOB_", "HOROVOD", "JAX_COORD")):
            monkeypatch.delenv(name)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert ranks.invitation() == expected


# ---- refused -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["-n", "0", "x.py"], "should be greater than or equal to 1"),
        (["-n", "2", "nothing.py"], "launch: there is no file nothing.py"),
        (["-n", "2", "-"], "the program must be a file, which every rank reads"),
        (["x.py"], "how many processes? No MPI, SLURM or Kubernetes says it: launch -n 4"),
        (["-n", "2", "--port", "PORT", "PROGRAM"], "cannot be used: Address already in use"),
        (["-n", "2", "--hosts", "no.such.host.invalid:2", "PROGRAM"],
         "the host no.such.host.invalid is not found"),
        (["-n", "3", "--hosts", "localhost:2", "PROGRAM"],
         "3 ranks, and the hosts have room for 2: localhost:2"),
        (["--hosts", "a:b", "PROGRAM"], "--hosts takes machines and numbers of ranks"),
    ],
)  # fmt: skip
def test_what_cannot_be_started_says_why(arguments, text, capsys, monkeypatch):
    monkeypatch.setattr(ranks, "invitation", lambda: None)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        words = {"PORT": str(taken.getsockname()[1]), "PROGRAM": str(HERE / "checks.py")}
        with pytest.raises(SystemExit) as end:
            cli.main(["launch", *(words.get(word, word) for word in arguments)])
    assert end.value.code == 2
    assert text in " ".join(capsys.readouterr().err.replace("│", " ").split())


def test_who_does_not_belong_together_is_told(monkeypatch):
    with pytest.raises(FailedPreconditionError, match=r"rank 0 runs graphmode 1.0, rank 2 .* 1.1"):
        joining.check_versions(["1.0", "1.0", "1.1"])
    with pytest.raises(FailedPreconditionError, match=r"no.such.host.invalid:1 is not found"):
        joining._resolve("no.such.host.invalid:1", patience=0)
    with pytest.raises(FailedPreconditionError, match="is HOST:PORT, got 'here'"):
        joining._resolve("here")

    monkeypatch.setenv("GRAPHMODE_RANK", "0")
    with pytest.raises(FailedPreconditionError, match="GRAPHMODE_RANK is set, and GRAPHMODE_SIZE"):
        ranks.invitation()


def test_a_stranger_is_sent_away():
    with socket.create_server(("127.0.0.1", 0)) as door:
        strangers = [socket.create_connection(door.getsockname()) for _ in range(2)]
        strangers[0].sendall(b"GET / HTTP/1.1\r\n\r\n" + bytes(64))
        strangers[1].close()
        friend = socket.create_connection(door.getsockname())
        friend.sendall(b"t" * 64 + b"more")
        assert joining._admit(door, b"t" * 64).recv(4) == b"more"
        strangers[0].settimeout(5)
        with contextlib.suppress(ConnectionResetError):
            assert strangers[0].recv(1) == b""
    for each in (*strangers, friend):
        each.close()
