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

// mtl_book.py leaves the program of each kind of widget with the first of its kind.
const program = (widgets, kind) => Object.values(widgets).find(({ state }) => state._esm && state._anywidget_id === kind).state;

async function start(script, widgets, id) {
  const widget = widgets[id];
  const el = document.createElement("div");
  el.className = "mtl-host";
  script.after(el);
  try {
    if (widget?.model_name !== "AnyModel") throw new Error("it needs a running kernel");
    const state = decoded(widget), { _esm, _css } = program(widgets, state._anywidget_id);
    dress(_css);
    await (await moduleOf(_esm)).render({ model: new Model(state), el });
    el.dataset.ready = "";
  } catch (error) {
    el.textContent = `This widget did not start (${error.message}). Open the page in Colab to use it.`;
    console.error(error);
  }
}

function main() {
  const widgets = Object.assign({}, ...all("state").map(({ json }) => json.state));
  for (const { script, json } of all("view")) start(script, widgets, json.model_id);
}
if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", main);
else main();
