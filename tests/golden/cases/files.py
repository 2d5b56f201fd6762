"""Files and folders: `tf.gfile`, `tf.io.gfile`, `file_io`, and the ops that read and write them."""

from importlib import import_module

from golden.case import case
from golden.cases.queues import outcome, texts
from golden.cases.readers import files

TEXT = "na\u00efve\nrose\r\n\nlast".encode()


def module(tf, name):
    package = tf.__name__.replace("tensorflow_core", "tensorflow").partition(".")[0]
    return import_module(package + "." + name)


def kinds(call):
    """What a call gives, or the class of its error and the first words of its text."""
    try:
        return call()
    except Exception as error:
        return type(error).__name__, (getattr(error, "message", "") or str(error)).split(":")[0]


@case
def reading(tf):
    result = {}
    with files(a=TEXT, empty=b"", bad=b"ok\n\xff"):
        open_file = tf.gfile.GFile
        result["whole"] = open_file("a").read()
        result["bytes"] = open_file("a", "rb").read()
        result["some"] = [open_file("a", "rb").read(n) for n in (0, 3, 99)]
        result["a cut letter"] = kinds(lambda: open_file("a").read(3))[0]
        result["no text"] = kinds(lambda: open_file("bad").read())[0]
        result["lines"] = open_file("a").readlines(), list(open_file("a", "rb"))
        result["empty"] = open_file("empty").read(), list(open_file("empty"))
        file = open_file("a", "rb")
        steps = [file.tell(), file.read(2), file.tell(), file.readline(), file.tell()]
        file.seek(1)
        steps += [file.readline(), file.tell()]
        file.seek(2, 1)
        steps += [file.tell()]
        file.seek(-4, 2)
        steps += [file.read(), file.read(), file.readline(), file.size(), file.seekable()]
        file.seek(position=3)
        steps += [file.tell(), next(file), file.next(), iter(file) is file, file.name, file.mode]
        file.close()
        result["steps"] = [*steps, file.read(1)]
        result["refused"] = [
            kinds(call)
            for call in (
                lambda: open_file("a").seek(99),
                lambda: open_file("a").seek(-1),
                lambda: open_file("a").seek(1, 7),
                lambda: open_file("a").seek(),
                lambda: open_file("a").seek(1, position=2),
                lambda: open_file("none").read(),
                lambda: open_file("none").size(),
                lambda: open_file(".").read(),
                lambda: open_file("").read(),
                lambda: open_file("a").write("x"),
                lambda: open_file("a", "rw"),
                lambda: open_file("a", "+r"),
                lambda: open_file("a", "U"),
                lambda: open_file("foo://b").read(),
            )
        ]
    return texts(result)


def written(tf, mode):
    """What the calls of one object give."""
    file = tf.gfile.Open("a", mode)
    calls = (
        lambda: file.tell(),
        lambda: file.write("XY"),
        lambda: file.flush(),
        lambda: file.tell(),
        lambda: file.read(),
        lambda: file.write(b"Z"),
        lambda: file.close(),
        lambda: tf.gfile.FastGFile("a").read(),
        lambda: file.write("again"),
        lambda: file.close(),
        lambda: tf.gfile.GFile("a", "rb").read(),
        lambda: file.write(5),
    )
    return [kinds(call) for call in calls]


@case
def writing(tf):
    result = {}
    for mode in ("w", "a", "r+", "w+", "a+", "wb", "ab"):
        with files(a=b"hello world"):
            result[mode] = written(tf, mode)
    with files():
        with tf.gfile.GFile("untouched", "w"):
            pass
        result["untouched"] = tf.gfile.Exists("untouched")
        result["refused"] = [
            kinds(lambda name=name: tf.gfile.GFile(name, "w").write("x")) for name in ("no/x", ".")
        ]
        result["no reading"] = kinds(lambda: tf.gfile.GFile("x", "w").read())
    return texts(result)


