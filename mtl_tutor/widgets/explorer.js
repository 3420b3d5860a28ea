// Draws what explorer.py recorded, and asks Python for the rest when a kernel answers.
// One module without imports: the page, JupyterLab and Colab all load this same text.

// ---- small tools -----------------------------------------------------------------------------------------------
function element(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children);
  return node;
}
const html = (tag, attributes = {}, ...children) => element(document.createElement(tag), attributes, children);
const svg = (tag, attributes = {}, ...children) =>
  element(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);
const minus = (text) => text.replace(/^-(?=[0.]*$)/, "").replaceAll("-", "−");    // no zero is negative
const PATIENCE = 30_000;                               // ms without an answer, after which a kernel is busy or gone
const DAMAGED = "The numbers of this widget are damaged. Run its cell again to renew them.";

function number(value) {
  if (!Number.isFinite(value)) return "–";
  const size = Math.abs(value) < 1e-12 ? 0 : Math.abs(value);       // less is the rounding of a zero
  if (size === 0) return "0";
  return minus(size < 1e-4 || size >= 1e5 ? value.toExponential(1).replace(".0", "") : String(+value.toPrecision(3)));
}

// ---- axes of a picture -----------------------------------------------------------------------------------------
function scale([low, high], [from, to], log = false) {
  if (!(low <= high && Number.isFinite(high - low))) throw new Error("its axis has no two ends");
  if (log && high <= 0) throw new Error("no value lies above 0, where a logarithmic axis begins");
  if (log && low <= 0) low = high / 1e6;
  const f = log ? Math.log10 : (v) => v;
  const [a, b] = [f(low), f(high)];
  return Object.assign((v) => from + ((f(v) - a) / (b - a || 1)) * (to - from), { low, high, log, span: Math.abs(to - from) });
}

function ticks({ low, high, log, span, places, whole }) {
  if (places) return places.map((v) => [v, minus(String(+v.toPrecision(6)))]);
  if (log) {
    const decades = Math.log10(high / low), steps = decades > 2.5 ? [1] : decades > 1.2 ? [1, 3] : [1, 2, 5];
    const powers = Array.from({ length: Math.ceil(decades) + 2 }, (_, i) => 10 ** (Math.floor(Math.log10(low)) + i));
    const every = Math.max(1, Math.ceil(decades / 8));
    const inside = powers.filter((_, i) => i % every === 0).flatMap((p) => steps.map((f) => f * p)).filter((v) => v >= low * 0.999 && v <= high * 1.001);
    return inside.map((v) => [v, number(v)]);
  }
  const rough = (high - low) / clamp(span / 64, 2, 7) || 1, power = 10 ** Math.floor(Math.log10(rough));
  const step = Math.max([1, 2, 5, 10].find((f) => f * power >= rough * 0.9) * power, whole ? 1 : 0);
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  const count = Math.floor(high / step + 1e-6) - Math.ceil(low / step - 1e-6) + 1;
  const at = (i) => (Math.ceil(low / step - 1e-6) + i) * step;
  return Array.from({ length: Math.max(count, 0) }, (_, i) => [at(i), digits > 8 ? number(at(i)) : minus((at(i) + 0).toFixed(digits))]);
}

// A label in as many rows as its room asks for, and its rows as texts, one beneath the other.
function rowsOf(label, room) {
  const rows = [];
  for (const word of label.split(" ")) {
    const longer = rows.length ? `${rows.at(-1)} ${word}` : word;
    if (rows.length && longer.length * 8 > room) rows.push(word);
    else rows.splice(-1, 1, longer);
  }
  return rows;
}
const written = (rows, { y, ...attributes }) => rows.map((row, i) => svg("text", { ...attributes, y: y + 16 * i }, row));
const taller = (label, room) => 16 * (rowsOf(label, room).length - 1);

// The paper of a picture: grid, numbers, labels. `area` is a window that cuts off what leaves the axes.
function paper(width, height, box, x, y, xlabel, ylabel) {
  const right = width - box.right, bottom = height - box.bottom;
  const sheet = svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img" });
  for (const [at, text] of ticks(x))
    sheet.append(
      svg("path", { class: "mtl-grid", d: `M${x(at)} ${box.top}V${bottom}` }),
      svg("text", { class: "mtl-x", x: x(at), y: bottom + 18, "text-anchor": "middle" }, text),
    );
  for (const [at, text] of y ? ticks(y) : [])
    sheet.append(
      svg("path", { class: "mtl-grid", d: `M${box.left} ${y(at)}H${right}` }),
      svg("text", { class: "mtl-y", x: box.left - 8, y: y(at) + 4.5, "text-anchor": "end" }, text),
    );
  sheet.append(
    ...written(rowsOf(xlabel, right), { class: "mtl-xlabel", x: right, y: height - 6 - taller(xlabel, right), "text-anchor": "end" }),
    ...written(rowsOf(ylabel, width), { class: "mtl-ylabel", x: 1, y: 14 }),
  );
  const size = { width: right - box.left, height: bottom - box.top };
  const area = svg("svg", { x: box.left, y: box.top, ...size, viewBox: `${box.left} ${box.top} ${size.width} ${size.height}` });
  sheet.append(area);
  return { sheet, area };
}

