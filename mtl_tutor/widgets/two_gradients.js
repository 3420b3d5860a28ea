// Draws task gradients as arrows that can be dragged, and what each method makes of them. balancing_methods.js and
// widget_tools.js stand before this text, so that all are one module without imports.

const TASKS = ["A", "B", "C"], ROLES = ["main", "other", "third"], LONGEST = 3, RATE = 0.1, TURN = Math.PI / 180;
const VIEWS = [3.5, 5, 7, 10];                         // half the width of the picture, in units of a gradient
const tipOf = ({ length, angle }) => [length * Math.cos(angle * TURN), length * Math.sin(angle * TURN)];
const angleOf = (a, b) => Math.abs(Math.atan2(turned(a, b), inner(a, b))) / TURN;
const degrees = (v) => `${rounded(v, 0)}°`;

// ---- settings and addresses ------------------------------------------------------------------------------------------
const startOf = (spec) => structuredClone({ tasks: spec.presets[0].tasks, show: spec.show, size: "own", light: "" });

function taskFrom(text) {                              // "2.5 120": length and angle
  const parts = text.trim().split(/\s+/);
  if (parts.length !== 2) return null;
  const length = asked(parts[0], 0, LONGEST), angle = asked(parts[1], -180, 180);
  return length === null || angle === null ? null : { length: +length.toFixed(2), angle: +angle.toFixed(1) };
}

function settingFrom(pairs, spec) {                    // [a legal setting, what was changed]
  const wanted = new Map(), changed = [], setting = startOf(spec), known = spec.methods.map(({ name }) => name);
  for (const [name, text] of pairs) if (!wanted.has(name)) wanted.set(name, text);
  const preset = spec.presets.find(({ name }) => name === wanted.get("preset"));
  if (preset) setting.tasks = structuredClone(preset.tasks);
  const readers = {
    preset: () => Boolean(preset),
    show(text) {
      const names = text.split(/\s+/).filter(Boolean), own = known.filter((name) => names.includes(name));
      setting.show = own;
      return names.every((name) => known.includes(name));
    },
    size: (text) => ["own", "equal"].includes(text) && Boolean((setting.size = text)),
    light: (text) => known.includes(text) && Boolean((setting.light = text)),
  };
  TASKS.forEach((name, t) => (readers[name.toLowerCase()] = (text) => {
    const task = taskFrom(text);
    if (!task || t > setting.tasks.length) return false;
    setting.tasks[t] = task;
    return text.trim().split(/\s+/).map(Number).every((v, i) => v === [task.length, task.angle][i]);
  }));
  for (const name of ["preset", "a", "b", "c", ...wanted.keys()]) {
    if (!wanted.has(name)) continue;
    const text = wanted.get(name);
    wanted.delete(name);
    if (!Object.hasOwn(readers, name)) changed.push(`There is no setting ${shown(name)}.`);
    else if (!readers[name](text)) changed.push(`${name} can’t be ${shown(text)}: the nearest that can be is shown.`);
  }
  if (setting.light && !setting.show.includes(setting.light)) setting.light = "";
  return [setting, changed];
}

function pairsOf(setting, spec) {
  const start = startOf(spec), pairs = setting.tasks.map(({ length, angle }, t) => [TASKS[t].toLowerCase(), `${length} ${angle}`]);
  if (String(setting.show) !== String(start.show)) pairs.push(["show", setting.show.join(" ")]);
  if (setting.size !== "own") pairs.push(["size", setting.size]);
  if (setting.light) pairs.push(["light", setting.light]);
  return pairs;
}

// ---- what is found ---------------------------------------------------------------------------------------------------
function directionsOf({ tasks, show, size }, spec) {   // of each method that is shown: its direction, and what it does to each task
  const rows = tasks.map(tipOf), whole = norm(sumOf(rows));
  return spec.methods.filter(({ name }) => show.includes(name)).map(({ name, label }) => {
    const own = combine(name, rows), length = norm(own), isNone = length < 1e-6;
    const d = isNone ? [0, 0] : size === "equal" ? scaled(own, whole / length) : own;
    return { name, label, d, isNone, changes: rows.map((g) => -RATE * inner(g, d)), angles: rows.map((g) => (norm(g) > 0 && !isNone ? angleOf(g, d) : NaN)) };
  });
}

