"use strict";

// ---- making elements ----------------------------------------------------------------------------

function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, "");
    else if (value !== false && value != null) made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

const percent = (share) => `${(100 * share).toFixed(share > 0.9995 || share < 0.0005 ? 0 : 1)} %`;
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const rgb = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));
const darkness = matchMedia("(prefers-color-scheme: dark)");

// ---- asking the server --------------------------------------------------------------------------

/** The token of this tab, which no other address is sent; it is forgotten when the tab is closed. */
const token = {
  read() { try { return sessionStorage.getItem("token"); } catch { return this.here ?? null; } },
  keep(text) { this.here = text; try { sessionStorage.setItem("token", text); } catch { /* kept here */ } },
};

async function send(path, body, options = {}) {
  const headers = { ...options.headers };
  const known = token.read();
  // A header holds bytes: those of the token as UTF-8.
  if (known) headers.authorization = `Bearer ${String.fromCharCode(...new TextEncoder().encode(known))}`;
  const posted = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
  const answer = await fetch(path, { ...posted, ...options, headers });
  if (answer.ok) return answer;
  if (answer.status === 401) unlock("That is not the token of this server.");
  const found = await answer.json().catch(() => ({}));
  throw new Error(found.error ?? answer.statusText);
}

const ask = async (path, body) => (await send(path, body)).json();

const address = (name) => `/v1/models/${encodeURIComponent(name)}`;
const own = (name, rest) => `/pages/models/${encodeURIComponent(name)}/${rest}`;

/** Calls `work(value)` one at a time; while one runs, only the newest value waits. */
function newest(work) {
  let running = false;
  let waiting = null;
  return async function next(value) {
    waiting = { value };
    if (running) return;
    running = true;
    while (waiting) {
      const { value: now } = waiting;
      waiting = null;
      await work(now);
    }
    running = false;
  };
}

// ---- a pad to draw on ---------------------------------------------------------------------------

const STEP = 0.04;
const PEN = 0.075;

class Pad {
  /** `changed(done)` is called with each piece of a stroke, and with true at its end. */
  constructor(changed) {
    this.strokes = [];
    this.changed = changed;
    this.at = [0.5, 0.5];
    this.isDown = false;
    this.byKeys = false;
    this.n = 0;
    this.canvas = el("canvas", {
      width: 592, height: 592, tabindex: 0, role: "application", "aria-describedby": "keys",
      "aria-label": "Drawing area",
    });
    this.hint = el("p", { "aria-hidden": "true" }, "draw a digit");
    this.element = el("div", { class: "pad" }, this.canvas, this.hint);
    const on = (name, handle) => this.canvas.addEventListener(name, handle);
    on("pointerdown", (event) => this.begin(event));
    on("pointermove", (event) => this.move(event));
    for (const name of ["pointerup", "pointercancel"]) on(name, () => this.end());
    on("keydown", (event) => this.key(event));
    on("focus", () => this.draw());
    on("blur", () => { this.byKeys = false; if (this.isDown) this.end(); this.draw(); });
  }

  place(event) {
    const box = this.canvas.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  }

  begin(event) {
    if (event.button > 0) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.byKeys = false;
    this.isDown = true;
    this.strokes.push([this.place(event)]);
    this.told(false);
  }

  move(event) {
    if (!this.isDown || this.byKeys) return;
    const all = event.getCoalescedEvents?.() ?? [];
    this.strokes.at(-1).push(...(all.length ? all : [event]).map((one) => this.place(one)));
    this.told(false);
  }

  end() {
    if (!this.isDown) return;
    this.isDown = false;
    this.told(true);
  }

  key(event) {
    const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
    const way = ways[event.key];
    const size = event.shiftKey ? STEP / 4 : STEP;
    if (way) {
      this.at = this.at.map((value, i) => Math.min(1, Math.max(0, value + size * way[i])));
      if (this.isDown) this.strokes.at(-1).push([...this.at]);
    } else if (event.key === " ") {
      this.isDown = !this.isDown;
      if (this.isDown) this.strokes.push([[...this.at]]);
    } else if (event.key === "Backspace") {
      this.isDown = false;
      this.strokes.pop();
    } else if (event.key === "Escape" || event.key === "Delete") {
      this.clear();
    } else return;
    event.preventDefault();
    this.byKeys = true;
    this.told(!this.isDown);
  }

