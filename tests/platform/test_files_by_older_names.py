"""`file_io`, `resource_loader` and names of files kept in a variable."""

import os

import pytest

import graphmode as gm
from graphmode import resource_loader
from graphmode.python.lib.io import file_io


def test_whole_files_as_strings(tmp_path):
    name = str(tmp_path / "a" / "b" / "words.txt")
    file_io.recursive_create_dir(os.path.dirname(name))  # noqa: PTH120 - as programs say it
    file_io.write_string_to_file(name, "naïve\nrose")
    assert file_io.file_exists(name)
    assert file_io.read_file_to_string(name) == "naïve\nrose"
    assert file_io.read_file_to_string(name, binary_mode=True) == "naïve\nrose".encode()
    assert file_io.get_matching_files(str(tmp_path / "a" / "*" / "w*")) == [name]
    with file_io.FileIO(name, mode="r") as file:
        assert file.readline() == "naïve\n"
    assert file_io.stat(name).length == 11
    file_io.delete_recursively(str(tmp_path / "a"))
    assert not file_io.file_exists(name)


def test_an_atomic_write_leaves_nothing_else(tmp_path):
    name = str(tmp_path / "state")
    file_io.atomic_write_string_to_file(name, b"\x00one")
    file_io.atomic_write_string_to_file(name, "two")
    assert file_io.read_file_to_string(name) == "two"
    with pytest.raises(gm.errors.AlreadyExistsError, match=r"file already exists: .*state"):
        file_io.atomic_write_string_to_file(name, "three", overwrite=False)
    assert file_io.read_file_to_string(name) == "two"
    assert file_io.list_directory(str(tmp_path)) == ["state"]


def test_data_lies_beside_the_file_that_asks():
    folder = os.path.dirname(__file__)  # noqa: PTH120
    assert resource_loader.get_data_files_path() == folder
    assert resource_loader.get_path_to_datafile("x.txt") == os.path.join(folder, "x.txt")  # noqa: PTH118
    assert resource_loader.readahead_file_path("x.txt") == "x.txt"


def test_names_of_files_are_looked_up_once(tmp_path, mode):
    for name in ("b.txt", "a.txt", "c.png"):
        (tmp_path / name).touch()
    with gm.Graph().as_default(), gm.Session(mode=mode) as sess:
        names = gm.train.match_filenames_once(str(tmp_path / "*.txt"))
        assert names in gm.local_variables() and names not in gm.global_variables()
        assert names.dtype.base_dtype == gm.string
        sess.run(gm.local_variables_initializer())
        (tmp_path / "d.txt").touch()
        expected = [str(tmp_path / name).encode() for name in ("a.txt", "b.txt")]
        assert sess.run(names).tolist() == expected


def test_resources_are_made_by_one_operation(mode):
    resources = gm.python.ops.resources
    with gm.Graph().as_default(), gm.Session(mode=mode) as sess:
        sess.run(resources.initialize_resources(resources.shared_resources()))
        v = gm.Variable(1, trainable=False, collections=[])
        made = gm.is_variable_initialized(v)
        resources.register_resource(v.op, v.initializer, made)
        resources.register_resource(v.op, v.initializer, made, is_shared=False)
        assert resources.local_resources()[0].handle is v.op
        assert not sess.run(made)
        sess.run(resources.initialize_resources(resources.shared_resources(), name="make"))
        assert sess.run(made)