function route(points) {
  let text = "", down = false;
  for (const [x, y] of points) {
    const known = Number.isFinite(x) && Number.isFinite(y);
    if (known) text += `${down ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`;
    down = known;
  }
  return text;
}
const ink = (role, twin = 0) => `color:var(--mtl-${role});--dash:${twin && role === "control" ? `2.4px ${4 + 5 * twin}px` : `var(--mtl-${role}-dash)`}`;
const legend = (entries) =>
  html("div", { class: "mtl-legend" }, ...entries.map(([mark, text]) => html("span", {}, mark, text)));
const lineKey = (style) =>
  svg("svg", { width: 30, height: 10, "aria-hidden": "true" }, svg("path", { class: "mtl-line", style, d: "M1 5H29" }));
const dotKey = (role) =>
  svg("svg", { width: 12, height: 12, "aria-hidden": "true" }, svg("circle", { class: "mtl-dot", style: ink(role), cx: 6, cy: 6, r: 5 }));

// ---- the four kinds of picture: (what all share, this one's numbers, width) -> nodes, a sentence, a table --------
function curves(shared, { y, low, high }, width) {
  const { x, names, roles } = shared, wide = width >= 460, isDots = names.map((name) => shared.dots?.includes(name) ?? false);
  const needed = 24 + 8 * Math.max(...names.map((n) => n.length)), beside = wide && needed <= width * 0.4;
  const room = beside ? needed : 12;                                    // else the names stand above the lines
  const box = { left: 46, right: room, top: 28 + taller(shared.ylabel, width), bottom: 44 + taller(shared.xlabel, width - room) };
  const height = (wide ? 268 : 198) + box.top + box.bottom;
  const styles = roles.map((role, k) => ink(role, roles.slice(0, k).filter((other) => other === role).length));
  const X = scale([x[0], x.at(-1)], [box.left, width - room], shared.xscale === "log");
  if (X.log && x.length <= 8) X.places = x;
  X.whole = x.every(Number.isInteger);
  const Y = scale(shared.ylim, [height - box.bottom, box.top], shared.yscale === "log");
  if (!y.some((line) => line.some((v, i) => Number.isFinite(X(x[i])) && Number.isFinite(Y(v)))))
    throw new Error(`no value is finite${Y.log ? " and above 0, where a logarithmic axis begins" : ""}`);
  const { sheet, area } = paper(width, height, box, X, Y, shared.xlabel, shared.ylabel);
  const few = names.map((_, k) => isDots[k] && y[k].filter(Number.isFinite).length <= 12 && x.filter((_, i) => Number.isFinite(y[k][i])));
  const at = (line) => Array.from(line, (v, i) => [X(x[i]), Y(v)]);
  names.forEach((name, k) => {
    const both = low && at(low[k]).map((p, i) => [p, [X(x[i]), Y(high[k][i])]]).filter((pair) => pair.flat().every(Number.isFinite));
    if (both?.length) area.append(svg("path", { class: "mtl-band", style: styles[k], d:
      `M${both.map((pair) => pair[0].map((v) => v.toFixed(1))).join("L")}L${both.map((pair) => pair[1].map((v) => v.toFixed(1))).reverse().join("L")}Z` }));
  });
  names.forEach((name, k) => area.append(isDots[k]
    ? svg("g", { class: "mtl-dots", style: styles[k], "data-name": name }, ...at(y[k]).filter((p) => p.every(Number.isFinite))
        .map(([cx, cy]) => svg("circle", { class: "mtl-point", cx: cx.toFixed(1), cy: cy.toFixed(1), r: few[k] ? 6 : 3.8 })))
    : svg("path", { class: "mtl-line", style: styles[k], d: route(at(y[k])), "data-name": name })));
  if (beside) {
    const ends = names.map((name, k) => ({ name, role: roles[k], free: isDots[k], from: at(y[k]).findLast((p) => Number.isFinite(p[1])) })).filter((e) => e.from);
    ends.sort((a, b) => b.from[1] - a.from[1]);                         // from the lowest to the highest, 17 px apart
    ends.forEach((end, k) => (end.to = Math.min(clamp(end.from[1], box.top, height - box.bottom), k ? ends[k - 1].to - 17 : height)));
    ends.forEach((end, k) => (end.to = Math.max(end.to, box.top + 17 * (ends.length - 1 - k))));
    for (const { name, role, free, from, to } of ends)
      sheet.append(
        free ? svg("circle", { class: "mtl-dot", style: ink(role), cx: width - room + 9, cy: to, r: 4.2 }) : svg("path", { class: "mtl-leader", style: ink(role), d: `M${from[0]} ${clamp(from[1], box.top, height - box.bottom)}L${width - room + 14} ${to}` }),
        svg("text", { x: width - room + 18, y: to + 4.5 }, name),
      );
  }
  const near = (v) => number(!Y.log && Math.abs(v) < (Y.high - Y.low) / 1000 ? 0 : v);           // what no eye tells from zero is told as zero
  const ends = (line) => [line.find(Number.isFinite), line.findLast(Number.isFinite)].map(near);
  const told = few.some(Boolean) ? few : isDots.map((dotted) => !dotted);         // a few dots are what the picture is about
  const sentence = (name, k) => (few[k] ? `${name} at ${few[k].map(number).join(", ")}` : `${name} from ${ends(y[k]).join(" to ")}`);
  const say = names.map((name, k) => told[k] && sentence(name, k)).filter(Boolean).join("; ");
  const step = Math.max(1, Math.floor((x.length - 1) / 10));
  const rows = Array.from(x.keys()).filter((i) => i % step === 0 || few.some((places) => places && places.includes(x[i]))).map((i) => [x[i], ...y.map((line) => line[i])].map(number));
  const keys = beside ? [] : [legend(names.map((name, k) => [isDots[k] ? dotKey(roles[k]) : lineKey(styles[k]), name]))];
  return { nodes: [...keys, sheet], image: sheet, say, head: [shared.xlabel, ...names], rows };
}