  clear() {
    this.strokes = [];
    this.isDown = false;
    this.told(true);
  }

  told(done) {
    this.n += 1;
    this.canvas.dataset.changes = this.n;
    this.draw();
    this.changed(done);
  }

  draw() {
    const context = this.canvas.getContext("2d");
    const size = this.canvas.width;
    context.clearRect(0, 0, size, size);
    this.hint.hidden = this.strokes.length > 0;
    trace(context, this.strokes, (point) => point.map((value) => value * size), PEN * size, colour("--ink"));
    if (this.byKeys) {
      context.beginPath();
      context.arc(this.at[0] * size, this.at[1] * size, PEN * size * 0.7, 0, 7);
      context.lineWidth = 3;
      context.strokeStyle = context.fillStyle = colour("--accent");
      context.stroke();
      if (this.isDown) context.fill();
    }
  }
}

function trace(context, strokes, place, width, style) {
  context.lineWidth = width;
  context.lineCap = context.lineJoin = "round";
  context.strokeStyle = style;
  for (const stroke of strokes) {
    context.beginPath();
    context.moveTo(...place(stroke[0]));
    if (stroke.length === 1) context.lineTo(...place(stroke[0]).map((value) => value + 0.01));
    for (const point of stroke.slice(1)) context.lineTo(...place(point));
    context.stroke();
  }
}

const FINE = 8;
const rasters = new Map();

/**
 * Strokes as MNIST has digits: in a box of 20 / 28 of the side, in their proportions, the centre of
 * mass in the middle, each pixel the share of it that ink covers. Null if nothing is drawn.
 */
function picture(strokes, side) {
  const points = strokes.flat();
  if (!points.length) return null;
  const pen = (2.5 * side) / 28;
  const low = [0, 1].map((axis) => Math.min(...points.map((point) => point[axis])));
  const high = [0, 1].map((axis) => Math.max(...points.map((point) => point[axis])));
  const span = Math.max(high[0] - low[0], high[1] - low[1]);
  const scale = Math.min(((side * 20) / 28 - pen) / Math.max(span, 1e-6), side * 1.5);
  const middle = low.map((value, axis) => (value + high[axis]) / 2);
  let shift = [0, 0];
  let values = null;
  for (let round = 0; round < 2; round += 1) {
    values = covered(strokes, (point) => point.map(
      (value, axis) => FINE * ((value - middle[axis]) * scale + side / 2 + shift[axis])), pen, side);
    shift = [side / 2, side / 2].map((half, axis) => half - mass(values, side)[axis]);
  }
  return values;
}

function covered(strokes, place, pen, side) {
  if (!rasters.has(side)) {
    const canvas = el("canvas", { width: side * FINE, height: side * FINE });
    rasters.set(side, canvas.getContext("2d", { willReadFrequently: true }));
  }
  const context = rasters.get(side);
  const size = side * FINE;
  context.clearRect(0, 0, size, size);
  trace(context, strokes, place, pen * FINE, "#000");
  const ink = context.getImageData(0, 0, size, size).data;
  const values = new Float32Array(side * side);
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) {
      const pixel = Math.floor(y / FINE) * side + Math.floor(x / FINE);
      values[pixel] += ink[4 * (y * size + x) + 3] / (255 * FINE * FINE);
    }
  }
  return values;
}

function mass(values, side) {
  let [x, y, total] = [0, 0, 1e-9];
  values.forEach((value, i) => {
    x += value * ((i % side) + 0.5);
    y += value * (Math.floor(i / side) + 0.5);
    total += value;
  });
  return [x / total, y / total];
}

// ---- pictures of numbers ------------------------------------------------------------------------

