// Draws the playground: controls, maps, curves and the gain. The engine (playground_engine.js) stands before this text, so that both
// are one module without imports. What may be set comes from playground_setting.py, by way of the model.

// ---- small tools -----------------------------------------------------------------------------------------------------
function node(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children);
  return made;
}
const html = (tag, attributes = {}, ...children) => node(document.createElement(tag), attributes, children);
const svg = (tag, attributes = {}, ...children) => node(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
const clamp = (v, low, high) => Math.min(Math.max(v, low), high);
const minus = (text) => text.replace("-", "−");
const number = (v) => (Number.isFinite(v) ? minus(String(+v.toPrecision(3))) : "–");
const percent = (v) => (Number.isFinite(v) ? `${v > 0.0005 ? "+" : ""}${minus((100 * v).toFixed(0))}%` : "–");
const ROLES = ["main", "other", "third"], TASKS = ["A", "B", "C"];
const STUDENT = 2.0395;                                // 97.5% of a t distribution with 31 degrees of freedom

// ---- settings and addresses: as Setting.from_url reads them ----------------------------------------------------------
const PREFIX = "play.", NUMBER = /^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]{1,4})?$/i;
const shown = (text) => (Array.from(text).length <= 24 ? text : `${Array.from(text).slice(0, 24).join("")}…`);
const startOf = (spec) => Object.fromEntries(spec.knobs.map((knob) => [knob.name, knob.start]));

function nearest(text, { values, whole }, fallback) {
  if (typeof values[0] === "string") return values.includes(text) ? [text, true] : [fallback, false];
  if (!NUMBER.test(text)) return [fallback, false];
  const asked = Number(text), inside = clamp(asked, values[0], values.at(-1));
  const value = whole ? Math.floor(inside + 0.5) : values.reduce((best, one) => (Math.abs(one - inside) < Math.abs(best - inside) ? one : best));
  return [value, value === asked];
}

function settingFrom(query, spec) {                    // [a legal setting, what was changed]
  const asked = new Map(), changed = [];
  for (const [name, text] of new URLSearchParams(query))
    if (name.startsWith(PREFIX) && !asked.has(name.slice(PREFIX.length))) asked.set(name.slice(PREFIX.length), text);
  const setting = startOf(spec), wanted = asked.get("preset"), preset = spec.presets.find(({ name }) => name === wanted);
  asked.delete("preset");
  if (wanted !== undefined && !preset) changed.push(`There is no preset ${shown(wanted)}.`);
  Object.assign(setting, preset?.setting);
  for (const [name, text] of asked) {
    const knob = spec.knobs.find((one) => one.name === name);
    if (!knob) {
      changed.push(`There is no setting ${shown(name)}.`);
      continue;
    }
    const [value, legal] = nearest(text, knob, setting[name]);
    setting[name] = value;
    if (!legal) changed.push(`${knob.label} can’t be ${shown(text)}: it is ${value} now.`);
  }
  return [setting, changed];
}

const queryOf = (setting, spec) =>
  spec.knobs.filter(({ name, start }) => setting[name] !== start || name === "seed").map(({ name }) => `${PREFIX}${name}=${setting[name]}`).join("&");
const used = (knob, setting) => !knob.when || setting[knob.when[0]] === knob.when[1];

function pythonOf(s) {                                 // a script that trains the same nets
  const each = (value, other) => `(${Array.from({ length: s.tasks }, (_, t) => (t === 1 ? value : other)).join(", ")})`;
  const net = { separate: "SingleTask", trunk: "HardSharing", soft: "SoftSharing", stitch: "CrossStitch", conditioned: "TaskConditioned" }[s.net];
  const data = [`"${s.pattern}"`, s.samples, s.tasks > 2 && `n_tasks=${s.tasks}`, `relatedness=${s.relatedness}`, `noise=${s.noise}`,
    s.labelled < 1 && `labelled=${each(s.labelled, 1)}`, s.pattern === "waves" && s.unit !== 1 && `units=${each(s.unit, 1)}`, "seed=seed"].filter(Boolean);
  const cut = Math.min(4, data.length - 1), gap = `,\n${" ".repeat(s.shuffled ? 24 : 23)}`, call = [data.slice(0, cut), data.slice(cut)].map((part) => part.join(", ")).join(gap);
  const form = ["2", s.layers > 1 ? `(${Array(s.layers).fill(s.units).join(", ")})` : s.units, s.tasks, s.activation === "tanh" && "activation=nn.Tanh",
    s.net === "soft" && `strength=${s.strength}`].filter(Boolean).join(", ");
  const method = s.method === "pcgrad" ? "PCGrad()" : s.method === "uncertainty"
    ? `UncertaintyWeighting(${s.pattern === "waves" ? "" : `("binary",) * ${s.tasks}`})` : s.weight !== 1 && `FixedWeighting(${each(s.weight, 1)})`;
  const sgd = s.optimizer === "sgd", read = s.stop ? "best" : "last", made = `plane_tasks(${call})`;
  return [
    `from torch import float64${s.activation === "tanh" ? ", nn" : ""}`,
    method && `from mtl_tutor.balancing import ${method.split("(")[0]}`,
    `from mtl_tutor.sharing import ${[...new Set([net, "SingleTask"])].sort().join(", ")}`,
    `from mtl_tutor.tasks import plane_tasks${s.shuffled ? ", shuffled_labels" : ""}`,
    `from mtl_tutor.training import ${sgd ? "SGD, " : ""}train`,
    "",
    "def data(seed):",
    `    ${s.shuffled ? "table =" : "return"} ${made}`,
    s.shuffled > 0 && "    return shuffled_labels(table, [1], seed=seed)",
    "",
    `net = ${net}(${form}).double()`,
    `how = dict(seeds=${s.seed ? `range(${s.seed}, ${s.seed + 32})` : 32}, steps=${s.steps}, lr=${s.lr}, ${sgd ? "optimizer=SGD(), " : ""}dtype=float64)`,
    `joint = train(net, data, ${method ? `${method}, ` : ""}**how)`,
    "alone = train(SingleTask.like(net).double(), data, **how)",
    `saved = 1 - joint.${read}().mean(axis=0) / alone.${read}().mean(axis=0)`,
    "print(saved.round(2))  # share of each task's single-task error",
  ].filter((line) => line !== false).join("\n");
}