const snapped = (v, near) => (Math.abs(v) < near ? 0 : v);

function coneOf(rows, half) {                          // corners of the part of the picture in which no task loses
  return rows.reduce((corners, g) => corners.flatMap((p, i) => {
    const q = corners[(i + 1) % corners.length], [a, b] = [p, q].map((one) => snapped(inner(g, one), 1e-9 * half * norm(g))), crossing = plus(p, plus(q, p, -1), a / (a - b));
    return [...(a >= 0 ? [p] : []), ...((a > 0 && b < 0) || (a < 0 && b > 0) ? [crossing] : [])];
  }), [[-half, -half], [half, -half], [half, half], [-half, half]]);
}

function pairsIn(rows) {                               // each two tasks: their angle, in words
  const words = [];
  for (let i = 0; i < rows.length; i++) for (let j = i + 1; j < rows.length; j++) {
    const [a, b] = [norm(rows[i]), norm(rows[j])], cosine = inner(rows[i], rows[j]) / (a * b);
    words.push({ names: `${TASKS[i]} and ${TASKS[j]}`, angle: degrees(angleOf(rows[i], rows[j])), cosine: rounded(cosine, 2), ratio: a > 0 && b > 0 ? rounded(Math.max(a, b) / Math.min(a, b), 1) : "–",
      verdict: !(a * b > 0) ? "one gradient is zero" : cosine < -0.99999 ? "opposite" : cosine < -0.005 ? "conflict" : cosine > 0.005 ? "agree" : "at a right angle" });
  }
  return words;
}

// ---- the picture -----------------------------------------------------------------------------------------------------
function arrow(from, to, className, style, head = 9) { // in pixels
  const along = plus(to, from, -1), length = norm(along);
  if (length < 1) return svg("g");
  const u = scaled(along, 1 / length), tip = Math.min(head, length * 0.7), neck = plus(to, u, -tip), side = scaled([-u[1], u[0]], tip * 0.45);
  const at = (p) => `${p[0].toFixed(1)} ${p[1].toFixed(1)}`;
  return svg("g", { class: className, style }, svg("path", { class: "mtl-shaft", d: `M${at(from)}L${at(plus(to, u, -tip * 0.8))}` }),
    svg("path", { class: "mtl-head-of", d: `M${at(to)}L${at(plus(neck, side))}L${at(plus(neck, side, -1))}Z` }));
}

function widthOf(text, root) {                         // of a label, in the font of its page
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = `600 13px ${getComputedStyle(root).fontFamily}`;
  return pen.measureText(text).width;
}

// Puts labels beside their tips, one after the other, where they cover least: of other labels, of dots, of arrows.
function placed(tags, taken, shafts, width) {
  const cover = (x, y, { w, h }) => {
    const out = Math.max(0, w / 2 + 2 - x, x + w / 2 + 2 - width) + Math.max(0, h / 2 + 2 - y, y + h / 2 + 2 - width);
    const over = taken.reduce((sum, one) => sum + Math.max(0, (one.w + w) / 2 - Math.abs(one.x - x)) * Math.max(0, (one.h + h) / 2 - Math.abs(one.y - y)), 0);
    return 60 * out + over + 12 * shafts.filter(([px, py]) => Math.abs(px - x) < w / 2 && Math.abs(py - y) < h / 2).length;
  };
  for (const tag of tags) {
    let least = Infinity;
    for (const far of tag.fars ?? [0, 14, 30, 50, 74]) for (let k = 0; k < 16; k++) {
      const turn = Math.ceil(k / 2), angle = tag.way + (k % 2 ? 1 : -1) * turn * (tag.turn ?? 22.5) * TURN;
      const x = tag.tip[0] + Math.cos(angle) * (tag.w / 2 + 5 + far), y = tag.tip[1] + Math.sin(angle) * (tag.h / 2 + 5 + far);
      const cost = cover(x, y, tag) + 1.2 * (tag.fars ? 0 : far) + 2 * turn;
      if (cost < least) [least, tag.x, tag.y] = [cost, x, y];
    }
    taken.push(tag);
  }
}

