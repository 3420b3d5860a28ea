// Draws two losses of two parameters, and the paths of a method down them. widget_tools.js, balancing_methods.js and
// landscape_paths.js stand before this text, so that all are one module without imports.

const ROLES = ["main", "other"], FRAMES = 200;         // points of a path that are kept: more of its beginning
const stepAt = (frame, steps) => Math.round(steps * (frame / FRAMES) ** 2);

// ---- settings and addresses ------------------------------------------------------------------------------------------
const startOf = (spec) => ({ ...spec.presets[0].setting });

function settingFrom(pairs, spec) {                    // [a legal setting, what was changed]
  const wanted = new Map(), changed = [];
  for (const [name, text] of pairs) if (!wanted.has(name)) wanted.set(name, text);
  const asksFor = wanted.get("preset"), preset = spec.presets.find(({ name }) => name === asksFor), setting = { ...(preset ?? spec.presets[0]).setting };
  if (asksFor !== undefined && !preset) changed.push(`There is no preset ${shown(asksFor)}.`);
  wanted.delete("preset");
  for (const [name, text] of wanted) {
    const knob = spec.knobs.find((one) => one.name === name);
    if (!knob) {
      changed.push(`There is no setting ${shown(name)}.`);
      continue;
    }
    const isWord = typeof knob.values[0] === "string", number = isWord ? null : asked(text, knob.values[0], knob.values.at(-1));
    const value = isWord ? knob.values.find((one) => one === text) : number === null ? undefined : knob.values.reduce((a, b) => (Math.abs(b - number) < Math.abs(a - number) ? b : a));
    if (value !== undefined) setting[name] = value;
    if (value === undefined || (!isWord && Number(text) !== value)) changed.push(`${knob.label} can’t be ${shown(text)}: it is ${setting[name]} now.`);
  }
  return [setting, changed];
}
const pairsOf = (setting, spec) => spec.knobs.map(({ name }) => [name, String(setting[name])]);

// ---- pictures --------------------------------------------------------------------------------------------------------
function contoursOf(values, n, levels) {               // marching squares on an n x n grid: a list of segments for each level
  return levels.map((level) => {
    const segments = [];
    for (let j = 0; j < n - 1; j++) for (let i = 0; i < n - 1; i++) {
      const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]], v = corners.map(([x, y]) => values[y * n + x]), cuts = [];
      for (let k = 0; k < 4; k++) {
        const [a, b] = [v[k], v[(k + 1) % 4]];
        if (a < level === b < level) continue;
        const t = (level - a) / (b - a), [p, q] = [corners[k], corners[(k + 1) % 4]];
        cuts.push([p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1])]);
      }
      for (let k = 0; k + 1 < cuts.length; k += 2) segments.push([cuts[k], cuts[k + 1]]);
    }
    return segments;
  });
}

const niceTicks = ([low, high]) => {
  const step = [0.25, 0.5, 1, 2, 4, 5, 10, 20, 50, 100, 200].find((one) => (high - low) / one <= 5);
  return Array.from({ length: Math.floor(high / step + 1e-9) - Math.ceil(low / step - 1e-9) + 1 }, (_, i) => (Math.ceil(low / step - 1e-9) + i) * step);
};

function panel(width, [x, y], labels, title) {         // a frame with axes; X and Y turn numbers into pixels
  const box = { left: 38, right: 8, top: 8, bottom: 38 }, height = width, across = width - box.left - box.right, down = height - box.top - box.bottom;
  const X = (v) => box.left + ((v - x[0]) / (x[1] - x[0])) * across, Y = (v) => box.top + ((y[1] - v) / (y[1] - y[0])) * down;
  const clip = `mtl-${Math.random().toString(36).slice(2)}`, inner = svg("g", { "clip-path": `url(#${clip})` });
  const sheet = svg("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": title },
    svg("clipPath", { id: clip }, svg("rect", { x: box.left, y: box.top, width: across, height: down })),
    svg("rect", { class: "mtl-frame", x: box.left, y: box.top, width: across, height: down }), inner,
    ...niceTicks(x).map((v) => svg("text", { class: "mtl-x", x: X(v), y: height - box.bottom + 15, "text-anchor": "middle" }, minus(String(+v.toFixed(2))))),
    ...niceTicks(y).map((v) => svg("text", { class: "mtl-y", x: box.left - 5, y: Y(v) + 4, "text-anchor": "end" }, minus(String(+v.toFixed(2))))),
    svg("text", { class: "mtl-x", x: box.left + across / 2, y: height - 4, "text-anchor": "middle" }, labels[0]),
    svg("text", { class: "mtl-x", x: -box.top - down / 2, y: 10, "text-anchor": "middle", transform: "rotate(-90)" }, labels[1]));
  return { sheet, inner, X, Y, route: (points) => points.map(([a, b], i) => `${i ? "L" : "M"}${clamp(X(a), -999, 2999).toFixed(1)} ${clamp(Y(b), -999, 2999).toFixed(1)}`).join("") };
}