// ---- training, in a worker where there is one -------------------------------------------------------------------------
class Trainer {
  constructor(heard) {                                 // heard(measurement, or null at the end)
    this.heard = heard;
    this.ticket = 0;
    try {
      const address = URL.createObjectURL(new Blob([`(${engine})().work(self)`], { type: "text/javascript" }));
      this.worker = new Worker(address);
      this.worker.onmessage = ({ data: { ticket, found } }) => ticket === this.ticket && this.heard(found);
      this.worker.onerror = (event) => {
        event.preventDefault();
        this.alone();
      };
    } catch {
      this.worker = null;
    }
  }
  alone() {                                            // no worker: on this thread, a little at a time
    this.worker?.terminate();
    this.worker = null;
    if (this.setting) this.begin(this.setting);
  }
  begin(setting) {
    this.setting = setting;
    this.ticket++;
    if (this.worker) this.worker.postMessage({ ticket: this.ticket, setting });
    else {
      this.run = new (engine().Run)(setting);
      this.slice(this.ticket);
    }
  }
  more() {
    if (this.worker) this.worker.postMessage({ ticket: this.ticket });
    else this.slice(this.ticket);
  }
  slice(ticket) {
    setTimeout(() => {
      if (ticket !== this.ticket) return;
      let found;
      for (const end = performance.now() + 8; found === undefined && performance.now() < end; ) found = this.run.part();
      if (found === undefined) this.slice(ticket);
      else this.heard(found);
    });
  }
  end() {
    this.ticket++;
    this.worker?.terminate();
  }
}

// ---- what 32 seeds say -------------------------------------------------------------------------------------------------
function summaryOf(measured, { tasks, stop }, memory) {          // of one measurement; memory holds each net's lowest validation loss
  const n = measured.joint.length / (3 * tasks), judged = {}, band = {};
  for (const which of ["joint", "alone"]) {
    const low = (memory[which] ??= new Float64Array(n * tasks).fill(Infinity)), kept = (memory[`${which}Kept`] ??= new Float64Array(n * tasks).fill(NaN));
    measured[which].forEach((_, i) => {
      if (i % 3) return;
      const [validation, test] = measured[which].slice(i + 1, i + 3), at = i / 3;
      if (!stop || validation < low[at]) [low[at], kept[at]] = [validation, test];
    });
    judged[which] = kept.slice();
    band[which] = Array.from({ length: tasks }, (_, t) => {
      const values = Array.from({ length: n }, (_, k) => measured[which][3 * (k * tasks + t) + 2]).sort((a, b) => a - b);
      return { low: values[Math.round(0.1 * (n - 1))], middle: values[n >> 1], high: values[Math.round(0.9 * (n - 1))] };
    });
  }
  const gains = Array.from({ length: tasks }, (_, t) => gainOf(judged, t, tasks, n));
  const mean = (k) => {
    const values = Array.from({ length: n }, (_, i) => measured.cosine[2 * i + k]).filter(Number.isFinite);
    return values.length ? values.reduce((a, b) => a + b, 0) / values.length : NaN;
  };
  return { step: measured.step, judged, band, gains, cosine: [mean(0), mean(1)] };
}

function gainOf({ joint, alone }, t, tasks, n) {       // share of the single-task error saved, its interval, and how many single runs mislead
  const a = Array.from({ length: n }, (_, k) => alone[k * tasks + t]), b = Array.from({ length: n }, (_, k) => joint[k * tasks + t]);
  const mean = (values) => values.reduce((x, y) => x + y, 0) / n, ratio = mean(b) / mean(a);
  const spread = Math.sqrt(mean(b.map((v, k) => ((v - ratio * a[k]) / mean(a)) ** 2)) / (n - 1));
  const misled = a.filter((v, k) => (v - b[k]) * (1 - ratio) < 0).length;     // to be equal says nothing
  return { gain: 1 - ratio, low: 1 - ratio - STUDENT * spread, high: 1 - ratio + STUDENT * spread, misled, n };
}