function bars(shared, { estimate, low, high, n }, width) {
  const { names, roles } = shared, longest = 7.6 * Math.max(...names.map((name) => name.length)) + 14;
  const beside = longest < width * 0.38, row = beside ? 38 : 52, down = beside ? 19 : 34;
  const digits = clamp(1 - Math.floor(Math.log10((shared.ylim[1] - shared.ylim[0]) / 2)), 0, 99);
  const fixed = (v) => (digits > 6 ? number(v) : minus(v.toFixed(digits)));
  const edge = names.map((_, k) => `${fixed(low[k])} to ${fixed(high[k])}`), widest = (texts) => 7.8 * Math.max(...texts.map((t) => t.length));
  const beyond = widest(Array.from(estimate, fixed)) + widest(edge) + 28;                   // so that no number covers another
  const box = { left: beside ? Math.max(longest, 60) : 10, right: width < 460 ? 52 : Math.max(138, beyond), top: 6 };
  const label = rowsOf(shared.ylabel, width - box.left);
  box.bottom = 30 + 16 * label.length;
  const height = box.top + row * names.length + box.bottom;
  const X = scale(shared.ylim, [box.left, width - box.right]);
  const { sheet, area } = paper(width, height, box, X, null, "", "");
  sheet.append(...written(label, { class: "mtl-xlabel", x: box.left, y: height + 10 - 16 * label.length }));
  if (shared.reference !== null) area.append(svg("path", { class: "mtl-reference", d: `M${X(shared.reference)} 0V${height}` }));
  names.forEach((name, k) => {
    const y = box.top + row * k + down, edges = [low[k], high[k]].map((v) => X(v));
    area.append(
      svg("rect", { class: "mtl-band", style: ink(roles[k]), x: edges[0], y: y - 9, width: edges[1] - edges[0], height: 18 }),
      svg("path", { class: "mtl-whisker", style: ink(roles[k]), d: `M${edges[0]} ${y}H${edges[1]}` }),
      svg("circle", { class: "mtl-dot", style: ink(roles[k]), cx: X(estimate[k]), cy: y, r: 6, "data-name": name }),
    );
    sheet.append(
      svg("text", beside ? { x: box.left - 12, y: y + 4.5, "text-anchor": "end" } : { class: "mtl-halo", x: box.left, y: y - 16 }, name),
      svg("text", { class: "mtl-value", x: width - box.right + 12, y: y + 4.5 }, fixed(estimate[k])),
    );
    if (width >= 460)
      sheet.append(svg("text", { class: "mtl-quiet", x: width, y: y + 4.5, "text-anchor": "end" }, edge[k]));
  });
  const say = names.map((name, k) => `${name} ${fixed(estimate[k])} (${edge[k]})`).join("; ");
  const rows = names.map((name, k) => [name, ...[estimate, low, high].map((v) => fixed(v[k])), String(n[k])]);
  return { nodes: [sheet], image: sheet, say, head: ["", "estimate", "95% from", "to", "runs"], rows };
}

