"""`graphmode serve` under good, bad and hostile requests for minutes, versions swapped meanwhile.

``python -m benchmarks.serve_soak --minutes 30``. It ends with status 1 if a good request was lost
or answered wrongly, a bad one with anything but the error that is meant, or if memory has grown.
"""

import argparse
import collections
import contextlib
import http.client
import json
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

MOST_GROWTH = 24  # MiB, from the second fifth of the time to the last
VERSIONS = 10


def write_line(folder, offset):
    """Write a SavedModel of ``y = x + offset``."""
    import graphmode as tf

    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.placeholder(tf.float32, [None], "x")
        y = x + tf.Variable(np.float32(offset))
        session.run(tf.global_variables_initializer())
        tf.saved_model.simple_save(session, str(folder), {"x": x}, {"y": y})


def write_layers(folder):
    """Write a SavedModel of two layers, whose batches another thread computes."""
    import graphmode as tf

    with tf.Graph().as_default(), tf.Session() as session:
        x = tf.placeholder(tf.float32, [None, 64], "x")
        y = tf.layers.dense(tf.layers.dense(x, 1024, tf.nn.relu), 1024, tf.nn.tanh)
        session.run(tf.global_variables_initializer())
        tf.saved_model.simple_save(session, str(folder), {"x": x}, {"y": tf.reduce_sum(y, 1)})


BAD = [
    ("POST", "/v1/models/line:predict", b"", 400),
    ("POST", "/v1/models/line:predict", b'{"instances": ["a"]}', 400),
    ("POST", "/v1/models/line:predict", b'{"instances": [[1], [2, 3]]}', 400),
    ("POST", "/v1/models/line:predict", b'{"instances": [1.0, null]}', 400),
    ("POST", "/v1/models/line:predict", b'{"instances": [1e400]}', 400),
    ("POST", "/v1/models/line:predict", b'{"inputs": {"x": [1], "z": [2]}}', 400),
    ("POST", "/v1/models/line:predict", b'{"inputs": {"x": {"b64": "a"}}}', 400),
    ("POST", "/v1/models/line:predict", b'{"signature_name": "no", "instances": [1]}', 400),
    ("POST", "/v1/models/line:predict", b'{"instances": ' + b"[" * 50_000, 400),
    ("POST", "/v1/models/line:predict", b"\xff\xfe" * 500, 400),
    ("POST", "/v1/models/line:regress", b'{"examples": [{"x": 1.0}]}', 400),
    ("POST", "/v1/models/line/versions/999:predict", b'{"instances": [1]}', 404),
    ("POST", "/v1/models/nobody:predict", b'{"instances": [1]}', 404),
    ("GET", "/v1/models/line/labels/none", b"", 404),
    ("GET", "/v1/models/line:predict", b"", 400),
    ("GET", "/" + "a" * 2000, b"", 404),
    ("DELETE", "/v1/models/line", b"", 400),
    ("POST", "/v1/models/line:predict", b" " * 2**21, 413),
]