// ---- drawing -----------------------------------------------------------------------------------------------------------
const HEIGHT = 1.15 * Math.SQRT2;                      // the answer of a wave that has full colour
const GRID = 30;                                       // points along each side of a map
const PLACES = (() => {
  const x = new Float64Array(2 * GRID * GRID);
  for (let j = 0; j < GRID; j++) for (let i = 0; i < GRID; i++) {
    x[j * GRID + i] = (2 * (i + 0.5)) / GRID - 1;
    x[GRID * GRID + j * GRID + i] = 1 - (2 * (j + 0.5)) / GRID;
  }
  return x;
})();

function shadesOf(colour) {                            // 256 shades of a colour, from faint to full, as pixels of a picture
  const [r, g, b] = [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16)), bytes = new Uint8ClampedArray(4 * 256);
  for (let v = 0; v < 256; v++) bytes.set([r, g, b, 10 + (225 * v) / 255], 4 * v);
  return new Uint32Array(bytes.buffer);
}

function paint(canvas, shade, shades) {                // shade: place -> 0 to 1; a pixel per place, the browser enlarges it
  canvas.context ??= canvas.getContext("2d");
  canvas.image ??= canvas.context.createImageData(GRID, GRID);
  canvas.pixels ??= new Uint32Array(canvas.image.data.buffer);
  for (let i = 0; i < GRID * GRID; i++) canvas.pixels[i] = shades[Math.round(255 * clamp(shade(i), 0, 1))];
  canvas.context.putImageData(canvas.image, 0, 0);
}

function scatter(canvas, shade, shades, points) {      // a map under points [x, y, 0 to 1, ink, paper]
  const small = (canvas.small ??= Object.assign(document.createElement("canvas"), { width: GRID, height: GRID })), to = canvas.getContext("2d"), size = canvas.width;
  paint(small, shade, shades);
  to.clearRect(0, 0, size, size);
  to.drawImage(small, 0, 0, size, size);
  for (const [x, y, value, ink, paper] of points) {
    to.beginPath();
    to.arc(((x + 1) / 2) * size, ((1 - y) / 2) * size, size / 44, 0, 7);
    to.fillStyle = value > 0.5 ? ink : paper;
    to.strokeStyle = value > 0.5 ? paper : ink;
    to.lineWidth = size / 110;
    to.fill();
    to.stroke();
  }
}

// The end of an axis that shows `high`: its number and its half are short.
function axisEnd(high) {
  const power = 10 ** Math.floor(Math.log10(high));
  return [1, 1.2, 1.4, 1.6, 1.8, 2, 2.4, 3, 4, 5, 6, 8, 10].find((f) => f * power >= high) * power;
}

function chart({ width, height, x, y, ylabel, lines, bands, zero }) {         // x, y: [low, high]; bands: roles; lines: {role, thin}
  const box = { left: 42, right: 8, top: 22, bottom: 22 };
  const X = (v) => box.left + ((v - x[0]) / (x[1] - x[0] || 1)) * (width - box.left - box.right);
  const Y = (v) => height - box.bottom - ((clamp(v, ...y) - y[0]) / (y[1] - y[0] || 1)) * (height - box.top - box.bottom);
  const sheet = svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, "aria-hidden": "true" });
  for (const v of [y[0], (y[0] + y[1]) / 2, y[1]])
    sheet.append(svg("path", { class: "mtl-grid", d: `M${box.left} ${Y(v)}H${width - box.right}` }), svg("text", { class: "mtl-y", x: box.left - 6, y: Y(v) + 4, "text-anchor": "end" }, number(v)));
  for (const v of [x[0], x[1]]) sheet.append(svg("text", { class: "mtl-x", x: X(v), y: height - 6, "text-anchor": v === x[0] ? "start" : "end" }, v === x[0] ? `${v}` : `${v} updates`));
  sheet.append(svg("text", { class: "mtl-ylabel", x: 0, y: 13 }, ylabel));
  if (zero) sheet.append(svg("path", { class: "mtl-reference", d: `M${box.left} ${Y(0)}H${width - box.right}` }));
  const areas = bands.map((role) => svg("path", { class: "mtl-band", style: `color:var(--mtl-${role})` }));
  const paths = lines.map(({ role, thin }) => svg("path", { class: thin ? "mtl-thin" : "mtl-line", style: `color:var(--mtl-${role});--dash:${thin ? "none" : `var(--mtl-${role}-dash)`}` }));
  const now = svg("path", { class: "mtl-now" });
  sheet.append(...areas, ...paths, now);
  const route = (points) => points.filter((p) => Number.isFinite(p[1])).map(([a, b], i) => `${i ? "L" : "M"}${X(a).toFixed(1)} ${Y(b).toFixed(1)}`).join("");
  return { sheet, show(at, edges, values) {            // edges: [low, high] of each band; values: points of each line
    areas.forEach((area, i) => area.setAttribute("d", edges[i][0].length > 1 ? `${route([...edges[i][0], ...[...edges[i][1]].reverse()])}Z` : ""));
    paths.forEach((path, i) => path.setAttribute("d", route(values[i])));
    now.setAttribute("d", `M${X(at)} ${box.top}V${height - box.bottom}`);
  } };
}