function map(shared, { z, marks, paths, points, kinds }, width) {
  const { x, y, names, roles, zlim } = shared, box = { left: 46, right: 6 };
  Object.assign(box, { top: 28 + taller(shared.ylabel, width), bottom: 44 + taller(shared.xlabel, width - box.right) });
  const height = Math.round((width - 52) * (width < 460 ? 0.9 : 0.72)) + box.top + box.bottom;
  const X = scale([x[0], x.at(-1)], [box.left, width - box.right]), Y = scale([y[0], y.at(-1)], [height - box.bottom, box.top]);
  const { sheet, area } = paper(width, height, box, X, Y, shared.xlabel, shared.ylabel);
  const place = ([u, v]) => [X(u), Y(v)];
  area.append(svg("path", { class: "mtl-contour", d: contours(x, y, z, zlim, 12, place) }));
  paths.forEach((path, i) => area.append(svg("path", { class: "mtl-path", style: ink(roles[kinds[i]] ?? "control"), d: route(path.map(place)) })));
  points.forEach((point, i) => {
    const [cx, cy] = place(point);
    if (Number.isFinite(cx + cy)) area.append(svg("circle", { class: "mtl-point", style: ink(roles[kinds[i]]), cx: cx.toFixed(1), cy: cy.toFixed(1), r: 4.2 }));
  });
  const spots = marks.map(place), isSign = (i) => /^\P{L}$/u.test(shared.marks[i]);     // a sign such as × stays where it is
  spots.forEach(([cx, cy], i) => {
    const other = isSign(i) ? null : spots.find((spot, k) => isSign(k) && Math.hypot(spot[0] - cx, spot[1] - cy) < 20);
    const [u, v] = other ? [cx - other[0], cy - other[1]] : [0, 0], far = Math.hypot(u, v);
    const step = other ? Math.max(20 - far, 13) : 0, [x, y] = far ? [cx + (step * u) / far, cy + (step * v) / far] : [cx, cy + step];
    if (other) area.append(svg("circle", { class: "mtl-place", cx, cy, r: 3 }));            // the letter stands beside its place
    area.append(svg("text", { class: "mtl-mark", x, y: y + 6, "text-anchor": "middle" }, shared.marks[i]));
  });
  const counts = names.map((_, k) => kinds.reduce((sum, kind) => sum + (kind === k), 0));
  const share = (k) => `${counts[k]} of ${kinds.length}`;
  const strip = html("div", { class: "mtl-strip", "aria-hidden": "true" },
    ...names.map((_, k) => html("i", { style: `${ink(roles[k])};flex-grow:${counts[k]}` })));
  const top = names.length ? [legend(names.map((name, k) => [dotKey(roles[k]), `${name}: ${share(k)}`])), strip] : [];
  const relief = shade(z, zlim, X.span, Y.span);
  relief.setAttribute("style", `left:${box.left}px;top:${box.top}px;width:${X.span}px;height:${Y.span}px`);
  const say = names.map((name, k) => `${name}: ${share(k)}`).join("; ");
  const rows = names.map((name, k) => [name, String(counts[k]), number(counts[k] / kinds.length)]);
  const note = shared.zlabel ? [html("p", { class: "mtl-note" }, `Contours join equal heights: ${shared.zlabel}.`)] : [];
  return { nodes: [...top, html("div", { class: "mtl-map" }, relief, sheet), ...note], image: sheet, say, head: ["", "runs", "share"], rows };
}

function picture(shared, { image }) {
  const node = html("img", { class: "mtl-img", alt: "" });
  node.src = URL.createObjectURL(new Blob([image], { type: "image/webp" }));
  node.onerror = () => node.replaceWith(html("p", { class: "mtl-trouble" }, DAMAGED));
  node.onload = () => URL.revokeObjectURL(node.src);
  return { nodes: [node], image: node, say: "", rows: [] };
}
const PICTURES = { curves, bars, map, image: picture };

// ---- the ground of a map: soft shades from a coarse grid, and lines of equal height -----------------------------
function between(row, at) {                                        // a smooth curve through four neighbours (Catmull-Rom)
  const i = Math.floor(at), t = at - i, p = (k) => row[clamp(i + k, 0, row.length - 1)];
  const [a, b, c, d] = [p(-1), p(0), p(1), p(2)];
  return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
}

function shade(z, [low, high], width, height) {
  const [w, h] = [Math.round(width / 2), Math.round(height / 2)];
  const rows = z.map((row) => Float32Array.from({ length: w }, (_, i) => between(row, (i / (w - 1)) * (row.length - 1))));
  const columns = Array.from({ length: w }, (_, i) => rows.map((row) => row[i]));
  const smooth = columns.map((column) => Float32Array.from({ length: h }, (_, j) => between(column, (1 - j / (h - 1)) * (z.length - 1))));
  const canvas = html("canvas", { width: w, height: h, "aria-hidden": "true" });
  const context = canvas.getContext("2d"), pixels = context.createImageData(w, h);
  for (let i = 0; i < w; i++)
    for (let j = 0; j < h; j++) {
      const rise = clamp((smooth[i][j] - low) / (high - low || 1), 0, 1);
      const next = smooth[Math.min(i + 1, w - 1)], slope = (next[Math.min(j + 1, h - 1)] - smooth[i][j]) / (high - low || 1);
      pixels.data[4 * (j * w + i) + 3] = Number.isFinite(rise) ? 255 * clamp(0.02 + 0.36 * rise - 2.2 * slope, 0, 0.55) : 0;
    }
  context.putImageData(pixels, 0, 0);
  return canvas;
}

