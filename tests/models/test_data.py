"""Data as models take it: what each kind of file gives, what is said, what is refused."""

import gzip

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from tests.datasets import small

from graphmode.models.catalog import MODELS, CatalogEntry, Published
from graphmode.models.data.parts import DataError
from graphmode.models.data.reading import read_data, read_input
from graphmode.models.data.recipe import Recipe

LABELS, NUMBERS, PICTURES = MODELS["mlp"], MODELS["linear"], MODELS["cnn"]
TEXT, RATINGS, TREES, ROWS = (
    CatalogEntry(
        name=kind, class_name="", idea="", kind=kind, data="", measures=(), minutes=0,
        published=Published("", 0, ""), between_0_and_1=True,
    )
    for kind in ("text", "ratings", "trees", "rows")
)  # fmt: skip

FLOWERS = "size,name,stem\n" + "".join(f"{i / 2},{'ab'[i % 2]},{i * 3}\n" for i in range(20))


@pytest.fixture
def write(tmp_path):
    def written(name, content):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return written


# ---- tables --------------------------------------------------------------------------------------


def test_the_label_is_found_by_its_name_or_is_the_last_column(write):
    path = write("flowers.csv", FLOWERS.replace("name", "Class"))
    data = read_data(path, LABELS)
    assert (data.recipe.label, [c.name for c in data.recipe.columns]) == ("Class", ["size", "stem"])
    assert sorted({*data.train.y, *data.test.y}) == ["a", "b"]
    last = read_data(write("flowers.csv", FLOWERS), NUMBERS)
    assert last.said[:2] == [
        "label: stem, the last column (--label chooses another)",
        "text, a feature for each word: name (2)",
    ]
    chosen = read_data(write("flowers.csv", FLOWERS), LABELS, label="name", without=["size"])
    assert chosen.train.X.shape == (18, 1)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_columns_are_parted_by_what_parts_the_first_line(write, separator):
    path = write("flowers.tsv", FLOWERS.replace(",", separator))
    assert read_data(path, NUMBERS).train.X.shape == (18, 3)


def test_a_table_without_names(write):
    rows = "".join(f"{i},{i % 7},{i % 2}\n" for i in range(10))
    data = read_data(write("bare.csv", rows), LABELS)
    assert data.said[:2] == [
        "no line of names: columns are called column1, column2, ...",
        "label: column3, the last column (--label chooses another)",
    ]
    assert len(data.train) + len(data.test) == 10


def test_parquet_is_the_same_table(write, tmp_path):
    table = read_data(write("flowers.csv", FLOWERS), LABELS, label="name")
    pd.read_csv(tmp_path / "flowers.csv").to_parquet(tmp_path / "flowers.parquet")
    same = read_data(str(tmp_path / "flowers.parquet"), LABELS, label="name")
    np.testing.assert_array_equal(same.train.X, table.train.X)
    np.testing.assert_array_equal(same.train.y, table.train.y)


def test_numbers_are_scaled_by_what_is_trained_with_and_words_are_not(write):
    data = read_data(write("flowers.csv", FLOWERS), NUMBERS)
    np.testing.assert_allclose(data.train.X[:, 0].mean(), 0, atol=1e-6)
    np.testing.assert_allclose(data.train.X[:, 0].std(), 1, rtol=1e-5)
    assert set(np.unique(data.train.X[:, 1:])) == {0, 1}
    assert data.train.X[:, 0].max() != pytest.approx(data.test.X[:, 0].max())
    unit = read_data(write("flowers.csv", FLOWERS), ROWS)
    assert (unit.train.X.min(), unit.train.X.max()) == (0, 1)


def test_a_recipe_reads_later_files_as_the_first(write):
    data = read_data(write("flowers.csv", FLOWERS), LABELS, label="name", seed=3)
    recipe = Recipe.from_json(data.recipe.to_json())
    assert recipe == data.recipe
    header, *rows = FLOWERS.splitlines()
    swapped = "\n".join(",".join(line.split(",")[::-1]) for line in [header, *rows])
    part, _ = read_input(write("later.csv", swapped), recipe)
    np.testing.assert_array_equal(np.sort(part.y[:4]), ["a", "a", "b", "b"])
    both = np.concatenate([data.train.X, data.test.X])
    np.testing.assert_allclose(np.sort(part.X[:, 0]), np.sort(both[:, 0]))


def test_pixels_in_columns_are_pictures(write):
    rng = np.random.default_rng(0)
    header = ",".join(["label", *(f"pixel{i}" for i in range(64))])
    rows = [",".join(map(str, [i % 2, *rng.integers(0, 256, 64)])) for i in range(20)]
    data = read_data(write("digits.csv", "\n".join([header, *rows])), PICTURES)
    assert data.train.X.shape == (18, 8, 8, 1) and data.train.X.max() <= 1
    assert data.said[0] == "rows of 64 numbers are taken for pictures 8 x 8"


# ---- arrays and pictures -------------------------------------------------------------------------


