"""The page in a browser: digits are drawn and named, text streams, films are rated."""

import contextlib
import re
import shutil
import socket
import threading
import time
from pathlib import Path
from urllib.parse import quote

import numpy as np
import pytest
from tests.serve.conftest import HALF_PLUS_TWO, Client
from tests.serve.digits import DIGITS

import graphmode as tf
from graphmode import models
from graphmode.datasets import mnist
from graphmode.serve import Settings, app
from graphmode.serve.pages import routes
from graphmode.serve.pages.subjects import GRAPHS

sync_api = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
expect = sync_api.expect
expect.set_options(timeout=60_000)

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """One model of each kind, as good as it has to be."""
    folder = tmp_path_factory.mktemp("models")
    try:
        digits = mnist.load()
    except OSError as error:
        pytest.skip(f"no MNIST: {str(error).splitlines()[0]}")
    X = digits.train_images[:8000].reshape(-1, 784) / 255.0
    classifier = models.MLPClassifier(hidden=(48,), max_iter=4, random_state=0)
    classifier.fit(X, digits.train_labels[:8000]).save(folder / "digits")
    rbm = models.BernoulliRBM(n_components=24, max_iter=1, random_state=0)
    rbm.fit(X[:2000]).save(folder / "rbm")
    text = models.CharLanguageModel(
        n_hidden=16, n_layers=1, seq_length=10, batch_size=8, max_iter=25, learning_rate=0.03,
        random_state=0,
    )  # fmt: skip
    text.fit("abcd " * 200).save(folder / "letters")
    pairs = np.stack([np.repeat(np.arange(40), 20), np.tile(np.arange(20), 40)], 1)
    pairs = pairs[np.random.default_rng(0).random(len(pairs)) < 0.6]
    films = models.RBMRecommender(n_hidden=8, max_iter=20, random_state=0)  # even and odd tastes
    films.fit(pairs, np.where(pairs.sum(1) % 2, 1, 5)).save(folder / "films")
    names = ("digits", "rbm", "letters", "films")
    return {**{name: folder / name for name in names}, "half": HALF_PLUS_TWO}