function contourLines(land, { X, Y }) {                // of both losses, the levels at equal shares of the view
  const n = 70, [x, y] = land.view, place = ([i, j]) => [x[0] + (i * (x[1] - x[0])) / (n - 1), y[0] + (j * (y[1] - y[0])) / (n - 1)];
  const values = [0, 1].map(() => new Float64Array(n * n));
  for (let j = 0; j < n; j++) for (let i = 0; i < n; i++) land.at(place([i, j]))[0].forEach((v, k) => (values[k][j * n + i] = v));
  return values.map((all, k) => {
    const ranked = Float64Array.from(all).sort(), levels = Array.from({ length: 9 }, (_, i) => ranked[Math.floor(((i + 0.5) / 9) * ranked.length)]);
    const d = contoursOf(all, n, levels).flat().map((segment) => segment.map((p, i) => `${i ? "L" : "M"}${place(p).map((v, axis) => (axis ? Y(v) : X(v)).toFixed(1)).join(" ")}`).join("")).join("");
    return svg("path", { class: "mtl-contour", style: `color:var(--mtl-${ROLES[k]})`, d });
  });
}

// ---- the widget --------------------------------------------------------------------------------------------------------
function start({ model, el, place }) {
  const spec = model.get("spec"), id = `mtl-${Math.random().toString(36).slice(2)}`, origin = { ...startOf(spec), ...model.get("setting") };
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  let setting = { ...origin }, changed = [], paths = [], at = FRAMES, playing = false, ticket = 0, timer = 0, drawn = null, clock = 0, lessonOf = null, speech = 0;
  if (place?.asked().length) [setting, changed] = settingFrom(place.asked(), spec);

  const notes = html("p", { class: "mtl-notes", role: "status" }), lesson = html("p", { class: "mtl-lesson" });
  const presets = html("div", { class: "mtl-choice", role: "group", "aria-label": "Presets" },
    ...spec.presets.map(({ name, title, setting: values }) => pill(title, false, () => set({ ...values }), { "data-preset": name })));
  const play = html("button", { type: "button", class: "mtl-go", "aria-pressed": "false", onclick: () => (playing ? pause() : go()) }, "Play");
  const scrub = html("input", { type: "range", id: `${id}-at`, min: 0, max: FRAMES, step: 1, oninput: () => (pause(), show(+scrub.value)) });
  const now = html("output", { for: `${id}-at`, "aria-live": "off" });
  const controls = new Map(spec.knobs.map((knob) => [knob.name, control(knob)]));
  const pictures = html("div", { class: "mtl-pair" }), key = html("p", { class: "mtl-key" }), table = html("table", { class: "mtl-found" });
  const spoken = html("p", { class: "mtl-spoken", "aria-live": "polite" }), says = html("span", { class: "mtl-copied", role: "status" });
  const foot = html("div", { class: "mtl-foot" }, place ? html("button", { type: "button", onclick: () => copied(place.link(pairsOf(setting, spec)), says) }, "Copy link") : "",
    html("button", { type: "button", onclick: () => ((lessonOf = null), set({ ...origin })) }, "Reset"), says);
  const root = html("div", { class: "mtl mtl-pg mtl-arrows mtl-land", role: "group", "aria-label": spec.title, "data-lm-suppress-shortcuts": "true" },
    notes, presets, lesson, html("div", { class: "mtl-rows" }, ...[...controls.values()].map(({ row }) => row)),
    html("div", { class: "mtl-transport" }, play, html("label", { for: `${id}-at` }, "step"), scrub, now), pictures, key, table, spoken, foot);
  dressed(root, spec.palette);

  function control(knob) {
    const words = (v) => knob.words?.[v] ?? (typeof v === "number" ? v.toLocaleString("en-US") : v);
    if (typeof knob.values[0] === "string") {
      const input = html("select", { id: `${id}-${knob.name}`, onchange: () => set({ [knob.name]: input.value }) }, ...knob.values.map((v) => html("option", { value: v }, words(v))));
      return { row: html("div", { class: "mtl-row" }, html("label", { for: `${id}-${knob.name}` }, knob.label), input), show: (v) => (input.value = v) };
    }
    const one = slider(knob.label, `${id}-${knob.name}`, { min: 0, max: knob.values.length - 1, step: 1 }, (i) => set({ [knob.name]: knob.values[i] }), (i) => words(knob.values[i]));
    return { row: one.row, show: (v) => one.show(knob.values.indexOf(v)) };
  }

  // -- changes
  function set(values) {
    setting = { ...setting, ...values };
    changed = [];
    model.set("setting", { ...setting });
    model.save_changes();
    place?.keep(pairsOf(setting, spec));
    begin();
  }
  function begin() {                                   // walk anew, a little at a time
    const mine = ++ticket, { steps } = setting, land = LANDSCAPES[setting.landscape], walks = spec.starts[setting.landscape].map((start) => new Walk(land, start, setting));
    const found = walks.map(({ point }) => [point.slice()]);
    pause();
    delete root.dataset.walked;
    showControls();
    clearTimeout(timer);
    const slice = () => {
      if (mine !== ticket) return;
      for (const end = performance.now() + 15; found[0].length <= FRAMES && performance.now() < end; )
        walks.forEach((walk, i) => found[i].push(walk.go(stepAt(found[i].length, steps) - walk.t)));
      paths = found.map((points) => ({ points, losses: points.map((p) => land.at(p)[0]) }));
      if (found[0].length <= FRAMES) timer = setTimeout(slice);
      else root.dataset.walked = "";
      draw(Math.min(at, found[0].length - 1));
    };
    at = FRAMES;
    slice();
  }
  function show(i) {
    at = i;
    draw(i);
  }
  function go() {
    if (calm.matches) return show(FRAMES);             // no motion: the end
    playing = true;
    write(play, "Pause");
    press(play, true);
    if (at >= paths[0].points.length - 1) at = 0;
    clock = 0;
    requestAnimationFrame(advance);
  }
  function advance(time) {
    if (!playing || !root.isConnected) return;
    if (time - clock >= 25) {
      clock = time;
      show(Math.min(at + 1, paths[0].points.length - 1));
      if (at >= FRAMES) return pause();
    }
    requestAnimationFrame(advance);
  }
  function pause() {
    playing = false;
    write(play, "Play");
    press(play, false);
  }

  // -- pictures
  function draw(i) {
    const room = root.clientWidth - 2 * parseFloat(getComputedStyle(root).paddingLeft || 0), wide = room >= 560, width = Math.max(220, Math.floor(wide ? (room - 14) / 2 : Math.min(room, 420)));
    root.classList.toggle("mtl-wide", wide);
    const form = `${setting.landscape} ${width}`;
    if (drawn?.form !== form) drawn = ground(form, width);
    for (const [which, plane] of [["points", drawn.map], ["losses", drawn.plane]])
      plane.trace.replaceChildren(...paths.flatMap((path) => {
        const points = path[which].slice(0, i + 1).filter((p) => p.every(Number.isFinite)), [first, last] = [points[0], points.at(-1)];
        return [svg("path", { class: which === "losses" ? "mtl-path mtl-thin" : "mtl-path", d: plane.route(points) }), svg("circle", { class: "mtl-begin", cx: plane.X(first[0]), cy: plane.Y(first[1]), r: 4 }), svg("circle", { class: "mtl-end", cx: clamp(plane.X(last[0]), -99, 2999), cy: clamp(plane.Y(last[1]), -99, 2999), r: 5 })];
      }));
    scrub.value = i;
    const text = `${stepAt(i, setting.steps).toLocaleString("en-US")} of ${setting.steps.toLocaleString("en-US")}`;
    write(now, text);
    scrub.setAttribute("aria-valuetext", text);
    root.dataset.ready = i;
    if (!playing) drawTable(i);
  }
  function ground(form, width) {
    const land = LANDSCAPES[setting.landscape], names = spec.losses;
    const map = panel(width, land.view, ["first parameter", "second parameter"], "The plane of parameters, with contours of both losses and the paths"), plane = panel(width, land.losses, names, "The plane of losses, with the same paths and the Pareto front");
    map.inner.append(...contourLines(land, map), svg("path", { class: "mtl-front", d: map.route(land.front) }));
    plane.inner.append(svg("path", { class: "mtl-front", d: plane.route(land.front.map((p) => land.at(p)[0])) }));
    for (const one of [map, plane]) one.inner.append((one.trace = svg("g")));
    pictures.replaceChildren(map.sheet, plane.sheet);
    const mark = (role, text) => [html("i", { style: `background:var(--mtl-${role})` }), text];
    key.replaceChildren(...[mark("main", names[0]), mark("other", names[1]), ...(land.front.length ? [[html("i", { class: "mtl-front-key" }), "Pareto set and front: no loss can fall unless the other rises"]] : [])].map((parts) => html("span", {}, ...parts)), html("span", {}, "○ start, ● now; the axes have no unit"));
    return { form, map, plane };
  }
  function drawTable(i) {
    const far = (v) => (!Number.isFinite(v) ? "–" : Math.abs(v) >= 100 ? rounded(v, 0) : rounded(v, 2));
    table.replaceChildren(html("caption", { class: "mtl-spoken" }, "Where each start has come to"), html("thead", {}, html("tr", {}, ...["start", "point", ...spec.losses, "mean"].map((text) => html("th", { scope: "col" }, text)))),
      html("tbody", {}, ...paths.map(({ points, losses }) => {
        const here = losses[i] ?? losses.at(-1), spot = points[i] ?? points.at(-1);
        return html("tr", {}, html("th", { scope: "row" }, `(${points[0].map((v) => minus(String(v))).join(", ")})`), ...[`(${spot.map(far).join(", ")})`, ...here.map(far), far((here[0] + here[1]) / 2)].map((text) => html("td", {}, text)));
      })));
    clearTimeout(speech);
    speech = setTimeout(() => write(spoken, `${now.textContent} steps. ${paths.map(({ losses }, k) => `Start ${k + 1}: ${losses[i]?.map(far).join(" and ")}.`).join(" ")}`), 500);
  }
  function showControls() {
    for (const { name, when } of spec.knobs) {
      controls.get(name).show(setting[name]);
      controls.get(name).row.hidden = Boolean(when) && !when[1].includes(setting[when[0]]);
    }
    const preset = spec.presets.find(({ setting: values }) => Object.entries(values).every(([name, value]) => setting[name] === value));
    presets.querySelectorAll("button").forEach((button) => press(button, button.dataset.preset === preset?.name));
    const taught = preset ?? (lessonOf?.setting.landscape === setting.landscape ? lessonOf : spec.presets.find(({ setting: values }) => values.landscape === setting.landscape));
    if (taught !== lessonOf) lesson.replaceChildren(`${taught.look} `, html("b", {}, taught.bet));
    lessonOf = taught;
    notes.textContent = changed.join(" ");
    notes.hidden = changed.length === 0;
  }

  // -- life
  el.append(root);
  begin();
  const stop = watched(root, () => draw(Math.min(at, paths[0].points.length - 1)));
  place?.onasked(() => {
    [setting, changed] = place.asked().length ? settingFrom(place.asked(), spec) : [{ ...origin }, []];
    begin();
  });
  return () => {
    ticket++;
    pause();
    clearTimeout(timer);
    clearTimeout(speech);
    stop();
  };
}
export default { render: begun(start, "The widget") };