def test_arrays_by_name(tmp_path):
    X, y = np.arange(60.0).reshape(20, 3), np.arange(20) % 2
    np.savez(tmp_path / "a.npz", X=X, y=y)
    np.savez(tmp_path / "b.npz", x_train=X, y_train=np.eye(2)[y], x_test=X[:5], y_test=y[:5])
    a, b = (read_data(str(tmp_path / name), LABELS) for name in ("a.npz", "b.npz"))
    assert (len(a.train), len(a.test), len(b.train), len(b.test)) == (18, 2, 20, 5)
    np.testing.assert_array_equal(b.train.y, y)
    np.save(tmp_path / "c.npy", X / 60)
    assert read_data(str(tmp_path / "c.npy"), ROWS).train.y is None


def test_idx_files_find_each_other(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (12, 4, 6)).astype(np.uint8)
    labels = (np.arange(12) % 3).astype(np.uint8)
    for name, array in (("images-idx3", images), ("labels-idx1", labels)):
        (tmp_path / f"train-{name}-ubyte.gz").write_bytes(gzip.compress(small.idx(array)))
        (tmp_path / f"t10k-{name}-ubyte").write_bytes(small.idx(array[:5]))
    for source in (tmp_path, tmp_path / "train-images-idx3-ubyte.gz"):
        data = read_data(str(source), LABELS)
        assert (data.train.X.shape, data.test.X.shape) == ((12, 24), (5, 24))
        assert data.recipe.image_shape == [4, 6, 1]
        np.testing.assert_allclose(data.train.X, images.reshape(12, -1) / np.float32(255))
        np.testing.assert_array_equal(data.test.y, labels[:5])


def test_a_folder_of_pictures_by_class(tmp_path):
    for i in range(12):
        size = (9, 7) if i == 5 else (6, 8)
        folder = tmp_path / "shots" / ("cat" if i % 2 else "dog")
        folder.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", size, (i, 0, 255)).save(folder / f"{i}.png")
    data = read_data(str(tmp_path / "shots"), PICTURES)
    assert data.train.X.shape == (11, 8, 6, 3)
    assert data.said[:2] == [
        "classes: cat, dog, the folders",
        "1 of 12 pictures resized to 6 x 8",
    ]
    Image.new("L", (3, 3), 51).save(tmp_path / "one.png")
    part, said = read_input(str(tmp_path / "one.png"), data.recipe)
    assert (part.names, said) == (["one.png"], ["the picture of 3 x 3 resized to 6 x 8"])
    np.testing.assert_allclose(part.X, np.full((1, 8, 6, 3), 0.2), rtol=1e-6)
    assert read_input(str(tmp_path / "shots"), data.recipe)[1] == [
        "1 of 12 pictures resized to 6 x 8"
    ]  # its folders are no news


def test_arrays_of_pictures_of_another_size_are_resized(tmp_path):
    big = read_data("digits", PICTURES)
    np.save(tmp_path / "tall.npy", np.full((2, 16, 12), 8, np.float32))
    part, said = read_input(str(tmp_path / "tall.npy"), big.recipe)
    assert said == ["2 pictures resized from 12 x 16 to 8 x 8"]
    np.testing.assert_allclose(part.X, np.full((2, 8, 8, 1), 0.5))


# ---- texts, trees, ratings -----------------------------------------------------------------------


def test_the_last_tenth_of_a_text_is_set_aside(write, tmp_path):
    data = read_data(write("books/a.txt", "x" * 80 + "\r\n" + "x" * 19), TEXT)
    assert (data.train.X, data.test.X) == ("x" * 80 + "\n" + "x" * 9, "x" * 10)
    write("books/b.txt", "z" * 99)
    both = read_data(str(tmp_path / "books"), TEXT)
    assert (len(both.train.X), both.test.X) == (180, "z" * 20)
    odd = read_data(write("odd.txt", "x" * 90 + "xyxzxyxxxx"), TEXT)
    assert odd.test.X == "xxxxxxx"
    assert odd.said[1] == "left out of it, as it is only there: 'y' 'z'"


def test_trees_are_lines(write):
    trees = ["(3 (2 not) (4 bad))"] * 9 + ["(1 worse)"]
    data = read_data(write("trees.txt", "\n".join(trees)), TREES)
    assert (len(data.train), len(data.test)) == (9, 1)
    with pytest.raises(DataError, match=r"trees.txt, line 2: no tree such as"):
        read_data(write("trees.txt", "(1 a)\n(1 (2 b)\n"), TREES)


@pytest.mark.parametrize(
    "name, content, said",
    [
        ("u.data", "7\t3\t5\t88\n8\t3\t1\t99\n", None),
        ("ratings.dat", "7::3::5::88\n8::3::1::99\n", None),
        (
            "ratings.csv",
            "userId,movieId,rating,timestamp\n7,3,5.0,88\n8,3,1.0,99\n",
            "userId is the user, movieId is the item, rating is the rating",
        ),
        (
            "mine.csv",
            "stars;who;film\n5;7;3\n1;8;3\n",
            "who is the user, film is the item, stars is the rating",
        ),
    ],
)
def test_ratings_of_every_origin(write, name, content, said):
    data = read_data(write(name, content), RATINGS)
    rows = np.concatenate([data.train.X, data.test.X])
    ratings = np.concatenate([data.train.y, data.test.y])
    assert sorted(zip(*rows.T.tolist(), ratings.tolist(), strict=True)) == [(7, 3, 5), (8, 3, 1)]
    assert data.said[:-1] == ([said] if said else [])


