// What the two small widgets of the balancing chapters have in common. It stands before their own text, in the same module.

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
const rounded = (v, digits) => {
  const text = v.toFixed(digits);
  return minus(+text === 0 ? text.replace("-", "") : text);
};
const write = (element, text) => element.textContent === text || (element.textContent = text);
const pill = (text, pressed, onclick, more = {}) => html("button", { type: "button", "aria-pressed": String(pressed), onclick, ...more }, text);
const press = (button, pressed) => button.setAttribute("aria-pressed", String(pressed));

// A number that an address asks for, or null; what isn't a plain number is none.
const PLAIN = /^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]{1,4})?$/i;
const asked = (text, low, high) => (PLAIN.test(text) ? clamp(Number(text), low, high) : null);
const shown = (text) => (Array.from(text).length <= 24 ? text : `${Array.from(text).slice(0, 24).join("")}…`);

function slider(label, id, { min, max, step }, changed, say) {
  const input = html("input", { type: "range", id, min, max, step, oninput: () => changed(+input.value) });
  const output = html("output", { for: id, "aria-live": "off" });
  return { row: html("div", { class: "mtl-row" }, html("label", { for: id }, label), input, output), input, show(value) {
    input.value = value;
    write(output, say(value));
    input.setAttribute("aria-valuetext", say(value));
  } };
}

function dressed(root, palette) {
  for (const [role, { light, dark, dash }] of Object.entries(palette)) {
    root.style.setProperty(`--mtl-${role}`, `light-dark(${light}, ${dark})`);
    root.style.setProperty(`--mtl-${role}-dash`, dash.length ? dash.map((d) => `${d * 2.4}px`).join(" ") : "none");
  }
  root.addEventListener("keydown", (event) => {        // JupyterLab takes arrow keys that leave an output, but may have Ctrl+S
    if (!event.ctrlKey && !event.metaKey) event.stopPropagation();
  });
}

async function copied(text, place) {
  try {
    await navigator.clipboard.writeText(text);
    place.textContent = "Copied.";
  } catch {
    place.textContent = text;
  }
}

function watched(root, drawn) {                        // draws again when the width changes; returns how to stop
  let width = root.clientWidth;
  const size = new ResizeObserver(() => root.clientWidth !== width && ((width = root.clientWidth), drawn()));
  size.observe(root);
  return () => size.disconnect();
}

// A way to start a widget: what goes wrong is said in its place.
const begun = (start, name) => async ({ model, el, place }) => {
  try {
    return start({ model, el, place });
  } catch (error) {
    el.replaceChildren(html("p", { class: "mtl-trouble", role: "alert" }, `${name} did not start (${error.message}). Load the page again.`));
  }
};