function together(found, near) {                       // methods whose directions can't be told apart
  const groups = [];
  for (const one of found.filter(({ isNone }) => !isNone)) {
    const group = groups.find(([first]) => norm(plus(first.d, one.d, -1)) < near);
    if (group) group.push(one);
    else groups.push([one]);
  }
  return groups;
}

function construction(name, rows, { at, half, scale }) {              // how a method finds its direction
  const line = (points, more = "") => svg("path", { class: `mtl-made ${more}`, d: points.map((p, i) => `${i ? "L" : "M"}${at(p).map((v) => v.toFixed(1)).join(" ")}`).join("") });
  const present = rows.filter((g) => norm(g) > 0);
  if (present.length < 2) return [];
  if (name === "mgda") return [line([...present, present[0]])];
  if (name === "sum") return present.length === 2 ? [line([present[0], sumOf(present), present[1]])] : [];
  if (name === "pcgrad") return withoutConflicts(present).flatMap((p, i) => (norm(plus(p, present[i], -1)) > 1e-9 ? [arrow(at([0, 0]), at(p), "mtl-made-arrow", `color:var(--mtl-${ROLES[rows.indexOf(present[i])]})`, 7), line([present[i], p])] : []));
  if (name === "upgrad") return present.flatMap((g, i) => {
    const p = projected(g, present);
    return norm(plus(p, g, -1)) > 1e-9 ? [arrow(at([0, 0]), at(p), "mtl-made-arrow", `color:var(--mtl-${ROLES[rows.indexOf(present[i])]})`, 7), line([g, p])] : [];
  });
  if (name === "cagrad") {
    const mean = scaled(sumOf(present), 1 / present.length), [cx, cy] = at(mean);
    return [svg("circle", { class: "mtl-made", cx, cy, r: 0.5 * norm(mean) * scale }), svg("circle", { class: "mtl-mean", cx, cy, r: 3 })];
  }
  if (name === "imtl_g" || name === "config") {        // the line on which both cosines are equal
    const d = combine(name, rows);
    return norm(d) > 1e-9 ? [line([scaled(unit(d), -2 * half), scaled(unit(d), 2 * half)])] : [];
  }
  return [];
}