function contours(x, y, z, [low, high], count, place) {           // marching squares, one short segment per cell and level
  const text = [];
  for (let j = 0; j + 1 < y.length; j++)
    for (let i = 0; i + 1 < x.length; i++) {
      const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]], heights = corners.map(([a, b]) => z[b][a]);
      const unit = (high - low) / (count + 1), first = Math.ceil((Math.min(...heights) - low) / unit);
      for (let k = Math.max(first, 1); k <= count && low + k * unit < Math.max(...heights); k++) {
        const level = low + k * unit, cuts = [];
        corners.forEach(([a, b], n) => {
          const [c, d] = corners[(n + 1) % 4], f = heights[n], g = heights[(n + 1) % 4], t = (level - f) / (g - f);
          if (f < level !== g < level) cuts.push(place([x[a] + t * (x[c] - x[a]), y[b] + t * (y[d] - y[b])]));
        });
        for (let n = 0; n + 1 < cuts.length; n += 2) text.push(route(cuts.slice(n, n + 2)));
      }
    }
  return text.join("");
}

// ---- the recorded numbers --------------------------------------------------------------------------------------
const bytes = (data) => (data ? new Uint8Array(data.buffer ?? data, data.byteOffset ?? 0, data.byteLength) : new Uint8Array());
const nested = (flat, [size, ...rest]) =>
  rest.length === 0 ? flat : Array.from({ length: size }, (_, i) => {
    const part = flat.length / size;
    return nested(flat.subarray(i * part, (i + 1) * part), rest);
  });
const TYPES = { u1: Uint8Array, u2: Uint16Array, f4: Float32Array };

async function inflated(data) {
  if (!data.length) return data;
  return new Uint8Array(await new Response(new Blob([data]).stream().pipeThrough(new DecompressionStream("deflate"))).arrayBuffer());
}

function decode(raw, { type, shape, low, high }) {
  const codes = new TYPES[type](raw.slice().buffer);
  const values = type === "u2" ? Float32Array.from(codes, (c) => (c === 65535 ? NaN : low + (c / 65534) * (high - low))) : codes;
  return shape.includes(0) ? [] : nested(values, shape);
}

const widthOf = (layer) => layer.shape.reduce((product, n) => product * n, TYPES[layer.type].BYTES_PER_ELEMENT);
const pointsOf = (spec) => spec.axes.reduce((product, axis) => product * axis.labels.length, 1);
const isWhole = (spec, data) =>
  data.length === (!spec.recorded ? 0 : spec.shared.offsets?.at(-1) ?? pointsOf(spec) * spec.layers.reduce((sum, layer) => sum + widthOf(layer), 0));

function recorded(spec, data, index) {
  const point = index.reduce((sum, i, axis) => sum * spec.axes[axis].labels.length + i, 0);
  const points = pointsOf(spec), { offsets } = spec.shared;
  if (offsets) return { image: data.subarray(offsets[point], offsets[point + 1]) };
  let start = 0;
  return Object.fromEntries(spec.layers.map((layer) => {
    const size = widthOf(layer), from = start + point * size;
    start += points * size;
    return [layer.name, decode(data.subarray(from, from + size), layer)];
  }));
}

// ---- one control per axis --------------------------------------------------------------------------------------
function control(axis, id, changed, play) {
  const name = html("span", { class: "mtl-name", id: `${id}-name` }, axis.label);
  if (axis.kind === "range") {
    const input = html("input", { type: "range", id, min: 0, max: axis.labels.length - 1, step: 1, oninput: () => changed(+input.value) });
    const output = html("output", { for: id, "aria-live": "off" });   // the slider itself says its value
    const button = html("button", { type: "button", class: "mtl-play", "aria-label": `Play ${axis.label}`, "aria-pressed": "false", onclick: play });
    return { button, row: html("div", { class: "mtl-row" }, html("label", { for: id }, name), output, input, button), show(at, text) {
      input.value = at;
      output.textContent = text;
      input.setAttribute("aria-valuetext", text);
    }, refine: (fine) => axis.between && (input.step = fine ? 0.1 : 1) };
  }
  if (axis.kind === "switch") {
    const input = html("input", { type: "checkbox", id, onchange: () => changed(+input.checked) });
    return { row: html("div", { class: "mtl-row" }, html("label", { for: id }, name), input), show: (at) => (input.checked = at > 0) };
  }
  if (axis.labels.join("").length > 48) {
    const select = html("select", { id, onchange: () => changed(+select.value) }, ...axis.labels.map((text, i) => html("option", { value: i }, text)));
    return { row: html("div", { class: "mtl-row" }, html("label", { for: id }, name), select), show: (at) => (select.value = at) };
  }
  const radios = axis.labels.map((_, i) => html("input", { type: "radio", name: id, onchange: () => changed(i) }));
  const choices = axis.labels.map((text, i) => html("label", {}, radios[i], html("span", {}, text)));
  return {
    row: html("div", { class: "mtl-row", role: "radiogroup", "aria-labelledby": `${id}-name` }, name, html("div", { class: "mtl-choice" }, ...choices)),
    show: (at) => radios.forEach((radio, i) => (radio.checked = i === at)),
  };
}