/** Draws rows of values from 0 to 1, paper to ink. */
function paint(canvas, values, width, height, zoom) {
  canvas.width = width;
  canvas.height = height;
  canvas.style.width = `${width * zoom}px`;
  const [paper, ink] = [rgb(colour("--sheet")), rgb(colour("--ink"))];
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  for (let i = 0; i < width * height; i += 1) {
    const value = values[i];
    for (let c = 0; c < 3; c += 1) {
      image.data[4 * i + c] = Number.isNaN(value) ? (paper[c] + rgb(colour("--line"))[c]) / 2
        : paper[c] + (ink[c] - paper[c]) * Math.min(1, Math.max(0, value));
    }
    image.data[4 * i + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}

/** A layer's answer as one picture: maps side by side, or units in rows. */
function paintLayer(canvas, layer) {
  const bytes = Uint8Array.from(atob(layer.values), (letter) => letter.charCodeAt(0));
  if (layer.shape.length === 3) {
    const [height, width, maps] = layer.shape;
    const zoom = width > 20 ? 2 : width > 10 ? 3 : 4;
    const rows = Math.ceil(maps / Math.max(1, Math.floor(500 / (zoom * (width + 1)))));
    const columns = Math.ceil(maps / rows);
    const whole = [columns * (width + 1) - 1, rows * (height + 1) - 1];
    const values = new Float32Array(whole[0] * whole[1]).fill(NaN);
    for (let map = 0; map < maps; map += 1) {
      const [left, top] = [(map % columns) * (width + 1), Math.floor(map / columns) * (height + 1)];
      for (let y = 0; y < height; y += 1) {
        for (let x = 0; x < width; x += 1) {
          values[(top + y) * whole[0] + left + x] = bytes[(y * width + x) * maps + map] / 255;
        }
      }
    }
    paint(canvas, values, ...whole, zoom);
    return;
  }
  const n = bytes.length;
  const columns = Math.min(n, n > 512 ? 64 : 32);
  const rows = Math.ceil(n / columns);
  const values = new Float32Array(columns * rows).fill(NaN);
  bytes.forEach((value, i) => { values[i] = value / 255; });
  paint(canvas, values, columns, rows, n > 512 ? 7 : n > 128 ? 10 : 14);
}

// ---- views --------------------------------------------------------------------------------------

function padWithKeys(pad) {
  return el("div", {},
    pad.element,
    el("div", { class: "row" },
      el("button", { type: "button", id: "clear", onclick: () => { pad.clear(); pad.canvas.focus(); } }, "Clear")),
    el("p", { class: "keys small quiet", id: "keys" },
      "By keyboard: ", el("kbd", {}, "arrows"), " move, ", el("kbd", {}, "space"), " lowers and lifts the pen, ",
      el("kbd", {}, "backspace"), " takes a stroke back, ", el("kbd", {}, "esc"), " clears."));
}

function pictures(model) {
  const answer = el("p", { class: "answer", id: "answer", role: "status" });
  const bars = el("ol", { class: "bars", id: "bars", "aria-label": "Probability of each class" });
  const rows = model.classes.map((label) => {
    const bar = el("i");
    const share = el("span", { class: "share" }, "–");
    const row = el("li", {}, el("span", {}, label), el("span", { class: "bar" }, bar), share);
    bars.append(row);
    return { row, bar, share };
  });
  const layers = el("div", { class: "layers", id: "layers" });
  const seen = el("section", { hidden: true }, el("h2", {}, "What it sees, layer by layer"), layers);
  const figures = [];
  let last = null;

  function figure(i) {
    if (!figures[i]) {
      const canvas = el("canvas", { role: "img" });
      const caption = el("figcaption");
      figures[i] = { canvas, caption };
      layers.append(el("figure", {}, canvas, caption));
    }
    return figures[i];
  }

  function show(found) {
    last = found;
    seen.hidden = !found;
    const most = found ? found.probabilities.indexOf(Math.max(...found.probabilities)) : -1;
    rows.forEach(({ row, bar, share }, i) => {
      const value = found ? found.probabilities[i] : 0;
      row.classList.toggle("most", i === most);
      bar.style.transform = `scaleX(${value})`;
      share.textContent = found ? percent(value) : "–";
    });
    if (!found) return;
    const first = figure(0);
    paint(first.canvas, found.image, model.side, model.side, Math.max(2, Math.round(112 / model.side)));
    first.canvas.setAttribute("aria-label", "The drawing as the network gets it");
    first.caption.textContent = `input · ${model.side} × ${model.side}`;
    found.layers.forEach((layer, i) => {
      const { canvas, caption } = figure(i + 1);
      paintLayer(canvas, layer);
      canvas.setAttribute("aria-label", `Activations of ${layer.name}`);
      caption.textContent = `${layer.name} · ${layer.shape.join(" × ")}`;
    });
  }

  const look = newest(async ({ values, isDone, n }) => {
    try {
      const found = values && { ...await ask(own(model.name, "look"), { image: Array.from(values, (v) => +v.toFixed(4)) }), image: values };
      show(found);
      if (!found) answer.textContent = "";
      else if (isDone) {
        const share = Math.max(...found.probabilities);
        answer.replaceChildren(el("strong", {}, model.classes[found.probabilities.indexOf(share)]), ` by ${percent(share)}`);
      }
    } catch (error) {
      answer.textContent = error.message;
    }
    answer.dataset.changes = n;  // of the drawing that this is the answer to
  });
  const pad = new Pad((isDone) => look({ values: picture(pad.strokes, model.side), isDone, n: pad.n }));
  watchColours(() => { pad.draw(); show(last); });
  return [
    el("div", { class: "columns" }, padWithKeys(pad), el("section", {}, answer, bars)),
    seen,
  ];
}

function text(model) {
  const prompt = el("textarea", { id: "prompt", spellcheck: "false" });
  prompt.value = model.prompt;
  const shown = el("output", { for: "temperature" }, "0.7");
  const temperature = el("input", {
    type: "range", id: "temperature", min: 0, max: 1.5, step: 0.05, value: 0.7,
    oninput: () => { shown.textContent = Number(temperature.value).toFixed(2); },
  });
  shown.textContent = "0.70";
  const length = el("input", { type: "number", id: "length", min: 1, max: 2000, value: model.length });
  const made = el("p", { class: "text", id: "text", tabindex: 0, "aria-label": "The text", "aria-live": "off" });
  const note = el("p", { class: "small quiet", id: "note", role: "status" });
  const button = el("button", { type: "submit", class: "main", id: "generate" }, "Write on");
  let stop = null;

  async function generate() {
    stop = new AbortController();
    button.textContent = "Stop";
    note.textContent = "Writing …";
    made.replaceChildren(el("span", { class: "given" }, prompt.value));
    const started = performance.now();
    let n = 0;
    try {
      const body = {
        prompt: prompt.value, temperature: Number(temperature.value), length: Number(length.value), stream: true,
      };
      const answer = await send(`${address(model.name)}:generate`, body,
        { headers: { accept: "application/x-ndjson" }, signal: stop.signal });
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      let rest = "";
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        const lines = (rest + part.value).split("\n");
        rest = lines.pop();
        for (const line of lines.filter(Boolean)) {
          const piece = JSON.parse(line);
          if (piece.error) throw new Error(piece.error);
          if (piece.text) { made.append(piece.text); n += 1; }
        }
      }
      note.textContent = `${n} pieces in ${((performance.now() - started) / 1000).toFixed(1)} s`;
    } catch (error) {
      note.textContent = error.name === "AbortError" ? "Stopped." : error.message;
    }
    button.textContent = "Write on";
    stop = null;
  }

  const form = el("form", {
    onsubmit: (event) => { event.preventDefault(); if (stop) stop.abort(); else generate(); },
  },
    el("div", { class: "field" }, el("label", { for: "prompt" }, "How it begins"), prompt),
    el("div", { class: "field" }, shown, el("label", { for: "temperature" }, "Temperature: more is bolder"), temperature),
    el("div", { class: "field" }, el("label", { for: "length" }, `How long, in ${model.unit}`), length),
    button);
  return [el("div", { class: "columns" }, form, el("section", {}, made, note))];
}

function ratings(model) {
  const given = new Map();
  const search = el("input", { type: "search", id: "search", autocomplete: "off", oninput: () => find(search.value) });
  const found = el("ul", { class: "films", id: "found" });
  const mine = el("ul", { class: "films", id: "mine" });
  const best = el("ol", { class: "films", id: "best" });
  const note = el("p", { class: "small quiet", id: "note", role: "status" });
  let n = 0;

  function stars(film) {
    n += 1;
    const name = `stars${n}`;
    const set = el("fieldset", { class: "stars" }, el("legend", {}, `Rating of ${film.title}`));
    for (const value of model.levels) {
      const id = `${name}-${value}`;
      set.append(
        el("input", {
          type: "radio", name, id, value, "data-item": film.item, onchange: () => rate(film, value),
          checked: given.get(film.item)?.rating === value,
        }),
        el("label", { for: id, title: `${value} of ${model.levels.at(-1)}` }, el("span", { class: "hidden" }, `${value}`)));
    }
    return set;
  }

  /** The stars of a film in both lists; who is at some of them stays there. */
  function mark(item, rating) {
    for (const input of document.querySelectorAll(".stars input")) {
      if (input.dataset.item === String(item)) input.checked = Number(input.value) === rating;
    }
  }

  function rate(film, rating) {
    const isNew = !given.has(film.item);
    given.set(film.item, { ...film, rating });
    if (isNew) mine.append(rated(film));
    mark(film.item, rating);
    mineHead.hidden = false;
    recommend();
  }

  function rated(film) {
    const row = el("li", {}, el("span", {}, film.title), el("span", {}, stars(film), el("button", {
      type: "button", class: "unrate", "aria-label": `Take back the rating of ${film.title}`, onclick: takeBack,
    }, "take back")));
    function takeBack() {
      given.delete(film.item);
      mark(film.item, null);
      const next = (row.nextElementSibling ?? row.previousElementSibling)?.querySelector("button") ?? search;
      row.remove();
      mineHead.hidden = given.size === 0;
      next.focus();
      recommend();
    }
    return row;
  }

  const find = newest(async (query) => {
    const { items } = await ask(own(model.name, `items?q=${encodeURIComponent(query)}`));
    found.replaceChildren(...items.map((film) => el("li", {}, el("span", {}, film.title), stars(film))));
    if (!items.length) found.replaceChildren(el("li", { class: "quiet" }, "Nothing of that name."));
  });

  const recommend = newest(async () => {
    if (!given.size) {
      best.replaceChildren();
      note.textContent = "Rate a few, and this list fills.";
      return;
    }
    try {
      const body = { ratings: Object.fromEntries([...given.values()].map((film) => [film.item, film.rating])), n: 12 };
      const { recommendations } = await ask(`${address(model.name)}:recommend`, body);
      best.replaceChildren(...recommendations.map((film) => el("li", {},
        el("span", {}, film.title), el("span", { class: "share" }, percent(film.score)))));
      note.textContent = `From ${given.size} rating${given.size > 1 ? "s" : ""}; the number is how likely it is that you choose it and like it.`;
    } catch (error) {
      note.textContent = error.message;
    }
  });

  const mineHead = el("section", { hidden: true }, el("h2", {}, "Your ratings"), mine);
  find("");
  recommend();
  return [el("div", { class: "columns halves" },
    el("div", {},
      el("section", {}, el("div", { class: "field" }, el("label", { for: "search" }, "Find a title"), search), found),
      mineHead),
    el("section", {}, el("h2", {}, "For you"), note, best))];
}

function restored(model) {
  const zoom = Math.max(3, Math.round(224 / model.side));
  const canvases = ["damaged", "restored"].map((id) => el("canvas", { id, role: "img" }));
  const [before, after] = canvases;
  before.setAttribute("aria-label", "The damaged picture");
  after.setAttribute("aria-label", "What the network makes of it");
  const note = el("p", { class: "small quiet", id: "note", role: "status" }, "Draw something; it is damaged, and the network gives back what it takes it for.");
  const kind = el("select", { id: "kind", onchange: () => again() },
    ...[["noise", "grains"], ["half", "lower part hidden"], ["stripes", "stripes hidden"], ["none", "nothing"]]
      .map(([value, title]) => el("option", { value }, title)));
  const shown = el("output", { for: "amount" }, "30 %");
  const amount = el("input", {
    type: "range", id: "amount", min: 0, max: 100, value: 30,
    oninput: () => { shown.textContent = `${amount.value} %`; again(); },
  });
  let last = null;

  /** The picture with its damage, and which pixels are hidden. */
  function damage(values) {
    let state = 7;
    const random = () => { state = (state * 1103515245 + 12345) % 2147483648; return state / 2147483648; };
    const share = amount.value / 100;
    const row = (i) => Math.floor(i / model.side);
    const hidden = Array.from(values, (_, i) => {
      if (kind.value === "half") return row(i) >= model.side * (1 - share);
      return kind.value === "stripes" && row(i) % 8 < 8 * share;
    });
    const damaged = values.map((value, i) => {
      const [grain, light] = [random(), random()];
      if (kind.value === "noise" && grain < share) return light;
      return hidden[i] ? 0 : value;
    });
    return { damaged, hidden };
  }

  function show() {
    if (!last) return;
    paint(before, last.damaged, model.side, model.side, zoom);
    paint(after, last.restored, model.side, model.side, zoom);
  }

  const look = newest(async (values) => {
    if (!values) { last = null; pair.hidden = true; return; }
    try {
      const { damaged, hidden } = damage(values);
      const body = { image: Array.from(damaged, (v) => +v.toFixed(4)), hidden };
      const answer = await ask(own(model.name, "restore"), body);
      last = { damaged, restored: answer.image };
      pair.hidden = false;
      show();
      note.textContent = `The two differ by ${answer.error.toFixed(3)} a pixel on average.`;
    } catch (error) {
      note.textContent = error.message;
    }
  });
  const pad = new Pad(() => again());
  const again = () => look(picture(pad.strokes, model.side));
  const pair = el("div", { class: "pair", hidden: true },
    el("figure", {}, before, el("figcaption", {}, "damaged")),
    el("figure", {}, after, el("figcaption", {}, "as the network gives it back")));
  watchColours(() => { pad.draw(); show(); });
  return [el("div", { class: "columns" },
    el("div", {}, padWithKeys(pad),
      el("div", { class: "field apart" }, el("label", { for: "kind" }, "Damage"), kind),
      el("div", { class: "field" }, shown, el("label", { for: "amount" }, "How much"), amount)),
    el("section", {}, pair, note))];
}

function signatures(model) {
  const rows = model.signatures.flatMap((one) => [...one.inputs.map((spec) => [one.name, "takes", ...spec]), ...one.outputs.map((spec) => [one.name, "gives", ...spec])]);
  const proof = token.read() ? "-H 'Authorization: Bearer TOKEN' " : "";
  const command = `curl ${proof}-d '${model.example.replaceAll("'", "'\\''")}' ${location.origin}${address(model.name)}:predict`;
  return [
    el("div", { class: "scroll" }, el("table", {},
      el("thead", {}, el("tr", {}, ...["signature", "", "name", "dtype", "shape"].map((title) => el("th", { scope: "col" }, title || el("span", { class: "hidden" }, "way"))))),
      el("tbody", {}, ...rows.map((row) => el("tr", {}, ...row.map((cell) => el("td", {}, cell))))))),
    ...(model.example ? [el("h2", { class: "ask" }, "Ask it"), el("pre", { class: "code", tabindex: 0 }, command)] : []),
  ];
}

const VIEWS = { pictures, text, ratings, restored, signatures };

// ---- the page -----------------------------------------------------------------------------------

let repaint = () => {};
const watchColours = (work) => { repaint = work; };
darkness.addEventListener("change", () => repaint());

function graphOf(model) {
  const image = el("img", { alt: `The graph of ${model.name}: operations as boxes, name scopes around them` });
  const note = el("p", { class: "small quiet", role: "status" });
  async function load() {
    if (image.src) return;
    note.textContent = "Drawing it …";
    try {
      image.src = URL.createObjectURL(await (await send(own(model.name, "graph.svg"))).blob());
      note.textContent = "";
    } catch (error) {
      note.textContent = error.message;
    }
  }
  const details = el("details", { id: "graph", ontoggle: () => { if (details.open) load(); } },
    el("summary", {}, "The graph"), note, image);
  return details;
}

/** Asks for the token of the server in the place of the models. */
function unlock(complaint = "") {
  const input = el("input", { type: "password", id: "token", autocomplete: "current-password", required: true });
  document.title = "graphmode";
  document.getElementById("models").replaceChildren();
  document.getElementById("main").replaceChildren(
    el("h1", {}, "This server has a token"),
    el("p", { class: "idea" }, "Whoever started it knows it: --token, or GRAPHMODE_TOKEN. It is kept in this tab until you close it."),
    el("form", { class: "narrow", onsubmit: (event) => { event.preventDefault(); token.keep(input.value.trim()); begin(); } },
      el("p", { class: "error", role: "alert" }, complaint),
      el("input", { hidden: true, autocomplete: "username", value: location.host }),  // what passwords are kept by
      el("div", { class: "field" }, el("label", { for: "token" }, "Token"), input),
      el("button", { type: "submit", class: "main" }, "Go on")));
  input.focus();
}

let models = [];

/** The name that is written in an address; what nobody could have encoded names nothing. */
function named(text) {
  try { return decodeURIComponent(text); } catch { return ""; }
}

function show() {
  if (!models.length) return;
  const name = named(location.hash.replace(/^#\/?/, ""));
  const model = models.find((one) => one.name === name) ?? (models.length === 1 ? models[0] : null);
  const main = document.getElementById("main");
  watchColours(() => {});
  document.getElementById("models").replaceChildren(...models.map((one) => el("li", {},
    el("a", { href: `#/${encodeURIComponent(one.name)}`, "aria-current": one === model ? "page" : null }, one.name))));
  if (!model) {
    document.title = "graphmode";
    main.replaceChildren(el("h1", {}, "Models"), el("ul", { class: "list" }, ...models.map((one) => el("li", {},
      el("a", { href: `#/${encodeURIComponent(one.name)}` }, one.name),
      el("p", { class: "quiet" }, one.idea, one.error ? el("span", { class: "error" }, ` ${one.error}`) : "")))));
    return;
  }
  document.title = `${model.name} – graphmode`;
  main.replaceChildren(
    el("h1", {}, model.name), el("p", { class: "idea" }, model.idea),
    ...(model.error ? [el("p", { class: "error" }, model.error)] : VIEWS[model.view](model)),
    ...(model.graph ? [graphOf(model)] : []));
}

async function begin() {
  const given = /^#token=(.+)$/.exec(location.hash);
  if (given) {
    token.keep(named(given[1]));
    history.replaceState(null, "", location.pathname);  // nobody reads it over a shoulder, or in the history
  }
  if ("locked" in document.body.dataset && !token.read()) { unlock(); return; }
  try {
    ({ models } = await ask("/pages/models"));
    show();
  } catch (error) {
    const main = document.getElementById("main");
    if (!main.querySelector("#token")) main.replaceChildren(el("p", { class: "error", role: "alert" }, error.message));
  }
}

let last = location.href;

addEventListener("hashchange", () => {
  if (location.hash.startsWith("#token=")) begin();
  else if (location.hash === "#main") history.replaceState(null, "", last);  // the way past the header
  else if (models.length) { last = location.href; show(); document.getElementById("main").focus(); }
});
begin();