// ---- the widget --------------------------------------------------------------------------------------------------------
function start({ model, el, place }) {
  const spec = model.get("spec"), id = `mtl-${Math.random().toString(36).slice(2)}`, given = model.get("setting");
  const origin = { ...startOf(spec), ...structuredClone(given) };
  let setting = structuredClone(origin), changed = [], frame = 0, speech = 0, half = VIEWS[0], held = -1, view = null, lessonOf = null;
  if (place?.asked().length) [setting, changed] = settingFrom(place.asked(), spec);

  // -- what stands where
  const seen = html("div", { class: "mtl-seen" }), notes = html("p", { class: "mtl-notes", role: "status" }), lesson = html("p", { class: "mtl-lesson" });
  const presets = html("div", { class: "mtl-choice", role: "group", "aria-label": "Presets" },
    ...spec.presets.map(({ name, title, tasks }) => pill(title, false, () => set({ tasks: structuredClone(tasks) }), { "data-preset": name })));
  const sheet = svg("svg", { class: "mtl-plane", role: "group", "aria-label": "Gradients" }), still = svg("g", { "aria-hidden": "true" });
  const handles = TASKS.map((name, t) => {
    const hit = svg("circle", { class: "mtl-hit", r: 23 }), disc = svg("circle", { class: "mtl-disc", r: 12 }), letter = svg("text", { class: "mtl-letter", "text-anchor": "middle", y: 5 }, name);
    const handle = svg("g", { class: "mtl-handle", role: "slider", tabindex: 0, "aria-label": `Tip of the gradient of task ${name}`, "aria-valuemin": 0, "aria-valuemax": LONGEST,
      style: `color:var(--mtl-${ROLES[t]})`, onkeydown: (event) => nudge(event, t), onpointerdown: (event) => grab(event, t), onpointermove: drag, onpointerup: drop, onpointercancel: drop }, hit, disc, letter);
    return handle;
  });
  const lines = svg("g", { "aria-hidden": "true" });
  sheet.append(still, lines, ...handles);
  const none = html("p", { class: "mtl-caption" });
  seen.append(sheet, none);
  const told = html("p", { class: "mtl-told" });
  const rows = TASKS.map((name, t) => ({
    length: slider(`length of ${name}`, `${id}-l${t}`, { min: 0, max: LONGEST, step: 0.05 }, (v) => change(t, { length: v }), (v) => rounded(v, 2)),
    angle: slider(`angle of ${name}`, `${id}-a${t}`, { min: -180, max: 180, step: 1 }, (v) => change(t, { angle: v }), degrees),
  }));
  const count = [2, 3].map((n) => pill(`${n} tasks`, false, () => set({ tasks: n === 2 ? setting.tasks.slice(0, 2) : [...setting.tasks, structuredClone(spec.third)].slice(0, 3) })));
  const sizes = [["own", "each paper’s"], ["equal", "that of the sum"]].map(([size, text]) => pill(text, false, () => set({ size }), { "data-size": size }));
  const chosen = spec.methods.map(({ name, label }) => pill(label, false, () => toggle(name), { "data-method": name }));
  const twos = html("p", { class: "mtl-twos" }), table = html("table", { class: "mtl-found" }), spoken = html("p", { class: "mtl-spoken", "aria-live": "polite" });
  const says = html("span", { class: "mtl-copied", role: "status" });
  const foot = html("div", { class: "mtl-foot" },
    ...(place ? [html("button", { type: "button", onclick: () => copied(place.link(pairsOf(setting, spec)), says) }, "Copy link")] : []),
    html("button", { type: "button", onclick: () => ((lessonOf = null), set(structuredClone(origin))) }, "Reset"), says);
  const group = (label, buttons) => html("div", { class: "mtl-choice mtl-few", role: "group", "aria-label": label }, html("span", { class: "mtl-quiet" }, label), ...buttons);
  const root = html("div", { class: "mtl mtl-pg mtl-arrows", role: "group", "aria-label": spec.title, "data-lm-suppress-shortcuts": "true" },
    notes, presets, lesson,
    html("div", { class: "mtl-two" }, seen,
      html("div", { class: "mtl-set" }, group("Tasks", count), ...rows.flatMap(({ length, angle }) => [length.row, angle.row]), twos)),
    group("Methods shown", chosen), group("Length of a direction", sizes),
    html("p", { class: "mtl-caption" }, `Change of each loss after one step of learning rate ${RATE} against the direction, to first order; below it the angle between the direction and that task’s gradient. Press a method’s name to see how it is made.`),
    table, told, spoken, foot);
  dressed(root, spec.palette);

  // -- changes
  function set(values, moving = false) {
    setting = { ...setting, ...values };
    if (setting.light && !setting.show.includes(setting.light)) setting.light = "";
    changed = [];
    model.set("setting", structuredClone(setting));
    if (!moving) model.save_changes();
    place?.keep(pairsOf(setting, spec), moving);
    later();
  }
  const change = (t, values, moving = false) => set({ tasks: setting.tasks.map((task, i) => (i === t ? { ...task, ...values } : task)) }, moving);
  const toggle = (name) => set({ show: spec.methods.map((one) => one.name).filter((one) => (one === name) !== setting.show.includes(one)) });
  const shine = (name) => set({ light: setting.light === name ? "" : name });
  function moveTo(t, [x, y], moving) {                 // the tip of an arrow
    const length = clamp(norm([x, y]), 0, LONGEST), angle = length < 0.005 ? setting.tasks[t].angle : Math.atan2(y, x) / TURN;
    change(t, { length: +length.toFixed(2), angle: +angle.toFixed(1) }, moving);
  }
  function nudge(event, t) {
    const by = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (!by || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    moveTo(t, plus(tipOf(setting.tasks[t]), by, event.shiftKey ? 0.5 : 0.1));
  }
  function grab(event, t) {
    if (event.button) return;
    event.preventDefault();
    held = t;
    handles[t].setPointerCapture(event.pointerId);
    handles[t].focus({ preventScroll: true });
  }
  function drag(event) {
    if (held < 0) return;
    const box = sheet.getBoundingClientRect(), scale = box.width / (2 * half);
    moveTo(held, [(event.clientX - box.left) / scale - half, half - (event.clientY - box.top) / scale], true);
  }
  function drop() {
    if (held < 0) return;
    held = -1;
    set({});
  }

  // -- pictures
  function later() {
    frame ||= requestAnimationFrame(draw);
  }
  function draw() {
    frame = 0;
    const found = directionsOf(setting, spec), gradients = setting.tasks.map(tipOf);
    if (held < 0) {
      const reach = Math.max(...found.map(({ d }) => Math.max(...d.map(Math.abs))), ...gradients.flat().map(Math.abs)) + 0.35;
      half = VIEWS.find((one) => one >= reach) ?? VIEWS.at(-1);
    }
    const wide = root.clientWidth >= 620, room = root.clientWidth - 2 * parseFloat(getComputedStyle(root).paddingLeft || 0);
    root.classList.toggle("mtl-wide", wide);
    const width = Math.max(200, Math.floor(wide ? Math.min(room * 0.6, 440) : Math.min(room, 440))), scale = width / (2 * half);
    const at = ([x, y]) => [(x + half) * scale, (half - y) * scale];
    view = { at, half, scale, width };
    for (const [name, value] of [["width", width], ["height", width], ["viewBox", `0 0 ${width} ${width}`]]) sheet.setAttribute(name, value);
    seen.style.width = `${width}px`;
    drawGround(gradients);
    drawArrows(gradients, found);
    showControls(gradients, found);
    drawTable(gradients, found);
    root.dataset.ready = "";
    clearTimeout(speech);
    speech = setTimeout(() => write(spoken, inWords(gradients, found)), 500);
  }
  function drawGround(gradients) {
    const { at, scale, width } = view, [ox, oy] = at([0, 0]), corners = coneOf(gradients.filter((g) => norm(g) > 0), half);
    const ring = half > 5 ? 5 : 1, rings = Array.from({ length: Math.floor(half / ring) }, (_, i) => (i + 1) * ring);
    still.replaceChildren(
      svg("rect", { class: "mtl-frame", x: 0.5, y: 0.5, width: width - 1, height: width - 1, rx: 6 }),
      ...rings.map((r) => svg("circle", { class: "mtl-ring", cx: ox, cy: oy, r: r * scale })),
      svg("path", { class: "mtl-ring", d: `M0 ${oy}H${width}M${ox} 0V${width}` }),
      ...rings.map((r) => svg("text", { class: "mtl-x", x: ox + r * scale - 4, y: oy + 14, "text-anchor": "end" }, `${r}`)),
      corners.length ? svg("polygon", { class: "mtl-cone", points: corners.map((p) => at(p).map((v) => v.toFixed(1)).join(",")).join(" ") }) : "");
    still.dataset.cone = corners.length;
    const far = corners.filter((p) => Math.max(...p.map(Math.abs)) > 0.99 * half), middle = sumOf(far.map(unit)), isWide = far.length > 2 || (far.length === 2 && angleOf(...far) > 12);
    view.cone = isWide && norm(middle) > 1e-9 ? { way: Math.atan2(-middle[1], middle[0]), tip: at([0, 0]), w: 92, h: 18, turn: Math.min(6, spanOf(far) / 18), fars: [0.5, 0.62, 0.74, 0.86, 0.95].map((share) => share * half * scale - 45) } : null;
  }
  const spanOf = (corners) => Math.max(...corners.flatMap((p) => corners.map((q) => angleOf(p, q))));
  function drawArrows(gradients, found) {
    const { at, width } = view, zero = at([0, 0]), groups = together(found, half * 0.012);
    const inside = (p) => p.map((v) => clamp(v, 4, width - 4));
    const taken = gradients.map((g) => ({ x: at(g)[0], y: at(g)[1], w: 30, h: 30 })), steps = Array.from({ length: 25 }, (_, i) => i / 24);
    const shafts = [...gradients, ...groups.map(([{ d }]) => d)].flatMap((d) => steps.map((k) => at(scaled(d, k))));
    const tags = groups.map((group) => {
      const names = group.map(({ label }) => label), texts = [];
      for (let i = 0; i < names.length; i += 2) texts.push(names.slice(i, i + 2).join(", "));
      const w = Math.max(...texts.map((text) => widthOf(text, root))) + 6, [x, y] = group[0].d;
      return { tip: inside(at([x, y])), way: Math.atan2(-y, x), w, h: 16 * texts.length + 2, texts, isLight: group.some(({ name }) => name === setting.light) };
    });
    placed(tags.sort((a, b) => norm(plus(b.tip, zero, -1)) - norm(plus(a.tip, zero, -1))), taken, shafts, width);
    const cone = view.cone;
    if (cone) placed([cone], taken, shafts, width);
    lines.replaceChildren(
      cone ? svg("text", { class: "mtl-cone-name", x: cone.x, y: cone.y + 4, "text-anchor": "middle" }, "no task loses") : "",
      ...(setting.light ? construction(setting.light, gradients, view) : []),
      ...gradients.map((g, t) => arrow(zero, at(g), "mtl-gradient", `color:var(--mtl-${ROLES[t]})`, 12)),
      ...groups.map((group) => {
        const isLight = group.some(({ name }) => name === setting.light);
        const made = arrow(zero, inside(at(group[0].d)), `mtl-direction${isLight ? " mtl-light" : setting.light ? " mtl-dim" : ""}`, "");
        made.dataset.names = group.map(({ name }) => name).join(" ");
        return made;
      }),
      ...tags.flatMap(({ x, y, w, h, tip, texts, isLight }) => {
        const away = Math.abs(tip[0] - x) > w / 2 + 9 || Math.abs(tip[1] - y) > h / 2 + 9, quiet = setting.light && !isLight ? " mtl-dim" : "";
        return [away ? svg("path", { class: "mtl-leader", d: `M${tip[0].toFixed(1)} ${tip[1].toFixed(1)}L${x.toFixed(1)} ${y.toFixed(1)}` }) : "",
          ...texts.map((text, k) => svg("text", { class: `mtl-tag${quiet}`, x: x.toFixed(1), y: (y - h / 2 + 13 + 16 * k).toFixed(1), "text-anchor": "middle" }, text))];
      }));
    handles.forEach((handle, t) => {
      handle.style.display = t < gradients.length ? "" : "none";
      if (t >= gradients.length) return;
      const { length, angle } = setting.tasks[t], [x, y] = at(gradients[t]);
      handle.setAttribute("transform", `translate(${x.toFixed(1)} ${y.toFixed(1)})`);
      handle.setAttribute("aria-valuenow", length);
      handle.setAttribute("aria-valuetext", `length ${rounded(length, 2)}, angle ${degrees(angle)}`);
    });
    const idle = found.filter(({ isNone }) => isNone).map(({ label }) => label);
    write(none, idle.length ? `No direction, so no step: ${idle.join(", ")}.` : "Arrows are gradients, rings their lengths (loss per unit of a parameter). A step goes the other way.");
  }
  function showControls(gradients, found) {
    const same = (tasks) => tasks.length === setting.tasks.length && tasks.every((task, t) => task.length === setting.tasks[t].length && task.angle === setting.tasks[t].angle);
    const preset = spec.presets.find(({ tasks }) => same(tasks));
    presets.querySelectorAll("button").forEach((button) => press(button, button.dataset.preset === preset?.name));
    if (preset && preset !== lessonOf) lesson.replaceChildren(`${preset.look} `, html("b", {}, preset.bet));
    else if (!lessonOf && !preset) write(lesson, "Your own gradients: drag the tips, or use the arrow keys on a tip.");
    lessonOf = preset ?? lessonOf;                     // its question stays while a tip is dragged
    rows.forEach(({ length, angle }, t) => {
      length.row.hidden = angle.row.hidden = t >= setting.tasks.length;
      if (t >= setting.tasks.length) return;
      length.show(setting.tasks[t].length);
      angle.show(setting.tasks[t].angle);
    });
    count.forEach((button, i) => press(button, setting.tasks.length === i + 2));
    sizes.forEach((button) => press(button, button.dataset.size === setting.size));
    chosen.forEach((button) => press(button, setting.show.includes(button.dataset.method)));
    twos.replaceChildren(...pairsIn(gradients).map(({ names, angle, cosine, ratio, verdict }) =>
      html("span", {}, html("b", {}, names), verdict.startsWith("one") ? ` ${verdict}` : ` ${verdict}: angle ${angle}, cosine ${cosine}, norm ratio ${ratio}`)));
    const light = spec.methods.find(({ name }) => name === setting.light);
    told.replaceChildren(...(light ? [html("b", {}, light.label), ` ${light.says}`] : []));
    told.hidden = !light;
    notes.textContent = changed.join(" ");
    notes.hidden = changed.length === 0;
  }
  function drawTable(gradients, found) {
    const head = html("tr", {}, html("th", { scope: "col" }, "direction"), html("th", { scope: "col", class: "mtl-len" }, "length"),
      ...gradients.map((_, t) => html("th", { scope: "col", style: `border-color:var(--mtl-${ROLES[t]})` }, `loss ${TASKS[t]}`)));
    const body = found.map(({ name, label, d, isNone, changes, angles }) => html("tr", { "data-method": name },
      html("th", { scope: "row" }, pill(label, setting.light === name, () => shine(name), { "data-light": name }), html("span", { class: "mtl-quiet" }, `length ${rounded(norm(d), 2)}`)),
      html("td", { class: "mtl-len" }, rounded(norm(d), 2)),
      ...changes.map((v, t) => {
        const loses = v > 5e-4, gains = v < -5e-4;
        return html("td", { class: loses ? "mtl-loses" : "" }, isNone ? "stays" : `${loses ? "▲ +" : gains ? "▼ " : ""}${rounded(v, 3)}`, html("span", { class: "mtl-quiet" }, Number.isFinite(angles[t]) ? degrees(angles[t]) : "–"));
      })));
    const focused = root.contains(document.activeElement) ? document.activeElement.dataset?.light : null;
    table.replaceChildren(html("caption", { class: "mtl-spoken" }, "What each direction does"), html("thead", {}, head), html("tbody", {}, ...body));
    if (focused) table.querySelector(`[data-light="${focused}"]`)?.focus({ preventScroll: true });
  }
  function inWords(gradients, found) {
    const pairs = pairsIn(gradients).map(({ names, verdict, angle }) => `${names}: ${verdict}, ${angle}.`);
    const harm = found.map(({ label, isNone, changes }) => {
      const losers = TASKS.filter((_, t) => changes[t] > 5e-4);
      return `${label}: ${isNone ? "no step" : losers.length ? `${losers.join(" and ")} loses` : "no task loses"}.`;
    });
    return [...pairs, ...harm].join(" ");
  }

  // -- life
  el.append(root);
  draw();
  if (changed.length) place?.keep(pairsOf(setting, spec));
  const stop = watched(root, later);
  place?.onasked(() => {
    [setting, changed] = place.asked().length ? settingFrom(place.asked(), spec) : [structuredClone(origin), []];
    later();
  });
  return () => {
    stop();
    clearTimeout(speech);
    cancelAnimationFrame(frame);
  };
}
export default { render: begun(start, "The widget") };
