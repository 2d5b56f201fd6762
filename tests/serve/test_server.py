"""What comes over a socket: hostile clients, limits, signals, several processes."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest
import requests
import uvicorn
from tests.serve.conftest import HALF_PLUS_TWO, write_line
from typer.testing import CliRunner

from graphmode.cli.commands import app as command_line
from graphmode.framework import errors
from graphmode.serve import Settings, app
from graphmode.serve.connections import connections
from graphmode.serve.rest import Api

BODY = b'{"instances": [[1.0], [5.0]]}'
PATH = "/v1/models/half:predict"


@contextlib.contextmanager
def listening(**settings):
    """Give the port of a server in a thread, and its library."""
    known = Settings(poll_seconds=3600, warm_up=False, **settings)
    made = app({"half": HALF_PLUS_TWO}, settings=known)
    direct = Api(made.state.library) if known.token is None else None
    config = uvicorn.Config(
        made, port=0, log_level="critical", http=connections(known.header_seconds, direct),
        lifespan="on", server_header=False,
    )  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1], made.state.library
    server.should_exit = True
    thread.join(20)


@pytest.fixture(scope="module")
def port():
    with listening(
        max_body=10_000, header_seconds=1.0, body_seconds=1.0, token="secret"
    ) as (found, _):  # fmt: skip
        yield found


def head(path=PATH, *lines):
    return "\r\n".join(
        [f"POST {path} HTTP/1.1", "Host: x", "Authorization: Bearer secret", *lines, "", ""]
    ).encode()


def talk(port, *pieces):
    """Send pieces until the server answers; give what it says."""
    with socket.create_connection(("127.0.0.1", port), 20) as connection:
        with contextlib.suppress(ConnectionError):
            for piece in pieces:
                connection.sendall(piece)
        answer = b""
        with contextlib.suppress(ConnectionError):
            while part := connection.recv(65536):
                answer += part
        return answer.decode()


def test_a_client_of_requests_is_answered(port):
    with requests.Session() as session:
        session.headers["Authorization"] = "Bearer secret"
        for _ in range(3):
            answer = session.post(f"http://127.0.0.1:{port}{PATH}", data=BODY.decode())
            assert answer.json() == {"predictions": [[2.5], [4.5]]}
    without = requests.post(f"http://127.0.0.1:{port}{PATH}", data=BODY)
    assert (without.status_code, list(without.json())) == (401, ["error"])
    wrong = {"Authorization": "Bearer Secret"}
    assert requests.get(f"http://127.0.0.1:{port}/metrics", headers=wrong).status_code == 401
    assert requests.get(f"http://127.0.0.1:{port}/healthz").status_code == 200


def test_a_body_of_a_gigabyte_is_refused_before_it_is_sent(port):
    answer = talk(port, head(PATH, f"Content-Length: {2**30}"), b" " * 1000)
    assert answer.startswith("HTTP/1.1 413") and "10,000 bytes" in answer


def test_a_body_without_a_length_is_refused_while_it_is_sent(port):
    chunk = b"1000\r\n" + b" " * 0x1000 + b"\r\n"
    answer = talk(port, head(PATH, "Transfer-Encoding: chunked"), chunk, chunk, chunk)
    assert answer.startswith("HTTP/1.1 413")
    short = b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY)
    answer = talk(port, head(PATH, "Transfer-Encoding: chunked", "Connection: close"), short)
    assert answer.startswith("HTTP/1.1 200") and "4.5" in answer


def test_slow_clients_are_not_waited_for(port):
    start = time.monotonic()
    with contextlib.ExitStack() as stack:
        slow = [
            stack.enter_context(socket.create_connection(("127.0.0.1", port), 20)) for _ in range(3)
        ]
        slow[1].sendall(b"POST /v1/mod")
        slow[2].sendall(head(PATH, "Content-Length: 100") + b"{")
        answers = [connection.recv(65536).decode() for connection in slow]
    assert [answer.split(" ")[1] for answer in answers] == ["408", "408", "408"]
    assert "did not come within 1 s" in answers[2]
    assert time.monotonic() - start < 15


def test_what_is_no_http_is_refused(port):
    assert talk(port, b"\x16\x03\x01nonsense\r\n\r\n").startswith("HTTP/1.1 400")
    answer = talk(port, head("/v1/models/" + "a" * 50, "Connection: close"))
    assert answer.startswith("HTTP/1.1 400")
    answer = talk(port, head("/v1/models/%2e%2e%2fetc:predict", "Connection: close"))
    assert answer.split(" ")[1] in ("400", "404")


@pytest.fixture(scope="module")
def served():
    with listening(header_seconds=1.0, body_seconds=1.0, timeout=1.0) as found:
        yield found


class TestRequestsWithoutAsgi:
    """Small ones to predict, which come in one piece, have a shorter way to the same answers."""

    @pytest.fixture
    def direct(self, served):
        return served[0]

    @pytest.fixture
    def plain(self, monkeypatch):
        """Count the requests that take the shorter way."""
        counted = []

        async def predicted(api, path, body):
            counted.append(path)
            return await passed_on(api, path, body)

        passed_on = Api.predicted
        monkeypatch.setattr(Api, "predicted", predicted)
        return counted

    @pytest.mark.parametrize(
        "path, body, status",
        [
            (PATH, BODY, "200"),
            ("/v1/models/half/versions/123:predict", BODY, "200"),
            (PATH, b'{"instances": [["a"]]}', "400"),
            (PATH, b"", "400"),
            ("/v1/models/other:predict", BODY, "404"),
        ],
    )
    def test_answers_are_the_same(self, direct, plain, path, body, status):
        lines = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n".encode()
        pieces = [lines, b"Connection: close\r\n\r\n" + body]
        wanted = talk(direct, *pieces)
        assert not plain and wanted.startswith(f"HTTP/1.1 {status}")
        with socket.create_connection(("127.0.0.1", direct), 20) as connection:
            for n in range(1, 4):
                connection.sendall(lines + b"\r\n" + body)
                found = b""
                while not found.endswith(wanted.encode().partition(b"\r\n\r\n")[2] or b"}"):
                    found += connection.recv(65536)
                assert len(plain) == n
            for name in ("date", "content-type", "content-length"):
                (line,) = re.findall(f"\r\n({name}: .*)\r", found.decode())
                assert name == "date" or line in wanted
            assert found.decode().partition("\r\n\r\n")[::2][1] == wanted.partition("\r\n\r\n")[2]

    def test_a_status_of_which_http_has_no_phrase(self, served, plain):
        direct, library = served
        with library.using("half") as version:
            signature = version.signature("")
        kept = signature.compute

        def compute(feeds, outputs):
            raise errors.CancelledError(None, None, "the queue is closed")

        signature.compute = compute
        lines = f"POST {PATH} HTTP/1.1\r\nContent-Length: {len(BODY)}\r\n\r\n".encode()
        try:
            with socket.create_connection(("127.0.0.1", direct), 20) as connection:
                for n in (1, 2):
                    connection.sendall(lines + BODY)
                    answer = connection.recv(65536)
                    assert answer.startswith(b"HTTP/1.1 499 \r\n") and b"is closed" in answer
                    assert len(plain) == n
        finally:
            signature.compute = kept

    def test_many_in_one_go_are_answered_in_order(self, direct, plain):
        def asked(number, *lines):
            body = json.dumps({"instances": [[number]]}).encode()
            lines = [f"POST {PATH} HTTP/1.1", f"Content-Length: {len(body)}", *lines, "", ""]
            return "\r\n".join(lines).encode() + body

        with socket.create_connection(("127.0.0.1", direct), 20) as connection:
            connection.sendall(asked(0))
            answer = connection.recv(65536)
            assert plain
            connection.sendall(b"".join(asked(i) for i in range(1, 4)) + asked(4)[:30])
            connection.sendall(asked(4)[30:] + asked(5, "Connection: close"))
            while part := connection.recv(65536):
                answer += part
        found = re.findall(r"\[\[(.*?)\]\]", answer.decode())
        assert found == [str(i / 2 + 2) for i in range(6)]

    @pytest.mark.parametrize(
        "line",
        [
            "Connection: close", "Transfer-Encoding: chunked", "Expect: 100-continue",
            "Content-Length: 5", "Upgrade: websocket", "Wrong header", "X: \x01", "Connection : x",
        ],
    )  # fmt: skip
    def test_what_is_not_plain_goes_the_long_way(self, direct, plain, line):
        lines = [f"POST {PATH} HTTP/1.1", f"Content-Length: {len(BODY)}", line, "", ""]
        with socket.create_connection(("127.0.0.1", direct), 20) as connection:
            connection.sendall("\r\n".join(lines).encode() + BODY)
            connection.recv(65536)
        assert not plain

    def test_one_that_takes_too_long_and_one_that_leaves(self, served, plain):
        direct, library = served
        with library.using("half") as version:
            signature = version.signature("")
            kept = signature.compute
            is_free, has_begun = threading.Event(), threading.Event()

            def compute(feeds, outputs):
                has_begun.set()
                is_free.wait(20)
                return kept(feeds, outputs)

            signature.compute = compute
        lines = f"POST {PATH} HTTP/1.1\r\nContent-Length: {len(BODY)}\r\n\r\n".encode()
        with socket.create_connection(("127.0.0.1", direct), 20) as connection:
            connection.sendall(lines + BODY)
            assert has_begun.wait(20)
            with socket.create_connection(("127.0.0.1", direct), 20) as other:
                other.sendall(lines + BODY)
            # The other one waits for the first, and nobody for it: what comes then is computed.
            connection.sendall(lines + BODY)
            assert connection.recv(65536).startswith(b"HTTP/1.1 504")
            signature.compute = kept
            is_free.set()
            assert connection.recv(65536).startswith(b"HTTP/1.1 200")
        while version.n_users:
            time.sleep(0.01)
        assert len(plain) == 3

    def test_what_is_being_answered_is_waited_for(self, plain):
        with listening() as (port, library):
            with library.using("half") as version:
                signature = version.signature("")
                kept = signature.compute
                is_free, has_begun = threading.Event(), threading.Event()

                def compute(feeds, outputs):
                    has_begun.set()
                    is_free.wait(20)
                    return kept(feeds, outputs)

                signature.compute = compute
            connection = socket.create_connection(("127.0.0.1", port), 20)
            lines = f"POST {PATH} HTTP/1.1\r\nContent-Length: {len(BODY)}\r\n\r\n".encode()
            connection.sendall(lines + BODY)
            assert has_begun.wait(20)
            threading.Timer(0.5, is_free.set).start()
        with connection:
            answer = connection.recv(65536)
            assert b"4.5" in answer and b"connection: close" in answer and plain
            assert not connection.recv(1)


def refusal(*arguments, command="serve"):
    found = CliRunner().invoke(command_line, [command, *map(str, arguments)])
    assert isinstance(found.exception, SystemExit), found
    return str(found.exception.code)


def test_bench_serve(port, tmp_path):
    url = f"http://127.0.0.1:{port}/v1/models/half"
    asked = ["bench-serve", url, "--clients", "1,3", "--seconds", "0.2", "--token", "secret"]
    found = CliRunner().invoke(command_line, [*asked, "--json"])
    loads = json.loads(found.stdout)["loads"]
    assert [load["clients"] for load in loads] == [1, 3]
    for load in loads:
        assert load["answered"] > 0 and not load["errors"]
        assert not load["requests"] or 0 < load["p50"] <= load["p95"] <= load["p99"]
    (tmp_path / "wrong.json").write_text("{}")
    found = CliRunner().invoke(command_line, [*asked, "--body", str(tmp_path / "wrong.json")])
    assert found.stdout.split("\n")[0].split() == [
        "clients", "requests/s", "p50", "ms", "p95", "ms", "p99", "ms", "errors"
    ]  # fmt: skip
    bench = {"command": "bench-serve"}
    assert "is no folder, and no http://" in refusal("nothing", **bench)
    assert "numbers, as 1,8,64" in refusal(url, "--clients", "many", **bench)
    assert "HTTP Error 401" in refusal(url, **bench)


def test_servers_that_cannot_start(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        text = refusal(f"half={HALF_PLUS_TWO}", "--port", port)
        assert text == (
            f"graphmode serve: 127.0.0.1:{port}: Address already in use: --port chooses another"
        )
        text = refusal(f"half={HALF_PLUS_TWO}", "--port", 0, "--grpc-port", port)
        assert f"127.0.0.1:{port}: Address already in use" in text
    assert "serve what?" in refusal()
    assert "is no folder of a model" in refusal(tmp_path / "nothing")
    (tmp_path / "empty").mkdir()
    assert "no version of a model is in" in refusal(tmp_path / "empty", "--port", 0)
    assert "token is empty" in refusal(tmp_path / "empty", "--token", " ")
    asked = ["serve", str(tmp_path / "empty"), "--port", "0", "--host", "0.0.0.0"]
    assert "whoever reaches 0.0.0.0" in CliRunner().invoke(command_line, asked).stdout
    assert "whoever" not in CliRunner().invoke(command_line, [*asked, "--token", "a"]).stdout
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "saved_model.pb").write_bytes(b"\xff" * 9)
    assert "graphmode serve: broken: " in refusal(tmp_path / "broken", "--port", 0)


def test_several_processes_share_a_port_and_end_when_they_are_asked_to(tmp_path):
    write_line(tmp_path / "line" / "1")
    command = [
        sys.executable, "-m", "graphmode", "serve", str(tmp_path / "line"), "--port", "0",
        "--workers", "2", "--no-warm-up",
    ]  # fmt: skip
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=os.environ
    ) as server:
        try:
            assert server.stdout is not None
            lines = [server.stdout.readline() for _ in range(2)]
            ports = {re.search(r"127.0.0.1:(\d+)/v1/models/ {2}line", line)[1] for line in lines}
            assert len(ports) == 1
            address = f"http://127.0.0.1:{ports.pop()}/v1/models/line:predict"
            for _ in range(8):
                answer = requests.post(address, data=json.dumps({"instances": [2.0]}))
                assert answer.json() == {"predictions": [3.0]}
            for _ in range(4):  # whoever answers counts for all
                metrics = requests.get(address.replace("v1/models/line:predict", "metrics")).text
                labels = 'model="line",verb="predict"'
                assert f'requests_total{{{labels},status="200"}} 8' in metrics
                assert f"request_seconds_count{{{labels}}} 8" in metrics
                for i in range(2):
                    assert f'model_available{{model="line",process="{i}"}} 1' in metrics
            server.send_signal(signal.SIGTERM)
            assert server.wait(30) == 0
        finally:
            server.kill()
    with pytest.raises(requests.ConnectionError):
        requests.post(address, data="{}")