function gainRow(t, width) {                           // a dot and its interval on an axis from -100% to +100%, and in words
  const X = (v) => clamp(((clamp(v, -1.02, 1.02) + 1) / 2) * (width - 20) + 10, 2, width - 2), style = `color:var(--mtl-${ROLES[t]})`;
  const bar = svg("rect", { class: "mtl-band", style, y: 5, height: 12 }), dot = svg("circle", { class: "mtl-dot", style, cy: 11, r: 6 });
  const sheet = svg("svg", { viewBox: `0 0 ${width} 22`, width, height: 22, "aria-hidden": "true" }, svg("path", { class: "mtl-reference", d: `M${X(0)} 0V22` }), bar, dot);
  const words = ["value", "quiet", "misled"].map((name) => html("span", { class: `mtl-${name}` }));
  return { row: html("div", { class: "mtl-gain" }, html("b", { style }, TASKS[t]), sheet, ...words), show({ gain, low, high, misled, n }) {
    const known = Number.isFinite(gain + low + high);
    for (const mark of [bar, dot]) mark.setAttribute("visibility", known ? "visible" : "hidden");
    if (known) {
      bar.setAttribute("x", X(low));
      bar.setAttribute("width", X(high) - X(low));
      dot.setAttribute("cx", X(gain));
    }
    [percent(gain), `${percent(low)} to ${percent(high)}`, `a single run would mislead ${misled} of ${n} times`].forEach((text, i) => write(words[i], text));
  } };
}

function write(element, text) {                        // only what differs, since a browser lays a text out again
  if (element.textContent !== text) element.textContent = text;
}

// ---- controls ----------------------------------------------------------------------------------------------------------
function control(knob, id, changed) {
  const text = (v) => knob.words?.[v] ?? (knob.percent ? `${Math.round(100 * v)}%` : knob.times ? `× ${v}` : String(v));
  const label = html("label", { for: id }, knob.label);
  if (knob.switch) {
    const input = html("input", { type: "checkbox", id, onchange: () => changed(+input.checked) });
    return { row: html("div", { class: "mtl-row" }, label, input), text: (v) => (v ? knob.label : ""), show: (v) => (input.checked = v > 0) };
  }
  if (knob.whole) {
    const input = html("input", { type: "number", id, min: knob.values[0], max: knob.values.at(-1), step: 1,
      onchange: () => changed(nearest(input.value, knob, knob.start)[0]) });
    return { row: html("div", { class: "mtl-row" }, label, input), text: (v) => `seeds ${v} to ${v + 31}`, show: (v) => (input.value = v) };
  }
  if (typeof knob.values[0] === "string") {
    const input = html("select", { id, onchange: () => changed(input.value) }, ...knob.values.map((v) => html("option", { value: v }, text(v))));
    return { row: html("div", { class: "mtl-row" }, label, input), text, show: (v) => (input.value = v) };
  }
  const input = html("input", { type: "range", id, min: 0, max: knob.values.length - 1, step: 1, oninput: () => changed(knob.values[+input.value]) });
  const output = html("output", { for: id, "aria-live": "off" });
  return { row: html("div", { class: "mtl-row" }, label, input, output), text: (v) => `${knob.label} ${text(v)}`, show(v) {
    input.value = knob.values.indexOf(v);
    output.textContent = text(v);
    input.setAttribute("aria-valuetext", text(v));
  } };
}

// ---- the widget --------------------------------------------------------------------------------------------------------
async function render({ model, el }) {
  try {
    return start({ model, el });
  } catch (error) {
    el.replaceChildren(html("p", { class: "mtl-trouble", role: "alert" }, `The playground did not start (${error.message}). Load the page again.`));
  }
}