// ---- what an address asks for: labels of settings, as the page's host hands them over; a notebook has no such host -----
const plain = (text) => minus(text.slice(0, 99).normalize("NFKC").trim().toLowerCase());
const numeric = (text) => (/\S/.test(text) && text.length < 99 ? Number(text.replaceAll("−", "-")) : NaN);

function names({ labels }) {                       // the labels; of those that say the same, the second is a~2
  const twin = (label, i) => labels.slice(0, i).filter((other) => other === label).length;
  return labels.map((label, i) => (twin(label, i) ? `${label}~${twin(label, i) + 1}` : label));
}

function nearest(axis, text) {                     // a position, and whether it is what was asked for
  const known = names(axis), exact = known.indexOf(text);
  const at = exact < 0 && text.length < 99 ? known.findIndex((name) => plain(name) === plain(text)) : exact;
  if (at >= 0) return [at, true];
  const wanted = numeric(text), values = axis.kind === "range" ? axis.numbers : axis.labels.map(numeric);
  if (Number.isNaN(wanted) || values.some(Number.isNaN)) return [axis.start, false];
  const inside = clamp(wanted, Math.min(...values), Math.max(...values)), gaps = values.map((value) => Math.abs(value - inside));
  const closest = gaps.indexOf(Math.min(...gaps));
  return [closest, values[closest] === wanted];
}

// ---- the widget ------------------------------------------------------------------------------------------------
async function render({ model, el, place }) {
  try {
    return await start({ model, el, place });
  } catch (error) {
    el.replaceChildren(html("p", { class: "mtl-trouble", role: "alert" }, `This widget did not start (${error.message}). Run its cell again.`));
  }
}