class Soak:
    """What was asked, and what came of it."""

    def __init__(self, port, base, until):
        self.port, self.base, self.until = port, base, until
        self.counts = collections.Counter()
        self.wrong = []
        self.lock = threading.Lock()

    def seen(self, kind, what):
        with self.lock:
            self.counts[kind, what] += 1

    def fault(self, text):
        with self.lock:
            if len(self.wrong) < 20:
                self.wrong.append(text)
            self.counts["faults", "all"] += 1

    def is_over(self):
        return time.monotonic() > self.until

    def good(self, seed):
        """Ask what has an answer; keep the connection."""
        chance = random.Random(seed)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        while not self.is_over():
            n = chance.randint(1, 20)
            name = chance.choice(["line", "line", "layers"])
            values = [float(chance.randint(0, 9)) for _ in range(n)]
            rows = values if name == "line" else [[value] * 64 for value in values]
            body = json.dumps({"instances": rows})
            try:
                connection.request("POST", f"/v1/models/{name}:predict", body)
                answer = connection.getresponse()
                text = answer.read()
            except OSError as error:
                self.fault(f"lost: {error!r}")
                connection.close()
                continue
            self.seen("good", answer.status)
            if answer.status != 200:
                self.fault(f"good: {answer.status} {text[:200]}")
                continue
            found = json.loads(text)["predictions"]
            offsets = {got - value for got, value in zip(found, values, strict=False)}
            if len(found) != n or (name == "line" and len(offsets) != 1):
                self.fault(f"wrong: {values} -> {found}")

    def bad(self, seed):
        """Ask what has none."""
        chance = random.Random(seed)
        while not self.is_over():
            method, path, body, status = chance.choice(BAD)
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            try:
                connection.request(method, path, body)
                answer = connection.getresponse()
                text = answer.read()
                self.seen("bad", answer.status)
                if answer.status != status or list(json.loads(text)) != ["error"]:
                    self.fault(f"bad: {path[:60]} {answer.status}, meant {status}: {text[:200]}")
            except OSError:
                self.seen("bad", "closed")  # a body that was refused while it was sent
                if status != 413:
                    self.fault(f"bad: {path[:60]} was closed")
            finally:
                connection.close()
            time.sleep(0.002)

    def hostile(self, seed):
        """Send what is no request, or not the whole of one."""
        chance = random.Random(seed)
        head = b"POST /v1/models/layers:predict HTTP/1.1\r\nHost: x\r\n"
        whole = json.dumps({"instances": [[1.0] * 64] * 50}).encode()
        sent = head + b"Content-Length: %d\r\n\r\n" % len(whole) + whole
        open_ones = collections.deque()
        while not self.is_over():
            kind = chance.choice(["half", "garbage", "leaves", "slow", "huge", "many"])
            with contextlib.suppress(OSError):
                made = socket.create_connection(("127.0.0.1", self.port), 10)
                if kind == "half":
                    made.sendall(head[: chance.randint(1, len(head))])
                    made.close()
                elif kind == "garbage":
                    made.sendall(chance.randbytes(200) + b"\r\n\r\n")
                    made.recv(1000)
                    made.close()
                elif kind == "leaves":
                    made.sendall(sent)
                    made.close()
                elif kind == "slow":
                    made.sendall(head + b"Content-Length: 1000\r\n\r\n{")
                    open_ones.append(made)
                elif kind == "huge":
                    made.sendall(head + b"Content-Length: %d\r\n\r\n" % 2**40)
                    if not made.recv(1000).startswith(b"HTTP/1.1 413"):
                        self.fault("a body of a terabyte was not refused")
                    made.close()
                else:
                    made.sendall(sent * 5)  # five requests that nobody waits for
                    open_ones.append(made)
            self.seen("hostile", kind)
            while len(open_ones) > 40:
                open_ones.popleft().close()
            time.sleep(0.01)

    def swap(self, ready, seconds):
        """Put other versions in the place of those that are served, some of them broken."""
        number = 1
        while not self.is_over():
            time.sleep(seconds)
            if self.is_over():
                break
            number += 1
            if number % 4 == 0:  # half of a model: the old one has to stay
                (self.base / str(number)).mkdir()
                (self.base / str(number) / "saved_model.pb").write_bytes(b"\xff" * 100)
                self.seen("versions", "broken")
                time.sleep(seconds / 2)
                shutil.rmtree(self.base / str(number))
                continue
            shutil.copytree(ready / str(number % 3), self.base / str(number))
            self.seen("versions", "swapped")
            time.sleep(min(seconds / 2, 5))
            for path in self.base.iterdir():
                if int(path.name) < number:
                    shutil.rmtree(path)


def memory_of(pid):
    """Give the memory that a process holds, MiB."""
    found = re.search(r"VmRSS:\s+(\d+)", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=3.0)
    seconds = parser.parse_args().minutes * 60
    with tempfile.TemporaryDirectory() as scratch:
        scratch = Path(scratch)
        for i in range(3):
            write_line(scratch / "ready" / str(i), i)
        write_layers(scratch / "layers" / "1")
        shutil.copytree(scratch / "ready" / "1", scratch / "line" / "1")
        command = [
            sys.executable, "-m", "graphmode", "serve", str(scratch / "line"),
            str(scratch / "layers"), "--port", "0", "--max-body", "1", "--poll", "0.3",
        ]  # fmt: skip
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=os.environ
        ) as server:
            try:
                port = int(re.search(r":(\d+)/", server.stdout.readline())[1])
                sys.exit(soak(server, port, scratch, seconds))
            finally:
                server.terminate()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    server.wait(60)
                server.kill()


def soak(server, port, scratch, seconds):
    """Ask for a time; give the exit status."""
    found = Soak(port, scratch / "line", time.monotonic() + seconds)
    work = [(found.good, i) for i in range(4)] + [(found.bad, 9), (found.hostile, 7)]
    threads = [threading.Thread(target=function, args=(i,)) for function, i in work]
    threads.append(
        threading.Thread(target=found.swap, args=(scratch / "ready", seconds / (VERSIONS * 2)))
    )
    for thread in threads:
        thread.start()
    memory = []
    while not found.is_over():
        time.sleep(0.5)
        memory.append(memory_of(server.pid))
    for thread in threads:
        thread.join()
    fifths = [np.median(part) for part in np.array_split(memory, 5)]
    before, after = fifths[1], fifths[-1]
    for (kind, what), n in sorted(found.counts.items(), key=str):
        print(f"{kind:10} {what!s:10} {n:,}")
    print(f"memory     {', '.join(f'{fifth:.1f}' for fifth in fifths)} MiB, by fifths of the time")
    for text in found.wrong:
        print(f"FAULT      {text}")
    return int(bool(found.wrong) or after - before > MOST_GROWTH or server.poll() is not None)


if __name__ == "__main__":
    main()
