"""What ranks exchange, by rings whose ranks are threads of this process."""

import socket
import threading

import numpy as np
import pytest

from graphmode.framework.errors import InternalError, InvalidArgumentError
from graphmode.launch.frames import request
from graphmode.launch.ring import Ring


def rings(n):
    """The n places of a ring."""
    pairs = [socket.socketpair() for _ in range(n)]  # from rank i to rank i + 1
    return [Ring(i, n, pairs[i][0], pairs[i - 1][1]) for i in range(n)]


def on_all(function, n):
    """What ``function(ring)`` gives, or raises, on each of n ranks."""
    places, results = rings(n), [None] * n

    def run(i):
        try:
            results[i] = function(places[i])
        except (Exception, pytest.fail.Exception) as error:
            results[i] = error

    threads = [threading.Thread(target=run, args=(i,), daemon=True) for i in range(n)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
        assert not thread.is_alive()
    for place in places:
        place.close()
    return results, places


@pytest.mark.parametrize("n", [2, 3, 4])
@pytest.mark.parametrize("length", [0, 5, 70_001])  # nothing; whole vectors; pieces
@pytest.mark.parametrize("combine", [np.add, np.maximum])
def test_all_ranks_have_the_same_bits_of_the_sum(n, length, combine):
    vectors = np.random.default_rng(7).normal(size=(n, length)).astype(np.float32)

    def reduce(ring):
        vector = vectors[ring.rank].copy()
        ring.reduce(request("a"), vector, combine)
        return vector

    results, places = on_all(reduce, n)
    for result in results:
        assert np.array_equal(result, results[0])
        np.testing.assert_allclose(result, combine.reduce(vectors), rtol=1e-5, atol=1e-6)
    if length > 5:  # the least that is possible: each element goes out 2 (n - 1) / n times
        least = 2 * (n - 1) / n * vectors[0].nbytes
        assert max(place.n_bytes for place in places) <= least + 4 * 2 * n


@pytest.mark.parametrize("n", [2, 3])
def test_parts_of_any_length_are_gathered_in_order(n):
    blobs = [bytes([i]) * (i * 300_000) for i in range(n)]
    results, _ = on_all(lambda ring: ring.gather(request("g"), blobs[ring.rank]), n)
    assert all([bytes(part) for part in result] == blobs for result in results)


@pytest.mark.parametrize("root", [0, 2])
@pytest.mark.parametrize("length", [3, 2_500_000])
def test_all_have_what_one_has(root, length):
    def broadcast(ring):
        vector = np.full(length, ring.rank, np.uint8)
        ring.broadcast(request("b"), vector, root)
        return vector

    results, _ = on_all(broadcast, 3)
    assert all((result == root).all() for result in results)


def test_ranks_that_differ_are_both_named_on_all_ranks():
    def reduce(ring):
        ring.reduce(request("sum of 1 tensor\nw: float32 [3]"), np.zeros(3, np.float32), np.add)
        name = "b" if ring.rank == 3 else "w"
        ring.reduce(request(f"sum of 1 tensor\n{name}: float32 [3]"), np.zeros(3), np.add)

    results, _ = on_all(reduce, 4)
    for error in results:
        assert isinstance(error, InvalidArgumentError)
        assert "rank 3: b: float32 [3]   (in sum of 1 tensor)" in str(error)
        assert "w: float32 [3]" in str(error)
        assert "fix: all ranks build the same graph" in str(error)


@pytest.mark.parametrize("length", [5, 1_000_000])
def test_a_rank_that_ends_is_named_on_all_others_now_and_later(length):
    def reduce(ring):
        ring.reduce(request("s"), np.zeros(length), np.add)
        if ring.rank == 1:
            ring.close()
            return None
        errors = []
        for _ in range(2):
            with pytest.raises(InternalError, match="rank 1 has ended") as met:
                ring.reduce(request("s"), np.zeros(length), np.add)
            errors.append(str(met.value))
        return errors

    results, _ = on_all(reduce, 4)
    for rank in (0, 2, 3):
        assert isinstance(results[rank], list), results[rank]
        first, again = results[rank]
        assert first == again
        assert "waits for it in s" in first


def test_whoever_waits_says_so_and_gives_up_where_told(monkeypatch, capsys):
    monkeypatch.setenv("HOROVOD_STALL_CHECK_TIME_SECONDS", "0.1")
    monkeypatch.setenv("HOROVOD_STALL_SHUTDOWN_TIME_SECONDS", "1")

    def gather(ring):
        if ring.rank == 0:
            ring.gather(request("the last one"), b"")

    results, _ = on_all(gather, 2)
    assert isinstance(results[0], InternalError)
    assert "rank 0 has waited for rank 1 for 0 s, in the last one" in capsys.readouterr().err


def test_what_was_forked_is_no_rank():
    place = rings(2)[0]
    place._pid -= 1
    with pytest.raises(InternalError, match=r"forked from rank 0.*\n  fix: .*spawn"):
        place.gather(request("g"), b"")