async function start({ model, el, place }) {
  const spec = model.get("spec"), answers = new Map();
  const data = await inflated(bytes(model.get("data"))).catch(() => null), damaged = !data || !isWhole(spec, data);
  const id = `mtl-${Math.random().toString(36).slice(2)}`;
  const badge = html("span", { class: "mtl-badge", hidden: true }, "live");
  const plot = html("div", { class: "mtl-plot" }), say = html("p", { class: "mtl-say", "aria-hidden": "true" });
  const spoken = html("p", { class: "mtl-spoken", "aria-live": "polite" });         // once, when nothing moves any more
  const trouble = html("p", { class: "mtl-trouble", role: "alert" }), table = html("table");
  const told = html("p", { class: "mtl-told", role: "status" });                    // of the link: copied, or what it asked for in vain
  const copy = place ? [html("button", { type: "button", class: "mtl-copy", onclick: share }, "copy link")] : [];
  const numbers = html("details", { class: "mtl-numbers" }, html("summary", {}, "Numbers"), html("div", {}, table));
  const controls = spec.axes.map((axis, k) => control(axis, `${id}-${k}`, (at) => move(k, at), () => toggle(k)));
  const root = html("div", { class: "mtl", role: "group", "aria-label": spec.title, "data-mode": "replay", "data-kind": spec.shared.kind, "data-lm-suppress-shortcuts": "true" },
    html("div", { class: "mtl-head" }, html("strong", {}, spec.title), badge, ...copy),
    html("div", { class: "mtl-controls" }, ...controls.map((c) => c.row)), told, trouble, plot, say, spoken, numbers);
  root.addEventListener("keydown", (event) => {      // a notebook would take arrow keys that leave an output, but may have Ctrl+S
    if (!event.ctrlKey && !event.metaKey) event.stopPropagation();
  });
  const guard = (event) => root.toggleAttribute("data-lm-suppress-shortcuts", !event.ctrlKey && !event.metaKey);
  addEventListener("keydown", guard, true);          // JupyterLab looks at this mark as soon as the document hears of a key
  for (const [role, { light, dark, dash }] of Object.entries(spec.palette)) {
    root.style.setProperty(`--mtl-${role}`, `light-dark(${light}, ${dark})`);
    root.style.setProperty(`--mtl-${role}-dash`, dash.length ? dash.map((d) => `${d * 2.4}px`).join(" ") : "none");
  }
  let live = false, asked = null, waiting = null, shown = null, playing = null, clock = 0, speech = 0, patience = 0, open = false;

  function move(axis, at) {
    told.textContent = "";
    model.set("index", model.get("index").map((old, k) => (k === axis ? at : old)));
    model.save_changes();
  }
  function label(axis, at) {
    if (Number.isInteger(at)) return axis.labels[at];
    const i = Math.floor(at), [left, right] = axis.numbers.slice(i, i + 2), digits = Math.ceil(1 - Math.log10(Math.abs(right - left)));
    const value = left + (at - i) * (right - left);
    return minus(digits <= 12 ? String(+value.toFixed(clamp(digits, 0, 12))) : value.toExponential(3));
  }
  function draw() {
    if (!shown) return;
    const { index, layers } = shown, where = spec.axes.map((axis, k) => `${axis.label} = ${label(axis, index[k])}`).join(", ");
    root.dataset.shown = index.join();
    let drawn;
    try {
      drawn = PICTURES[spec.shared.kind](spec.shared, layers, plot.clientWidth || 640);
    } catch (error) {
      plot.replaceChildren();
      say.textContent = "";
      numbers.hidden = true;
      trouble.textContent = `This picture cannot be drawn: ${error.message}.`;
      return;
    }
    const { nodes, image, say: sentence, head, rows } = drawn;
    const text = `${[spec.alt || spec.title, where, sentence].filter(Boolean).map((s) => s.replace(/\.$/, "")).join(". ")}.`;
    image.setAttribute(image.tagName === "IMG" ? "alt" : "aria-label", text);
    plot.replaceChildren(...nodes);
    numbers.hidden = rows.length === 0;
    if (numbers.open) tabulate(head, rows);
    shown.table = [head, rows];
    say.textContent = `${where}. ${sentence}`;
    speak(`${where}. ${sentence.length > 240 ? "The numbers are in the table below." : sentence}`);
  }
  function speak(text) {
    clearTimeout(speech);
    speech = setTimeout(() => (playing === null ? (spoken.textContent = text) : speak(text)), playing === null ? 200 : 1500);
  }
  function tabulate(head, rows) {
    const cell = (text, k) => html(k ? "td" : "th", k ? {} : { scope: "row" }, text);
    table.replaceChildren(
      html("thead", {}, html("tr", {}, ...head.map((text) => (text ? html("th", { scope: "col" }, text) : html("td"))))),
      html("tbody", {}, ...rows.map((row) => html("tr", {}, ...row.map(cell)))));
  }
  function update() {
    const index = model.get("index"), key = index.join();
    controls.forEach((c, k) => c.show(index[k], label(spec.axes[k], index[k])));
    const grid = spec.recorded && !damaged && (live && !index.every(Number.isInteger) ? null : index.map(Math.round));
    const layers = answers.get(key) ?? (grid && recorded(spec, data, grid));
    if (layers) {
      trouble.textContent = "";
      shown = { index: answers.has(key) ? index : grid, layers };
      draw();
    } else if (live) ask(index);
    else trouble.textContent = damaged ? DAMAGED : "This picture is not recorded: run the cell to compute it.";
  }
  function ask(index) {                          // one question at a time; of those that come meanwhile only the last is asked
    if (asked) return void (waiting = index);
    asked = index;
    root.setAttribute("aria-busy", "true");
    patience = setTimeout(giveUp, PATIENCE);
    model.send({ kind: "ask", index });
  }
  function rest() {                              // no question is open
    clearTimeout(patience);
    asked = waiting = null;
    root.removeAttribute("aria-busy");
  }
  function listen(now) {                         // whether a kernel answers
    live = now;
    root.dataset.mode = now ? "live" : "replay";
    badge.textContent = "live";
    badge.hidden = !now;
    if (!now) fine.remove();
    else if (spec.axes.some((axis) => axis.between)) controls.at(-1).row.after(fine);
  }
  function giveUp() {
    rest();
    listen(false);
    pause();
    if (spec.recorded) {
      controls.forEach((c) => c.refine?.(false));
      model.set("index", model.get("index").map(Math.round));
      model.save_changes();
      update();
    }
    const still = spec.recorded ? " Here are the recorded settings." : "";
    trouble.textContent = `No answer for ${PATIENCE / 1000} seconds: the kernel is busy or gone.${still}`;
  }
  function answer(message, buffers) {
    if (message.kind === "pong") {
      listen(true);
      trouble.textContent = "";
      if (!shown) update();
      return;
    }
    if (message.kind === "recorded") {
      badge.textContent = "recorded";
      badge.hidden = false;
      return;
    }
    if (!asked) return void (live || model.send({ kind: "ping" }));          // it comes late, but there is a kernel
    trouble.textContent = message.kind === "error" ? message.text : "";
    if (message.kind === "frame") {
      const raw = buffers.map(bytes);
      const layers = spec.shared.offsets ? { image: raw[0] }
        : Object.fromEntries(spec.layers.map((layer, k) => [layer.name, decode(raw[k], { ...layer, type: "f4" })]));
      answers.set(message.index.join(), layers);
    }
    const next = waiting ?? (message.kind === "frame" ? asked : null);
    rest();
    if (next) update();
  }
  const fineBox = html("input", { type: "checkbox", id: `${id}-fine`, onchange: () => {
    controls.forEach((c) => c.refine?.(fineBox.checked));
    if (!fineBox.checked) {
      model.set("index", model.get("index").map(Math.round));
      model.save_changes();
    }
  } });
  const fine = html("div", { class: "mtl-row" }, html("label", { for: `${id}-fine` }, "between the recorded points"), fineBox);

  function toggle(axis) {
    const stop = playing === axis, last = spec.axes[axis].labels.length - 1;
    pause();
    if (stop) return;
    playing = axis;
    controls[axis].button.setAttribute("aria-pressed", "true");
    if (model.get("index")[axis] >= last) move(axis, 0);
    clock = setInterval(() => {
      if (asked) return;
      const at = Math.floor(model.get("index")[axis]) + 1;
      if (at <= last && root.isConnected) move(axis, at);
      if (at >= last || !root.isConnected) pause();
    }, matchMedia("(prefers-reduced-motion: reduce)").matches ? 1200 : clamp(6000 / last, 80, 300));    // a long way in 6 s
  }
  function pause() {
    const moved = playing !== null;
    clearInterval(clock);
    playing = null;
    if (moved) keep();
    controls.forEach((c) => c.button?.setAttribute("aria-pressed", "false"));
  }
  const VIEW = spec.axes.some((axis) => axis.name === "view") ? null : "view";
  function state() {                             // what differs from the start
    const index = model.get("index"), moved = spec.axes.map((axis, k) => [axis.name, names(axis)[Math.round(index[k])], index[k] !== axis.start]);
    const pairs = moved.filter(([, , differs]) => differs).map(([name, label]) => [name, label]);
    return VIEW && numbers.open ? [...pairs, [VIEW, "numbers"]] : pairs;
  }
  function keep() {
    place?.keep(state(), playing !== null);
  }
  function recall() {                            // what the address asks for, or the nearest that there is
    const index = spec.axes.map((axis) => axis.start), wrong = new Set();
    let unknown = false;
    open = false;
    for (const [name, text] of place.asked()) {
      const axis = spec.axes.findIndex((one) => one.name === name);
      if (axis >= 0) {
        const [at, right] = nearest(spec.axes[axis], text);
        index[axis] = at;
        wrong[right ? "delete" : "add"](axis);
      } else if (name === VIEW && text === "numbers") open = true;
      else unknown = true;
    }
    numbers.open = open;
    if (index.join() !== model.get("index").join()) model.set("index", index);
    const instead = [...wrong].map((axis) => `${spec.axes[axis].label} = ${label(spec.axes[axis], index[axis])}`).join(", ");
    told.textContent = [
      instead && `The link asks for a setting that this widget doesn't have. Shown instead: ${instead}.`,
      unknown && "The link names a control that this widget doesn't have.",
    ].filter(Boolean).join(" ");
  }
  async function share() {
    const link = place.link(state());
    told.textContent = "";
    try {
      await navigator.clipboard.writeText(link);
      told.textContent = "Link copied.";
    } catch {
      told.replaceChildren("This browser doesn't let a page copy. Copy this one by hand: ", html("a", { href: link }, "link to this picture"), ".");
    }
  }
  numbers.addEventListener("toggle", () => {
    if (numbers.open && shown) tabulate(...shown.table);
    if (numbers.open === open) return;
    open = numbers.open;
    keep();
  });
  function follow() {
    update();
    keep();
  }
  el.append(root);
  if (place) {
    recall();
    place.onasked(recall);
  }
  model.on("change:index", follow);
  model.on("msg:custom", answer);
  update();
  let width = plot.clientWidth;
  const watch = new ResizeObserver(() => {
    if (plot.clientWidth === width) return;
    width = plot.clientWidth;
    draw();
  });
  watch.observe(plot);
  model.send({ kind: "ping" });
  return () => {
    pause();
    clearTimeout(speech);
    clearTimeout(patience);
    watch.disconnect();
    removeEventListener("keydown", guard, true);
    model.off("change:index", follow);
    model.off("msg:custom", answer);
  };
}
export default { render };