function start({ model, el }) {
  const spec = model.get("spec"), isPage = el.classList.contains("mtl-host"), E = engine(), id = `mtl-${Math.random().toString(36).slice(2)}`;
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  let setting = { ...startOf(spec), ...model.get("setting") }, changed = [];
  if (isPage && location.search.includes(PREFIX)) [setting, changed] = settingFrom(location.search, spec);
  let measured = [], summaries = [], memory = {}, over = false, waiting = false;          // of the present setting
  let at = 0, seen = 0, playing = false, visible = true, toEnd = false, frame = 0, clock = 0, speech = 0, samples = null, nets = null;
  let undrawn = [], whole = true, style = null, charts = null, rows = null;               // what is to be drawn, and with what

  // -- what stands where
  const notes = html("p", { class: "mtl-notes", role: "status" });
  const presets = html("div", { class: "mtl-choice", role: "group", "aria-label": "Presets" }, ...spec.presets.map((preset) =>
    html("button", { type: "button", "data-preset": preset.name, "aria-pressed": "false", onclick: () => choose(preset) }, preset.title)));
  const lesson = html("p", { class: "mtl-lesson" });
  const play = html("button", { type: "button", class: "mtl-go", "aria-pressed": "false", onclick: toggle }, "Play");
  const step = html("button", { type: "button", onclick: () => (pause(), go(at + 1)) }, "Step");
  const again = html("button", { type: "button", onclick: () => (pause(), go(0)) }, "To the start");
  const scrub = html("input", { type: "range", id: `${id}-at`, min: 0, max: 1, step: 1, oninput: () => (pause(), go(+scrub.value)) });
  const now = html("output", { for: `${id}-at`, "aria-live": "off" });
  const which = html("input", { type: "range", id: `${id}-which`, min: 0, max: E.N_SEEDS - 1, step: 1, value: 0, oninput: () => ((seen = +which.value), (samples = null), later()) });
  const whose = html("output", { for: `${id}-which`, "aria-live": "off" });
  const spoken = html("p", { class: "mtl-spoken", "aria-live": "polite" });
  const places = Object.fromEntries(["gains", "maps", "units", "curves", "angle"].map((name) => [name, html("div", { class: `mtl-${name}` })]));
  const groups = [...new Set(spec.knobs.map((knob) => knob.group))], controls = new Map();
  const folds = groups.map((group, i) => {
    const rows = spec.knobs.filter((knob) => knob.group === group).map((knob) => {
      controls.set(knob.name, control(knob, `${id}-${knob.name}`, (value) => set({ [knob.name]: value })));
      return controls.get(knob.name).row;
    });
    const says = html("span", { class: "mtl-says" });
    return { group, says, fold: html("details", { class: "mtl-numbers", open: i === 0 }, html("summary", {}, html("b", {}, group), " ", says), html("div", { class: "mtl-rows" }, ...rows)) };
  });
  const code = html("pre", { tabindex: 0, "aria-label": "The same as Python" }, html("code")), copied = html("span", { class: "mtl-copied", role: "status" });
  const asPython = html("details", { class: "mtl-numbers" }, html("summary", {}, html("b", {}, "As Python")), code);
  const foot = html("div", { class: "mtl-foot" },
    html("button", { type: "button", onclick: () => copy(pythonOf(setting), "Copied.", true) }, "Copy as Python"),
    html("button", { type: "button", onclick: () => copy(linkOf(), "Copied.") }, "Copy link"),
    html("button", { type: "button", onclick: () => set(startOf(spec), true) }, "Reset"), copied);
  const root = html("div", { class: "mtl mtl-pg", role: "group", "aria-label": "Playground", "data-lm-suppress-shortcuts": "true" },
    notes, presets, lesson,
    html("div", { class: "mtl-transport" }, play, step, again, html("label", { class: "mtl-wide", for: `${id}-at` }, "update"), scrub, now),
    places.gains, html("p", { class: "mtl-caption" }, "The tasks over the input plane, and what two trained nets answer. Full colour is a high answer, a filled dot a high label."), places.maps,
    html("div", { class: "mtl-transport" }, html("label", { for: `${id}-which` }, "seed shown"), which, whose),
    html("div", { class: "mtl-sets" }, ...folds.map(({ fold }) => fold)), places.curves, places.units, places.angle, spoken, foot, asPython);
  root.addEventListener("keydown", (event) => {        // JupyterLab takes arrow keys that leave an output, but may have Ctrl+S
    if (!event.ctrlKey && !event.metaKey) event.stopPropagation();
  });
  for (const [role, { light, dark, dash }] of Object.entries(spec.palette)) {
    root.style.setProperty(`--mtl-${role}`, `light-dark(${light}, ${dark})`);
    root.style.setProperty(`--mtl-${role}-dash`, dash.length ? dash.map((d) => `${d * 2.4}px`).join(" ") : "none");
  }

  // -- changes
  const trainer = new Trainer((found) => {
    waiting = false;
    if (found) {
      measured.push(found);
      summaries.push(summaryOf(found, setting, memory));
      if (toEnd && !calm.matches) at = measured.length - 1;
      if (at >= measured.length - 1) later();
      else root.dataset.ready = measured.length;       // the picture stays: it shows an earlier step
    } else {
      over = true;
      if (toEnd) at = measured.length - 1;
      later();
    }
    ask();
  });
  function ask() {                                     // for the next measurement, unless nobody looks
    if (over || waiting || !visible || (!playing && !toEnd && measured.length > at + 1)) return;
    waiting = true;
    trainer.more();
  }
  function begin() {
    [measured, summaries, memory, over, samples, whole, charts, rows] = [[], [], {}, false, null, true, null, null];
    nets = { joint: E.netOf(setting), alone: E.netOf(E.single(setting)), kept: {} };
    nets.steps = E.stepsOf(setting);
    nets.pages = { joint: E.pagesFor(nets.joint, GRID * GRID), alone: E.pagesFor(nets.alone, GRID * GRID) };
    at = 0;
    waiting = true;
    trainer.begin(setting);
    showSetting();
    later();
  }
  function set(values, fresh = false) {
    toEnd = !fresh && (toEnd || (measured.length > 0 && at === nets.steps.length - 1));    // who has seen the end sees the new one
    setting = { ...setting, ...values };
    if (fresh) pause();
    changed = [];
    model.set("setting", setting);
    model.save_changes();
    begin();
    clearTimeout(clock);
    if (isPage) clock = setTimeout(keep, 250);         // browsers allow few changes of an address a second
  }
  function keep() {
    try {
      history.replaceState(null, "", `${location.pathname}?${queryOf(setting, spec)}${location.hash}`);
    } catch { /* a page from a file */ }
  }
  const linkOf = () => `${isPage ? location.href.replace(/[?#].*$/, "") : ""}?${queryOf(setting, spec)}`;
  const choose = (preset) => set({ ...startOf(spec), ...preset.setting }, true);
  function go(to) {
    toEnd = false;
    at = clamp(to, 0, nets.steps.length - 1);
    if (at >= measured.length && !over) at = Math.max(measured.length, 1);
    later();
    ask();
  }
  function toggle() {
    if (playing) return pause();
    if (at >= nets.steps.length - 1) at = 0;
    toEnd = calm.matches;                              // no motion: the end, as soon as it is there
    playing = true;
    play.textContent = "Pause";
    play.setAttribute("aria-pressed", "true");
    ask();
    requestAnimationFrame(advance);
  }
  function pause() {
    playing = toEnd = false;
    play.textContent = "Play";
    play.setAttribute("aria-pressed", "false");
    later();
    say();
  }
  let last = 0;
  function advance(time) {
    if (!playing || !root.isConnected) return;
    if (visible && time - last > 80 && !undrawn.length) {
      last = time;
      if (!toEnd && at + 1 < measured.length) at++;
      later();
      ask();
      if (at >= nets.steps.length - 1) return pause();
    }
    requestAnimationFrame(advance);
  }

  // -- pictures
  const parts = { head: drawHead, maps: drawMaps, single: drawSingle, units: drawUnits, gains: drawGains, curves: drawCurves, angle: drawAngle }, unseen = new Set();
  const shownAt = () => Math.min(at, measured.length - 1);
  function later() {
    undrawn = Object.keys(parts);
    frame ||= requestAnimationFrame(draw);
  }
  function draw() {                                    // while it plays, one part a frame, and none that is off screen; else all at once
    frame = 0;
    try {
      const all = !playing || whole;
      if (!all) undrawn = undrawn.filter((name) => !unseen.has(name));
      do parts[undrawn.shift()]?.(shownAt());
      while (all && undrawn.length);
      if (undrawn.length) frame = requestAnimationFrame(draw);
      else finish(shownAt());
    } catch (error) {
      undrawn = [];
      notes.textContent = `This can’t be drawn: ${error.message}.`;
      notes.hidden = false;
    }
  }
  function finish(i) {
    if (i < 0) return;
    whole = false;
    root.dataset.shown = nets.steps[i];
  }
  function showSetting() {
    for (const knob of spec.knobs) {
      controls.get(knob.name).show(setting[knob.name]);
      controls.get(knob.name).row.hidden = !used(knob, setting);
    }
    for (const { group, says } of folds)
      says.textContent = spec.knobs.filter((knob) => knob.group === group && used(knob, setting)).map((knob) => controls.get(knob.name).text(setting[knob.name])).filter(Boolean).join(", ");
    const full = (preset) => queryOf({ ...startOf(spec), ...preset.setting, seed: setting.seed }, spec), preset = spec.presets.find((one) => full(one) === queryOf(setting, spec));
    presets.querySelectorAll("button").forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.preset === preset?.name)));
    lesson.replaceChildren(...(preset ? [`${preset.look} `, html("b", {}, preset.bet)] : ["Your own setting. Press Play."]));
    notes.textContent = changed.join(" ");
    notes.hidden = changed.length === 0;
    code.firstChild.textContent = pythonOf(setting);
    copied.textContent = "";
    root.dataset.query = queryOf(setting, spec);
  }
  function drawHead() {
    const { colorScheme, paddingLeft } = getComputedStyle(root), dark = colorScheme.includes("dark");       // asked before anything is changed
    const width = Math.floor(root.clientWidth - parseFloat(paddingLeft) * 2) || 320, ink = dark ? "#ffffff" : "#000000";
    if (style?.dark !== dark) style = { dark, ink, paper: dark ? "#14181e" : "#ffffff", plain: shadesOf(ink), shades: ROLES.map((role) => shadesOf(spec.palette[role][dark ? "dark" : "light"])) };
    if (style.width !== width) [style.width, charts, rows] = [width, null, null];
    scrub.max = nets.steps.length - 1;
    scrub.value = at;
    write(now, `${nets.steps[at]} of ${setting.steps}`);
    scrub.setAttribute("aria-valuetext", now.textContent);
    write(whose, String(setting.seed + seen));
    root.dataset.ready = measured.length;
  }

  function drawGains(i) {
    if (i < 0) return;
    if (!rows) {
      rows = summaries[i].gains.map((_, t) => gainRow(t, style.width >= 520 ? 240 : style.width - 120));
      places.gains.replaceChildren(html("p", { class: "mtl-caption" }, "Share of the single-task test error that sharing saves, mean of 32 seeds and 95% interval; the axis runs from −100% to +100%."), ...rows.map(({ row }) => row));
    }
    summaries[i].gains.forEach((one, t) => rows[t].show(one));
  }

  function weightsOf(kind, i) {                        // of the seed shown; before anything is measured, the first ones
    const { size } = nets[kind];
    if (i < 0) return E.firstWeights(nets[kind], setting.seed + seen);
    return measured[i].weights[+(kind === "alone")].subarray(seen * size, (seen + 1) * size);
  }

  function answersOf(kind, i) {                        // on the grid; the hidden units are left in nets.pages
    const key = `${i} ${seen}`, kept = (nets.kept[kind] ??= {});
    if (kept.key !== key) Object.assign(kept, { key, out: E.forward(nets[kind], weightsOf(kind, i), PLACES, nets.pages[kind]) });
    return kept.out;
  }

  function paintAnswers(kind, column, i) {             // a column of maps
    const { unit } = setting, canvases = places.maps.querySelectorAll("canvas");
    answersOf(kind, i).forEach((answers, t) => {
      const full = HEIGHT * (t === 1 ? unit : 1), level = E.isBinary(setting) ? (k) => 1 / (1 + Math.exp(-answers[k])) : (k) => (answers[k] / full + 1) / 2;
      paint(canvases[3 * t + column], level, style.shades[t]);
    });
  }
  function drawSingle(i) {
    paintAnswers("alone", 2, i);
  }

  function drawMaps(i) {
    samples ??= E.samplesOf(setting, setting.seed + seen);
    const { tasks } = setting, wanted = 3 * tasks, kept = places.maps.querySelectorAll("canvas"), sides = [220, GRID, GRID];
    if (kept.length !== wanted) {
      const head = ["", "task and labels", "", "single-task"].map((text) => html("span", { class: "mtl-head" }, text));
      const cells = Array.from({ length: tasks }, (_, t) => [html("b", { style: `color:var(--mtl-${ROLES[t]})` }, TASKS[t]), ...sides.map((side) => html("canvas", { width: side, height: side, "aria-hidden": "true" }))]);
      places.maps.replaceChildren(...head, ...cells.flat());
    }
    write(places.maps.children[2], nets.joint.kind === "separate" ? "nets" : "sharing");
    const canvases = places.maps.querySelectorAll("canvas");
    for (let t = 0; t < tasks; t++) {
      const shades = style.shades[t];
      if (canvases[3 * t].samples !== samples || canvases[3 * t].shades !== shades) drawTask(canvases[3 * t], t, shades);
    }
    paintAnswers("joint", 1, i);
    const errors = (which, t) => number(measured[i]?.[which][3 * (seen * tasks + t) + 2]);
    const text = TASKS.slice(0, tasks).map((name, t) => `Task ${name}: test error ${errors("joint", t)} with sharing, ${errors("alone", t)} alone.`).join(" ");
    places.maps.setAttribute("role", "img");
    places.maps.setAttribute("aria-label", `Maps of the input plane, seed ${setting.seed + seen}. Full colour is a high answer. ${text}`);
  }

  function drawTask(canvas, t, shades) {       // what task t asks for, and the labels: the same at every step
    const binary = E.isBinary(setting), answer = E.answerOf(setting, t), { train } = samples, points = [];
    for (let k = 0; k < train.n; k++) if (train.known[t][k])
      points.push([train.x[k], train.x[train.n + k], binary ? train.truth[t][k] : +(train.truth[t][k] > 0), style.ink, style.paper]);
    const truth = (k) => answer(PLACES[k], PLACES[GRID * GRID + k]);
    scatter(canvas, (k) => (binary ? truth(k) : (truth(k) / HEIGHT + 1) / 2), shades, points);
    Object.assign(canvas, { samples, shades });
  }

  function drawUnits(i) {                              // the hidden units of the net that shares, and who reads them
    answersOf("joint", i);
    const net = nets.joint, p = weightsOf("joint", i), top = net.widths.length - 1;
    const total = net.towers.length * net.widths.length * net.widths[0], { a } = nets.pages.joint, own = net.towers.length > 1;
    if (places.units.dataset.form !== `${setting.net} ${total}`) {
      places.units.dataset.form = `${setting.net} ${total}`;
      const cell = () => html("span", { class: "mtl-unit" }, html("canvas", { width: GRID, height: GRID, "aria-hidden": "true" }), html("i", { "aria-hidden": "true" }));
      const layers = net.towers.flatMap((_, t) => net.widths.map((width, l) => html("div", { class: "mtl-layer" },
        html("span", { class: "mtl-quiet" }, `${own ? `${TASKS[t]}, ` : ""}layer ${l + 1}`), ...Array.from({ length: width }, cell))));
      places.units.replaceChildren(html("p", { class: "mtl-caption" }, own ? "Hidden units of each task’s own part." : "Hidden units of the shared trunk; the bar under one of the last layer says which task’s head reads it."), ...layers);
    }
    const canvases = places.units.querySelectorAll("canvas"), bars = places.units.querySelectorAll("i");
    let k = 0;
    net.towers.forEach((_, t) => net.widths.forEach((width, l) => {
      for (let h = 0; h < width; h++, k++) {
        const page = a[t][l].subarray(h * GRID * GRID, (h + 1) * GRID * GRID), high = net.tanh ? 1 : Math.max(1e-9, page.reduce((x, y) => Math.max(x, y), 0));
        paint(canvases[k], (n) => (net.tanh ? (page[n] + 1) / 2 : page[n] / high), style.plain);
        const reads = net.heads.map((head) => (l === top && (head.tower === t || !own) ? Math.abs(p[head.w + h]) : own && l < top ? +(head.tower === t) : 0));
        const sum = reads.reduce((x, y) => x + y, 0);
        let from = 0;
        const stops = reads.map((v, task) => `var(--mtl-${ROLES[task]}) ${((100 * from) / sum).toFixed(0)}% ${((100 * (from += v)) / sum).toFixed(0)}%`);
        const fill = sum ? `linear-gradient(90deg, ${stops.join(", ")})` : "var(--mtl-hair)";
        if (bars[k].fill !== fill) bars[k].style.background = bars[k].fill = fill;
      }
    }));
  }

  function drawCurves(i) {
    if (i < 0) return;
    const { tasks } = setting, past = summaries.slice(0, i + 1);
    const line = (value) => past.map((one) => [one.step, value(one)]);
    const own = (whose, t) => measured.slice(0, i + 1).map((one) => [one.step, one[whose][3 * (seen * tasks + t) + 2]]);
    charts ??= newCharts();
    charts.errors.forEach(({ show }, t) => {
      const edges = ["alone", "joint"].map((which) => [line((one) => one.band[which][t].low), line((one) => one.band[which][t].high)]);
      show(summaries[i].step, edges, [line((one) => one.band.alone[t].middle), line((one) => one.band.joint[t].middle), own("joint", t)]);
    });
    if (!playing) say();
  }

  function drawAngle(i) {
    if (i < 0) return;
    const past = summaries.slice(0, i + 1);
    charts ??= newCharts();
    places.angle.hidden = !past.some(({ cosine }) => Number.isFinite(cosine[0]));
    if (!places.angle.hidden) charts.angle.show(summaries[i].step, [], [1, 0].map((k) => past.map(({ step, cosine }) => [step, cosine[k]])));
  }

  function newCharts() {                               // empty, for this setting and width
    const { tasks, steps } = setting, x = [0, steps], wide = style.width >= 520, width = wide ? Math.floor((style.width - 16) / 2) : style.width;
    const errors = Array.from({ length: tasks }, (_, t) => {
      const { joint, alone } = summaries[0].band, high = Math.max(joint[t].high, alone[t].high, 1e-9);
      return chart({ width, height: 150, x, y: [0, axisEnd(1.1 * high)], ylabel: `${TASKS[t]}: ${E.isBinary(setting) ? "share of wrong answers" : "test error"}`,
        bands: ["single_task", ROLES[t]], lines: [{ role: "single_task" }, { role: ROLES[t] }, { role: ROLES[t], thin: true }] });
    });
    const angle = chart({ width, height: 130, x, y: [-1, 1], ylabel: "1 they agree, −1 they conflict", zero: true, bands: [], lines: [{ role: "single_task" }, { role: "main" }] });
    places.curves.replaceChildren(html("p", { class: "mtl-caption" }, "Test error of 32 seeds: middle line and the middle 80%, sharing in colour, single-task nets in grey and dashed; the thin line is the seed shown."), ...errors.map(({ sheet }) => sheet));
    places.angle.replaceChildren(html("p", { class: "mtl-caption" }, "Cosine between the tasks’ gradients of what they share, mean of 32 seeds: on training samples (blue) and on held-out ones (grey, dashed)."), angle.sheet);
    return { errors, angle };
  }

  function say() {                                     // in words, once nothing moves
    clearTimeout(speech);
    speech = setTimeout(() => {
      const one = summaries[Math.min(at, summaries.length - 1)];
      if (!one || playing) return;
      const words = one.gains.map(({ gain, low, high, misled, n }, t) => `Task ${TASKS[t]}: ${percent(gain)} (${percent(low)} to ${percent(high)}) of the single-task error saved; ${misled} of ${n} single runs mislead`);
      spoken.textContent = `After ${one.step} of ${setting.steps} updates. ${words.join(". ")}.`;
    }, 300);
  }

  async function copy(text, done, open = false) {
    try {
      await navigator.clipboard.writeText(text);
      copied.textContent = done;
    } catch {
      copied.textContent = open ? "Select it below." : text;
    }
    if (open) asPython.open = true;
  }

  // -- life
  el.append(root);
  begin();
  let width = root.clientWidth;
  const size = new ResizeObserver(() => root.clientWidth !== width && ((width = root.clientWidth), later()));
  size.observe(root);
  const look = new IntersectionObserver((entries) => {
    visible = entries.at(-1).isIntersecting;
    ask();
  });
  look.observe(root);
  const sights = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries)
      for (const name of Object.keys(parts).filter((one) => (one === "single" ? places.maps : places[one]) === target)) unseen[isIntersecting ? "delete" : "add"](name);
  });
  for (const part of Object.values(places)) sights.observe(part);
  const theme = new MutationObserver(later);
  for (const one of [document.documentElement, document.body]) theme.observe(one, { attributes: true, attributeFilter: ["data-theme", "data-jp-theme-light"] });
  function follow(event) {                             // links of the page to presets need no new page
    const link = event.target.closest?.("a[href]");
    if (!isPage || !link || event.ctrlKey || event.metaKey || !/^\?play\./.test(link.getAttribute("href"))) return;
    event.preventDefault();
    const [values, wrong] = settingFrom(link.search, spec);
    set(values, true);
    changed = wrong;
    root.scrollIntoView({ block: "start", behavior: calm.matches ? "auto" : "smooth" });
    presets.querySelector("[aria-pressed=true]")?.focus({ preventScroll: true });
  }
  document.addEventListener("click", follow);
  return () => {
    pause();
    trainer.end();
    clearTimeout(speech);
    clearTimeout(clock);
    size.disconnect();
    look.disconnect();
    sights.disconnect();
    theme.disconnect();
    document.removeEventListener("click", follow);
  };
}
export default { render };