# ---- what cannot be used -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content, text",
    [
        ("", "bad.csv is empty, or its first line is"),
        ("a,b\n", "bad.csv is empty"),
        (
            "a,b\n1,2\n3,\n4,5\n",
            "bad.csv: 'b' is empty in line 3: fill it in, or leave the rows out",
        ),
        ("a,b\n1,2\n,2\n,5\n1,6\n", "bad.csv: 'a' is empty in line 3 and 1 more: fill it in"),
        ("a,b\n1,2\ninf,2\n", "bad.csv: a value is infinite in line 3"),
        ("a,b\n1,2\n1,2,3\n", "bad.csv, line 3: 3 columns, where there were 2 before"),
        ("a\n1\n2\n", "bad.csv has one column: features and a label are two"),
        ("a,b\n1,cold\n2,hot\n", "bad.csv: 'b' is 'cold', which is no number: --label chooses"),
        ("a,b\n1,2\n", "bad.csv has one row: that is nothing to learn from"),
        (b"a,b\n1,\xff\n", "bad.csv is no utf-8 text: byte "),
        (b"PK\0\0", "bad.csv is no table: it holds bytes that are no text"),
        (
            "a,b\n" + "".join(f"word{i},{i}\n" for i in range(60)),
            "bad.csv: 'a' is text, 60 different ones ('word0', 'word1', ...), which is no feature: "
            "--without a",
        ),
    ],
)
def test_tables_that_are_none(write, content, text):
    with pytest.raises(DataError) as raised:
        read_data(write("bad.csv", content), NUMBERS)
    assert str(raised.value).startswith(text)


def test_arrays_that_are_none(tmp_path, write):
    def refusal(**arrays):
        np.savez(tmp_path / "a.npz", **arrays)
        with pytest.raises(DataError) as raised:
            read_data(str(tmp_path / "a.npz"), LABELS)
        return str(raised.value)

    X, y = np.zeros((6, 2)), np.arange(6) % 2
    assert refusal(z=X) == "a.npz has no X: it has z"
    assert refusal(X=X) == "a.npz has no labels: put them beside X as y"
    assert refusal(X=X, y=y[:4]) == "a.npz: X has 6 rows, y 4"
    assert refusal(X=X[:0], y=y[:0]) == "a.npz has no rows"
    assert refusal(X=X.astype(str), y=y) == "a.npz: X holds <U32, not numbers"
    X[4, 1] = X[2, 0] = np.nan
    assert refusal(X=X, y=y) == "a.npz: a value is not a number in row 3 and 1 more"
    with pytest.raises(DataError, match=r"b.npz is no npz file of arrays: "):
        read_data(write("b.npz", "text"), LABELS)
    with pytest.raises(DataError, match=r"c.doc: what is in it\? Known are csv, tsv, parquet"):
        read_data(write("c.doc", "text"), LABELS)
    with pytest.raises(DataError, match=r"d.png is no picture that can be read: "):
        read_data(write("d.png", "text"), LABELS)


def test_rows_of_another_width(write, tmp_path):
    recipe = read_data("digits", LABELS).recipe
    np.save(tmp_path / "a.npy", np.zeros((3, 60)))
    with pytest.raises(DataError, match=r"a.npy has 60 numbers a row; the model takes 64"):
        read_input(str(tmp_path / "a.npy"), recipe)
    table = read_data(write("flowers.csv", FLOWERS), LABELS, label="name").recipe
    with pytest.raises(DataError, match=r"b.csv has no column stem; it has size, name"):
        read_input(write("b.csv", "size,name\n1,a\n"), table)
    with pytest.raises(DataError, match=r"c.csv: 'stem' is 'long', which is no number"):
        read_input(write("c.csv", "size,stem\n1,long\n"), table)
    with pytest.raises(DataError, match=r"my.csv has 3 numbers a row, which are no picture"):
        read_data(write("my.csv", FLOWERS), PICTURES)


@pytest.mark.parametrize(
    "content, text",
    [
        ("user,item\n1,2\n", "r.csv has the columns user, item: user, item and rating are needed"),
        ("user,item,rating\n1,2,good\n", "r.csv: ratings are 'good', which is no number"),
        ("user,item,rating\n1,2,3\n1,3,\n", "r.csv, line 3: the rating is not a number"),
    ],
)
def test_ratings_that_are_none(write, content, text):
    with pytest.raises(DataError) as raised:
        read_data(write("r.csv", content), RATINGS)
    assert str(raised.value) == text


def test_text_that_is_none(write):
    with pytest.raises(DataError, match=r"a.txt, line 2: no utf-8 text \(byte 0xff\)"):
        read_data(write("a.txt", b"fine\nbad \xff\n"), TEXT)
    with pytest.raises(DataError, match=r"a.txt is empty"):
        read_data(write("a.txt", "\n"), TEXT)
