// Starts the anywidgets of a built page: without a kernel, without require.js, without another host.
// It reads the two kinds of script that myst-nb leaves in a page, the state of all widgets and the place of each,
// and plays the host's part of https://anywidget.dev/en/afm/.
const all = (kind) =>
  [...document.querySelectorAll(`script[type="application/vnd.jupyter.widget-${kind}+json"]`)].map((script) => ({
    script,
    json: JSON.parse(script.textContent),
  }));

class Model {
  constructor(state) {
    this.state = state;
    this.listeners = {};
  }
  get(name) {
    return this.state[name];
  }
  set(name, value) {
    if (this.state[name] === value) return;
    this.state[name] = value;
    for (const listener of this.listeners[`change:${name}`] ?? []) listener();
  }
  on(event, listener) {
    (this.listeners[event] ??= new Set()).add(listener);
  }
  off(event, listener) {
    this.listeners[event]?.delete(listener);
  }
  save_changes() {}
  send() {}                                            // nobody answers: the widget stays with what was recorded
}

function decoded({ state, buffers = [] }) {
  for (const { path, data } of buffers) {
    const owner = path.slice(0, -1).reduce((part, name) => part[name], state);
    owner[path.at(-1)] = new DataView(Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0)).buffer);
  }
  return state;
}

const modules = new Map();
function moduleOf(source) {
  if (!modules.has(source)) {
    const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
    modules.set(source, import(address).then((module) => module.default).finally(() => URL.revokeObjectURL(address)));
  }
  return modules.get(source);
}

function dress(css = "") {
  if ([...document.querySelectorAll("style[data-mtl]")].some((style) => style.textContent === css)) return;
  const style = Object.assign(document.createElement("style"), { textContent: css });
  style.dataset.mtl = "";
  document.head.append(style);
}

// A widget's part of the page's address: ?<slug>.<setting>=<value>. What belongs to other widgets, or to nobody, stays as it is.
const SLUG = 24, DELAY = 300;                          // letters; ms without a change, after which the address is written
const places = [];

class Place {
  constructor(title, el) {
    const words = title.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().split(/[^\p{L}\p{N}]+/u).filter(Boolean);
    while (words.length > 1 && words.join("-").length > SLUG) words.pop();
    const name = words.join("-").slice(0, SLUG) || "widget", taken = (slug) => places.some((place) => place.slug === slug);
    let slug = name;
    for (let twin = 2; taken(slug); twin++) slug = `${name}-${twin}`;
    Object.assign(this, { slug, el, pairs: null, moving: false, timer: 0, listener: () => {} });
    el.id = `play-${slug}`;
    places.push(this);
  }
  owns(part) {                                         // whether a part of the query, such as a.k=3, is this widget's
    const [name] = new URLSearchParams(part).keys();
    return Boolean(name?.startsWith(`${this.slug}.`));
  }
  asked() {                                            // pairs of setting and value
    const pairs = [...new URLSearchParams(location.search)].filter(([name]) => name.startsWith(`${this.slug}.`));
    return pairs.map(([name, value]) => [name.slice(this.slug.length + 1), value]);
  }
  keep(pairs, moving = false) {                        // remembers at once; writes when nothing moves any more
    Object.assign(this, { pairs, moving });
    clearTimeout(this.timer);
    this.timer = moving ? 0 : setTimeout(() => this.write(), DELAY);
  }
  write() {
    this.timer = 0;
    const { href } = address();
    try {
      if (href !== location.href) history.replaceState(history.state, "", href);
    } catch {                                          // from a folder, or too often: the address stays as it was
    }
  }
  link(pairs) {                                        // the page's address with this widget as its end
    this.pairs = pairs;
    return Object.assign(address(), { hash: this.el.id }).href;
  }
  onasked(listener) {                                  // when the reader goes back to an address that asks for something else
    this.listener = listener;
  }
}

function address() {
  const url = new URL(location.href), kept = places.filter((place) => place.pairs);
  const others = location.search.slice(1).split("&").filter((part) => part && !kept.some((place) => place.owns(part)));
  const own = kept.flatMap(({ slug, pairs }) => pairs.map(([name, value]) => `${new URLSearchParams([[`${slug}.${name}`, value]])}`));
  url.search = [...others, ...own].join("&");
  return url;
}

addEventListener("popstate", () => {
  for (const place of places) {
    if (place.timer) {                                 // a link within the page: what the reader has just set counts
      clearTimeout(place.timer);
      place.write();
    } else if (!place.moving) {
      place.listener();
      clearTimeout(place.timer);                       // what was read needn't be written
      place.timer = 0;
    }
  }
});

let moved = false;                                     // the reader goes elsewhere by themself
for (const kind of ["wheel", "touchmove", "keydown", "pointerdown"]) addEventListener(kind, () => (moved = true), { passive: true });

async function arrive() {                              // widgets and formulas grow after the browser has scrolled
  const target = places.find(({ el }) => `#${el.id}` === decoding(location.hash))?.el;
  for (const wait of target ? [() => {}, () => window.MathJax?.startup?.promise] : []) {
    await wait();
    if (!moved) target.scrollIntoView();
  }
}

function decoding(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

// mtl_book.py leaves the program of each kind of widget with the first of its kind.
const program = (widgets, kind) => Object.values(widgets).find(({ state }) => state._esm && state._anywidget_id === kind).state;

async function start(script, widgets, id) {
  const widget = widgets[id];
  const el = document.createElement("div");
  el.className = "mtl-host";
  script.after(el);
  try {
    if (widget?.model_name !== "AnyModel") throw new Error("it needs a running kernel");
    const place = /^(https?|file):$/.test(location.protocol) ? new Place(widget.state.spec?.title ?? "", el) : undefined;
    const state = decoded(widget), { _esm, _css } = program(widgets, state._anywidget_id);
    dress(_css);
    await (await moduleOf(_esm)).render({ model: new Model(state), el, place });
    el.dataset.ready = "";
  } catch (error) {
    el.textContent = `This widget did not start (${error.message}). Open the page in Colab to use it.`;
    console.error(error);
  }
}

async function main() {
  const widgets = Object.assign({}, ...all("state").map(({ json }) => json.state));
  await Promise.all(all("view").map(({ script, json }) => start(script, widgets, json.model_id)));
  if (document.readyState !== "complete") await new Promise((done) => addEventListener("load", done));
  await arrive();
}
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", main);
else main();