@contextlib.contextmanager
def listening(folders, **settings):
    """Give the address of a server in a thread."""
    uvicorn = pytest.importorskip("uvicorn")
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    application = app(folders, routes=routes(), settings=Settings(**settings))
    server = uvicorn.Server(uvicorn.Config(application, log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(30)
        listener.close()


@pytest.fixture(scope="module")
def browser():
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine")
    with sync_api.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@contextlib.contextmanager
def visited(browser, address):
    """Give a page; closing it fails if the browser has complained."""
    complaints = []
    opened = browser.new_page(base_url=address, viewport={"width": 1100, "height": 900})
    opened.set_default_timeout(60_000)
    opened.on("console", lambda said: complaints.append(f"{said.type}: {said.text}"))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    opened.close()
    assert not complaints


@pytest.fixture(scope="module")
def page(folders, browser):
    with listening(folders) as address, visited(browser, address) as opened:
        yield opened


def shown(page, name):
    page.goto(f"/#/{name}")
    page.get_by_role("heading", name=name, level=1).wait_for()


def draw(page, strokes):
    box = page.locator("canvas").first.bounding_box()

    def place(x, y):
        return box["x"] + x * box["width"], box["y"] + y * box["height"]

    for first, *rest in strokes:
        page.mouse.move(*place(*first))
        page.mouse.down()
        for point in rest:
            page.mouse.move(*place(*point))
        page.mouse.up()


def test_drawn_digits_are_named(page):
    shown(page, "digits")
    named = []
    for strokes in DIGITS.values():
        page.locator("#clear").click()
        expect(page.locator("#answer")).to_be_empty()
        draw(page, strokes)
        changes = page.locator("canvas").first.get_attribute("data-changes")
        expect(page.locator("#answer")).to_have_attribute("data-changes", changes)
        named.append(page.locator("#answer").inner_text()[0])
    right = [str(digit) == name for digit, name in zip(DIGITS, named, strict=True)]
    assert sum(right) >= 9, named
    assert page.locator("#bars .most").count() == 1
    captions = page.locator("#layers figcaption").all_inner_texts()
    assert captions[0] == "input · 28 × 28" and captions[1].endswith("relu · 48")


def test_a_digit_by_keyboard(page):
    shown(page, "digits")
    page.locator("#clear").click()
    pad = page.get_by_role("application", name="Drawing area")
    pad.focus()
    expect(page.locator("#answer")).to_be_empty()
    for key in ["ArrowUp"] * 6 + [" "] + ["ArrowDown"] * 12 + [" "]:
        pad.press(key)
    expect(page.locator("#answer")).to_contain_text("1 by")
    pad.press("Backspace")
    expect(page.locator("#answer")).to_be_empty()


def test_text_streams(page):
    shown(page, "letters")
    page.get_by_label("How it begins").fill("ab")
    page.get_by_label("Temperature").fill("0")
    page.get_by_label("How long").fill("40")
    page.get_by_role("button", name="Write on").click()
    expect(page.locator("#note")).to_contain_text("40 pieces in ")
    assert page.locator("#text").inner_text() == ("abcd " * 9)[:42]


def test_ratings_change_what_is_recommended(page):
    shown(page, "films")
    found = page.locator("#found li")
    found.first.wait_for()
    page.get_by_label("Find a title").fill("1")
    expect(found.filter(has_not_text="1")).to_have_count(0)
    found.first.get_by_title("5 of 5").click()
    page.locator("#best li").first.wait_for()
    first = page.locator("#best").inner_text()
    found.nth(2).get_by_title("5 of 5").click()
    expect(page.locator("#note")).to_contain_text("From 2 ratings")
    expect(page.locator("#best")).not_to_have_text(first, use_inner_text=True)
    assert page.locator("#mine li").count() == 2
    mine = page.locator("#mine li")
    stars = mine.last.get_by_role("radio", name="5")
    stars.focus()
    stars.press("ArrowLeft")  # the levels are 1 and 5, from left to right
    expect(mine.last.get_by_role("radio", name="1")).to_be_focused()
    expect(found.nth(2).get_by_role("radio", name="1")).to_be_checked()
    page.get_by_role("button", name="Take back").first.press("Enter")
    expect(page.get_by_role("button", name="Take back")).to_be_focused()
    page.get_by_role("button", name="Take back").press("Enter")
    expect(page.get_by_label("Find a title")).to_be_focused()
    expect(page.locator("#best li")).to_have_count(0)
    expect(page.locator(".stars input:checked")).to_have_count(0)


def test_a_damaged_picture_comes_back(page):
    shown(page, "rbm")
    draw(page, DIGITS[0])
    page.locator("#restored").wait_for()
    page.get_by_label("Damage", exact=True).select_option("half")
    expect(page.locator("#note")).to_contain_text("differ by")
    assert page.locator("#restored").evaluate("canvas => [canvas.width, canvas.height]") == [28, 28]


def test_other_models_say_what_they_take(page):
    shown(page, "half")
    assert page.locator("table").inner_text().count("serving_default") == 2
    command = page.locator("pre.code").inner_text()
    body, address = re.fullmatch(r"curl -d '(.*)' (\S+)", command).groups()
    assert page.request.post(address, data=body).json() == {"predictions": [[2.5]]}
    page.locator(".brand a").focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Enter")  # past the header, to the same model
    page.keyboard.press("Tab")
    expect(page.locator("pre.code")).to_be_focused()
    expect(page.get_by_role("heading", name="half", level=1)).to_be_visible()
    page.set_viewport_size({"width": 320, "height": 600})
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    page.set_viewport_size({"width": 1100, "height": 900})
    page.goto("/#/%")  # what no name can be
    page.goto("/")
    names = ["digits", "rbm", "letters", "films", "half"]
    expect(page.locator(".list a")).to_have_text(names)  # waits until the script has listed them


def test_a_page_behind_a_token(folders, browser):
    secret = "sësame & co"
    letters = {"letters": folders["letters"]}
    with listening(letters, token=secret, warm_up=False) as address:
        with visited(browser, address) as page:
            page.goto("/")
            page.get_by_label("Token").fill(secret)
            page.get_by_role("button", name="Go on").press("Enter")
            page.get_by_label("How it begins").fill("ab")
            page.get_by_role("button", name="Write on").click()
            expect(page.locator("#note")).to_contain_text("pieces in ")
            page.reload()
            page.get_by_text("The graph").click()
            if GRAPHS:
                graph = page.locator("#graph img")
                expect(graph).to_have_attribute("src", re.compile("^blob:"))
                decoded = "async img => { await img.decode(); return img.naturalWidth; }"
                assert graph.evaluate(decoded) > 100
            else:
                expect(page.locator("#graph")).to_contain_text("graphmode[plots]")
        with visited(browser, address) as page:
            page.goto(f"/#token={quote(secret)}")
            expect(page.get_by_role("heading", name="letters", level=1)).to_be_visible()
            assert page.url == f"{address}/"  # the token is neither there nor in the history
            assert page.evaluate("document.cookie") == ""
        wrong = browser.new_page(base_url=address)
        wrong.goto("/#token=wrong")
        expect(wrong.get_by_role("alert")).to_have_text("That is not the token of this server.")
        expect(wrong.get_by_label("Token")).to_be_focused()
        wrong.close()
    with contextlib.closing(
        Client(app(letters, routes=routes(), settings=Settings(token=secret, warm_up=False)))
    ) as client:
        paths = ["/", "/pages/page.js", "/pages/models", "/openapi.json", "/metrics"]
        statuses = [client.get(path).status_code for path in paths]
        assert statuses == [200, 200, 401, 401, 401]
        assert b"letters" not in client.get("/").content


def test_what_the_page_asks_and_is_refused(folders):
    client = Client(app({name: folders[name] for name in ("digits", "half")}, routes=routes()))
    with contextlib.closing(client):
        answer = client.get("/")
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "unsafe" not in policy
        assert b"http" not in answer.content.replace(b"http-equiv", b"")
        look = "/pages/models/digits/look"
        status, found = client.post(look, {"image": [0.0] * 784})
        assert status == 200 and abs(sum(found["probabilities"]) - 1) < 1e-4
        for body, text in (
            ("{", 'a picture is {"image"'), ({"image": 3}, 'a picture is {"image"'),
            ({"image": [1.0]}, "has 784 values"), ({"image": [["a"]]}, "list of numbers"),
            ({"image": [float("nan")] * 784}, "no NaN"),
        ):  # fmt: skip
            status, error = client.error(look, body)
            assert status == 400 and text in error
        for path, status, text in (
            ("/pages/models/digits/restore", 400, "gives no pictures back"),
            ("/pages/models/half/look", 400, "tells no classes"),
            ("/pages/models/none/look", 404, "not found"),
        ):
            assert client.error(path, {"image": [0.0] * 784})[0] == status
            assert text in client.error(path, {"image": [0.0] * 784})[1]
        assert client.get("/pages/models/digits/items").status_code == 400


def test_a_saved_model_that_gives_no_numbers(tmp_path):
    with tf.Session() as session:
        x = tf.placeholder(tf.float32, [None, 8, 8, 1])
        logits = tf.layers.dense(tf.layers.flatten(tf.nn.relu(x)), 3)
        session.run(tf.global_variables_initializer())
        outputs = {"y": tf.log(-1.0 - tf.square(logits))}
        tf.saved_model.simple_save(session, str(tmp_path / "m"), {"x": x}, outputs)
        tf.saved_model.simple_save(session, str(tmp_path / "n"), {"x": x}, {"logits": logits})
    models = {"m": tmp_path / "m", "n": tmp_path / "n"}
    with contextlib.closing(Client(app(models, routes=routes()))) as client:
        body = {"image": [0.5] * 64}
        status, error = client.error("/pages/models/m/look", body)
        assert status == 412 and "no number" in error
        status, found = client.post("/pages/models/n/look", body)
        assert status == 200 and abs(sum(found["probabilities"]) - 1) < 1e-4
        assert [layer["shape"] for layer in found["layers"]] == [[8, 8, 1]]


def test_the_files_are_in_the_package():
    folder = Path(models.__file__).parents[1] / "serve" / "pages"
    assert {"index.html", "page.css", "page.js"} <= {file.name for file in folder.iterdir()}