@case
def folders(tf):
    old, new = tf.gfile, tf.io.gfile
    result = {}
    with files(a=b"1", b=b"22"):
        seen = [kinds(lambda n=n: old.MkDir(n)) for n in ("d", "d", "p/q", "a/q", "")]
        seen += [kinds(lambda n=n: new.mkdir(n)) for n in ("d", "e")]
        seen += [kinds(lambda n=n: old.MakeDirs(n)) for n in ("m/n/o", "m/n/o", "m/n/")]
        result["made"] = seen
        for name in ("m/b2", "m/B1", "m/a10", "m/a9", "m/.hidden", "m/n/f1", "m/n/o/f2"):
            with old.GFile(name, "w") as file:
                file.write(name)
        names = ("a", "d", "none", "", "a/x", "m/", "m/n/o")
        result["exist"] = [(old.Exists(n), old.IsDirectory(n), new.isdir(n)) for n in names]
        result["names"] = sorted(old.ListDirectory("m")), sorted(new.listdir("m/n"))
        result["no names"] = [kinds(lambda n=n: old.ListDirectory(n)) for n in ("a", "none", "")]
        patterns = (
            "m/*", "m/a*", "m/?2", "m/[ab]*", "m/[!a]*", "m/*/f*", "m/*/*/*", "m/n/**/f2", "m/.*",
            "m/{a,b}*", "m/[a-b]*", "*", "m", "a", "./*", "no*", "m/n/o", "?",
        )  # fmt: skip
        result["patterns"] = [(p, sorted(old.Glob(p))) for p in patterns]
        result["lists"] = old.Glob(["m/b*", "m/.*", "m/b*"]), old.Glob([]), new.glob("m/b*")
        walks = {
            "walk": old.Walk("m"),
            "walk up": old.Walk("m", in_order=False),
            "new walk": new.walk("m", topdown=False),
            "no walk": old.Walk("no"),
        }
        for key, walk in walks.items():
            result[key] = [(top, sorted(below), sorted(rest)) for top, below, rest in walk]
        stats = [old.Stat("b"), new.stat("m")]
        result["stats"] = stats[0].length, [each.is_directory for each in stats]
        result["copies"] = [
            kinds(call)
            for call in (
                lambda: old.Copy("a", "c"),
                lambda: old.Copy("b", "c"),
                lambda: new.copy("b", "c", overwrite=True),
                lambda: old.GFile("c").read(),
                lambda: old.Copy("none", "x"),
                lambda: old.Copy("a", "none/x"),
                lambda: old.Copy("a", "m", overwrite=True),
                lambda: old.Rename("c", "r"),
                lambda: old.Rename("a", "r"),
                lambda: new.rename("a", "r", overwrite=True),
                lambda: (old.Exists("a"), old.GFile("r").read()),
                lambda: old.Rename("none", "x"),
                lambda: old.Rename("none", "r"),
                lambda: old.Rename("e", "e2"),
                lambda: old.Rename("r", "none/x"),
                lambda: old.Remove("r"),
                lambda: old.Remove("r"),
                lambda: new.remove("m"),
                lambda: old.DeleteRecursively("m/n"),
                lambda: (old.Exists("m/n"), old.Exists("m")),
                lambda: new.rmtree("m"),
                lambda: sorted(old.ListDirectory(".")),
            )
        ]
    return texts(result)


@case
def whole_files(tf):
    file_io = module(tf, "python.lib.io.file_io")
    result = {}
    with files(a=TEXT, b=TEXT[:-1] + b"?", c=b"x", d=TEXT):
        result["read"] = file_io.read_file_to_string("a"), file_io.read_file_to_string("a", True)
        file_io.write_string_to_file("w", "\u00ef")
        file_io.atomic_write_string_to_file("at", "one")
        file_io.atomic_write_string_to_file("at", b"two")
        result["atomic"] = kinds(lambda: file_io.atomic_write_string_to_file("at", "3", False))
        result["written"] = [file_io.read_file_to_string(name) for name in ("w", "at")]
        result["same"] = [file_io.filecmp("a", other) for other in "bcd"]
        result["crc"] = [file_io.file_crc32("a", block_size=n) for n in (1, 5, 99)]
        file = file_io.FileIO("a", mode="r")
        result["lines"] = file.readline(), file.readline(), file.tell()
        file_io.recursive_create_dir_v2("x/y")
        file_io.copy_v2("c", "x/y/c")
        result["there"] = file_io.list_directory_v2("x/y"), file_io.is_directory_v2("x")
        result["missing"] = [
            kinds(lambda: file_io.read_file_to_string("none")),
            kinds(lambda: file_io.filecmp("a", "none")),
            kinds(lambda: file_io.file_crc32("none")),
        ]
        file_io.delete_recursively("x")
        result["left"] = sorted(file_io.list_directory("."))
    return texts(result)


@case
def ops(tf):
    result = {}
    with files(a1=b"\0x", a2=b"", b=b"y"), tf.Session() as session:
        session.run(tf.write_file("new/folder/f", "written"))
        for key, made in (
            ("read", lambda: tf.read_file("a1")),
            ("written", lambda: tf.read_file("new/folder/f")),
            ("missing", lambda: tf.read_file("none")),
            ("folder", lambda: tf.read_file("new")),
            ("scheme", lambda: tf.read_file("foo://x")),
            ("over a folder", lambda: tf.write_file("new", "x")),
            ("matching", lambda: tf.matching_files(["b", "a*", "a?", "no*"])),
            ("below", lambda: tf.matching_files("new/*/f")),
        ):
            found = kinds(lambda made=made: session.run(made()))
            result[key] = found[0] if isinstance(found, tuple) else found
        data = tf.data.Dataset.list_files("a*", shuffle=False)
        get_next = data.make_one_shot_iterator().get_next()
        result["listed"] = [outcome(lambda: session.run(get_next)) for _ in range(2)]
        names = tf.train.match_filenames_once("a*")
        result["before"] = kinds(lambda: session.run(names))[0]
        session.run(tf.local_variables_initializer())
        result["once"] = outcome(lambda: session.run(names))
    return texts(result)
