"""Programs that are kept on disk: read instead of compiled, and done without where they are bad."""

import os
import warnings
from pathlib import Path

import jax
import numpy as np
import pytest
from jax.experimental.compilation_cache import compilation_cache as of_jax

import graphmode as tf
from graphmode.runtime.programs import compilation_cache
from graphmode.runtime.programs.cache import cache


@pytest.fixture
def kept_in(tmp_path, monkeypatch):
    """Keep programs in a folder of the test."""
    monkeypatch.setattr(compilation_cache, "_SECONDS_WORTH_KEEPING", 0.0)
    monkeypatch.setattr(compilation_cache, "_folder", lambda: tmp_path / "programs")
    monkeypatch.setattr(compilation_cache._Kept, "is_wanted", False)
    monkeypatch.setattr(compilation_cache._Kept, "folder", None)
    settings = ("jax_compilation_cache_dir", "jax_persistent_cache_min_compile_time_secs")
    before = {name: getattr(jax.config, name) for name in settings}
    jax.config.update("jax_enable_compilation_cache", True)
    of_jax.reset_cache()
    yield tmp_path / "programs"
    for name, value in before.items():
        jax.config.update(name, value)
    jax.config.update("jax_enable_compilation_cache", False)
    of_jax.reset_cache()


@pytest.fixture
def events():
    """What JAX says of its cache."""
    heard = []
    jax.monitoring.register_event_listener(lambda event, **_: heard.append(event.split("/")[-1]))
    return heard


def trained():
    """The variable of a compiled network after three steps; nothing compiled is at hand."""
    cache.clear()
    jax.clear_caches()
    with tf.Graph().as_default():
        x = tf.constant(np.linspace(0, 1, 21, dtype=np.float32).reshape(7, 3))
        w = tf.Variable(tf.fill([3, 2], 0.3))
        step = tf.train.AdamOptimizer(0.1).minimize(tf.reduce_sum(tf.tanh(x @ w) ** 2))
        with tf.Session(mode="compiled") as sess:
            sess.run(tf.global_variables_initializer())
            for _ in range(3):
                sess.run(step)
            return sess.run(w)


def test_kept_programs_give_the_same_bytes_and_bad_ones_are_forgotten(kept_in, events):
    trained()
    assert not kept_in.exists()  # nobody has asked
    compilation_cache.keep_programs()
    compiled = trained()
    files = list(kept_in.iterdir())
    assert files
    assert "cache_hits" not in events

    del events[:]
    assert trained().tobytes() == compiled.tobytes()
    assert "cache_hits" in events
    assert "cache_misses" not in events

    for file in files:
        file.write_bytes(file.read_bytes()[:100])  # a disk was full
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert trained().tobytes() == compiled.tobytes()
        trained()
    del events[:]
    trained()
    assert "cache_hits" in events
    assert "cache_misses" not in events


def test_what_the_user_says_of_jaxs_cache_goes_before(kept_in, tmp_path):
    jax.config.update("jax_compilation_cache_dir", str(tmp_path / "own"))
    compilation_cache.keep_programs()
    trained()
    assert jax.config.jax_compilation_cache_dir == str(tmp_path / "own")
    assert not kept_in.exists()


def test_the_oldest_files_make_room(tmp_path):
    for i, name in enumerate("dbca"):
        (tmp_path / name).write_bytes(b"x" * 100)
        os.utime(tmp_path / name, (i, i))
    (tmp_path / "e").symlink_to(tmp_path / "gone")  # as if another process had removed it
    compilation_cache.make_room(tmp_path, 400)
    (tmp_path / "e").unlink()
    assert len(list(tmp_path.iterdir())) == 4
    compilation_cache.make_room(tmp_path, 399)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a"]


def test_who_has_no_home_keeps_nothing(kept_in, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(compilation_cache, "_folder", lambda: Path("~/.cache/graphmode"))
    compilation_cache.keep_programs()
    assert not list(tmp_path.iterdir())


def test_a_cache_folder_that_cannot_be_made_is_done_without(kept_in):
    kept_in.parent.joinpath("programs").write_text("a file")
    compilation_cache.keep_programs()
    trained()
    assert jax.config.jax_compilation_cache_dir is None


def test_threads_that_compile_at_once_leave_warnings_as_they_were(kept_in):
    compilation_cache.keep_programs()
    before = warnings.filters[:]
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        first, second = compilation_cache.compiling(), compilation_cache.compiling()
        first.__enter__()
        second.__enter__()
        warnings.warn("of the user, meanwhile", UserWarning, stacklevel=1)
        warnings.warn("Error reading persistent compilation cache", UserWarning, stacklevel=1)
        first.__exit__(None, None, None)  # as the thread that began first ends first
        second.__exit__(None, None, None)
        warnings.warn("of the user, afterwards", UserWarning, stacklevel=1)
    said = [str(warning.message) for warning in heard]
    assert said == ["of the user, meanwhile", "of the user, afterwards"]
    assert warnings.filters == before
