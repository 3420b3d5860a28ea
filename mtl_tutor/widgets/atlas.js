// Draws the atlas: a heat map of architectures by cases, and three suggestions for the reader's own case.
// One module without imports: the page, JupyterLab and Colab all load this same text.

// ---- small tools -----------------------------------------------------------------------------------------------
function html(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children);
  return node;
}
const minus = (text) => text.replace(/^-(?=[0.]*$)/, "").replaceAll("-", "−");    // no zero is negative
const whole = (value) => minus(String(Math.round(value)));
const saves = (value) => (Math.round(value) < 0 ? `errs ${whole(-value)}% more` : `saves ${whole(value)}%`);
const signed = (value) => (Math.round(value) > 0 ? `+${whole(value)}` : whole(value));
const mark = ([, low, high], margin) => (low > margin ? "gain" : high < -margin ? "harm" : "unclear");
const strength = (value) => Math.min(Math.abs(value) / 60, 1) * 0.55 + 0.05;     // of a cell's colour; its text stays legible
const LOWEST = -99, LEAST = -999;                       // what a cell and a sum have room for; the line below the map tells all
const PAINT = { gain: [0, 114, 178], harm: [213, 94, 0] };
const paint = (value) => `rgba(${PAINT[value < 0 ? "harm" : "gain"].join(", ")}, ${strength(value).toFixed(2)})`;

// The value of a list that a text asks for, or the nearest number; and whether it is what was asked for.
function nearest(values, text, start) {
  const at = values.indexOf(text.slice(0, 99).trim().toLowerCase());
  if (at >= 0) return [at, true];
  const wanted = text.length < 99 && /\S/.test(text) ? Number(text) : NaN;
  if (!(wanted > 0) || !values.every((value) => Number(value) > 0)) return [start, false];
  const gaps = values.map((value) => Math.abs(Math.log(value) - Math.log(Math.min(wanted, 1e9))));
  return [gaps.indexOf(Math.min(...gaps)), false];
}

// ---- the widget ------------------------------------------------------------------------------------------------
async function render({ model, el, place }) {
  try {
    return start(model.get("spec"), el, place);
  } catch (error) {
    el.replaceChildren(html("p", { class: "mtl-trouble", role: "alert" }, `This widget did not start (${error.message}). Run its cell again.`));
  }
}

function start(spec, el, place) {
  const { columns, groups, selectors, margin } = spec, id = `mtl-${Math.random().toString(36).slice(2)}`;
  const isPage = el.classList.contains("mtl-host"), rows = [...spec.rows], caseOf = (key) => columns.findIndex((one) => one.key === key);
  const SORTS = { harms: ["fewest harms", (row) => row.harms * 1e4 - row.mean], mean: ["mean gain", (row) => -row.mean],
    worst: ["worst case", (row) => -row.worst[1]], cost: ["multiplications", (row) => row.cost[1]] };
  columns.forEach(({ key, label }, c) => (SORTS[key] = [label, (row) => -row.cells[c][0]]));
  const state = { sort: "harms", group: groups[0].key, picks: selectors.map((one) => one.start) };
  let cursor = [0, 0];

  // What stands around the map.
  const told = html("p", { class: "mtl-told", role: "status" }), detail = html("p", { class: "mtl-detail", "aria-live": "polite" });
  const copy = place ? [html("button", { type: "button", class: "mtl-copy", onclick: share }, "copy link")] : [];
  const save = html("button", { type: "button", class: "mtl-copy mtl-save", onclick: keepPicture }, "save as PNG");
  const sorts = html("select", { id: `${id}-sort`, onchange: () => change({ sort: sorts.value }) },
    ...Object.entries(SORTS).map(([key, [text]]) => html("option", { value: key }, text)));
  const chips = choice("columns", groups.map((group) => group.label), (i) => change({ group: groups[i].key }));
  chips.row.classList.add("mtl-narrow");
  const controls = selectors.map((one, k) => choice(one.label, one.words, (i) => change({ picks: state.picks.map((old, j) => (j === k ? i : old)) })));
  const table = html("table", { class: "mtl-atlas" }), list = html("ol", { class: "mtl-top" }), note = html("p", { class: "mtl-note" });
  const root = html("div", { class: "mtl mtl-atlas-box", role: "group", "aria-label": spec.heading, "data-lm-suppress-shortcuts": "true" },
    html("div", { class: "mtl-head" }, html("strong", {}, spec.heading), html("span", {}, ...copy, " ", save)), told,
    html("div", { class: "mtl-controls" }, html("div", { class: "mtl-row" }, html("label", { for: sorts.id }, "sort by"), sorts), chips.row),
    html("div", { class: "mtl-map-room" }, table), detail,
    html("p", { class: "mtl-key" }, ...legend()),
    html("p", { class: "mtl-mine" }, html("strong", {}, "My case")),
    html("div", { class: "mtl-controls" }, ...controls.map((one) => one.row)), note, list);
  root.addEventListener("keydown", (event) => {
    if (!event.ctrlKey && !event.metaKey) event.stopPropagation();
  });
  for (const [role, { light, dark }] of Object.entries(spec.palette)) root.style.setProperty(`--mtl-${role}`, `light-dark(${light}, ${dark})`);

  function choice(label, words, changed) {
    const name = `${id}-${label}`.replaceAll(" ", "-");
    const radios = words.map((_, i) => html("input", { type: "radio", name, onchange: () => changed(i) }));
    const choices = words.map((text, i) => html("label", {}, radios[i], html("span", {}, text)));
    const row = html("div", { class: "mtl-row", role: "radiogroup", "aria-labelledby": `${name}-name` },
      html("span", { id: `${name}-name` }, label), html("div", { class: "mtl-choice" }, ...choices));
    return { row, show: (at) => radios.forEach((radio, i) => (radio.checked = i === at)) };
  }
  function legend() {
    const sample = (value, text) => html("span", {}, html("i", { style: `background: ${paint(value)}`, "aria-hidden": "true" }), text);
    return [sample(45, "saves error"), sample(-45, "errs more"), html("span", {}, html("b", {}, "bold"), ": clear, the 95% interval lies beyond ±2%"),
      html("span", {}, `${whole(LOWEST)}, ${whole(LEAST)}: that much or more`),
      html("span", {}, html("span", { class: "mtl-near" }, "underlined"), ": nearest to my case")];
  }

  // The map: a table, whose cells the arrow keys reach.
  const advice = () => spec.advice[state.picks.map((i, k) => selectors[k].values[i]).join()];
  function cell(row, r, c) {
    const values = row.cells[c];
    return html("td", { class: `mtl-cell mtl-${mark(values, margin)} g-${columns[c].group}`, style: `background: ${paint(values[0])}`,
      tabindex: r === cursor[0] && c === cursor[1] ? 0 : -1, "data-r": r, "data-c": c }, whole(Math.max(values[0], LOWEST)));
  }
  function line(row, r, kind) {
    const name = isPage && row.href ? html("a", { href: row.href }, row.name) : row.name;
    const sums = kind ? ["", "", "", ""] : [String(row.gains), String(row.harms), whole(Math.max(row.worst[1], LEAST)), whole(row.cost[1])];
    return html("tr", { class: kind }, html("th", { scope: "row" }, name),
      ...sums.map((text, k) => html("td", { class: `mtl-sum g-sum mtl-sum-${k}` }, text)), ...columns.map((_, c) => cell(row, r, c)));
  }
  function drawMap() {
    rows.splice(0, rows.length, ...[...spec.rows].sort((a, b) => SORTS[state.sort][1](a) - SORTS[state.sort][1](b)));
    const near = new Set(advice().nearest), all = [...rows, spec.chosen, spec.wide];
    const top = groups.filter((group) => group.key !== "sum");
    const upright = (text, more = "") => html("th", { scope: "col", class: `mtl-up ${more}` }, html("span", {}, text));
    table.replaceChildren(
      html("caption", { class: "mtl-spoken" }, `${spec.alt} In per cent of the single-task nets' error; sorted by: ${SORTS[state.sort][0]}.`),
      html("colgroup", {}, html("col", {}), ...[0, 1, 2, 3].map((k) => html("col", { class: `g-sum mtl-sum-${k}` })),
        ...columns.map(({ group }) => html("col", { class: `g-${group}` }))),
      html("thead", {},
        html("tr", {}, html("td", {}), html("th", { scope: "colgroup", colspan: 4, class: "g-sum mtl-sums" }, "all cases"),
          ...top.map(({ key, label }) => html("th", { scope: "colgroup", colspan: columns.filter((one) => one.group === key).length, class: `g-${key}` }, label))),
        html("tr", {}, html("th", { scope: "col" }, "architecture"), ...["gains", "harms", "worst, %", "cost, %"].map((text, k) => upright(text, `g-sum mtl-sum-${k}`)),
          ...columns.map(({ short, group }, c) => upright(short, `g-${group} ${near.has(c) ? "mtl-near" : ""}`)))),
      html("tbody", {}, ...all.map((row, r) => line(row, r, r < rows.length ? "" : "mtl-control"))));
    table.dataset.group = state.group;
    table.dataset.sort = state.sort;
  }
  const cellAt = (r, c) => table.querySelector(`[data-r="${r}"][data-c="${c}"]`);
  function visit(r, c, focus) {
    cellAt(...cursor)?.setAttribute("tabindex", -1);
    cursor = [r, c];
    const target = cellAt(r, c);
    target.tabIndex = 0;
    if (focus) target.focus();
    const row = [...rows, spec.chosen, spec.wide][r], [value, low, high] = row.cells[c];
    const verb = value < 0 ? "errs more by" : "saves", ends = value < 0 ? [-high, -low] : [low, high];
    const words = { gain: "a gain", harm: "harm", unclear: "not clear" }[mark(row.cells[c], margin)];
    const regret = row.regrets ? ` Regret: ${whole(row.regrets[c][0])}% [${whole(row.regrets[c][1])}%, ${whole(row.regrets[c][2])}%].` : "";
    detail.textContent = `${row.name}. ${columns[c].label}: ${verb} ${whole(Math.abs(value))}% [${whole(ends[0])}%, ${whole(ends[1])}%]; ${words}.${regret}`;
  }
  table.addEventListener("click", (event) => {
    const at = event.target.closest("td[data-r]");
    if (at) visit(+at.dataset.r, +at.dataset.c, true);
  });
  table.addEventListener("focusin", (event) => {
    const at = event.target.closest("td[data-r]");
    if (at && !(cursor[0] === +at.dataset.r && cursor[1] === +at.dataset.c && detail.textContent)) visit(+at.dataset.r, +at.dataset.c, false);
  });
  table.addEventListener("keydown", (event) => {
    const step = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Home: [0, -99], End: [0, 99] }[event.key];
    if (!step || !event.target.closest("td[data-r]")) return;
    event.preventDefault();
    const shown = columns.map((_, c) => c).filter((c) => cellAt(0, c).offsetParent), place = shown.indexOf(cursor[1]);
    const clamp = (value, high) => Math.min(Math.max(value, 0), high);
    visit(clamp(cursor[0] + step[0], rows.length + 1), shown[clamp(Math.max(place, 0) + step[1], shown.length - 1)], true);
  });

  // The three suggestions.
  function drawTop() {
    const { note: text, top } = advice(), link = (name) => spec.rows.find((row) => row.name === name)?.href;
    note.textContent = text;
    list.replaceChildren(...top.map(([name, gain, harms, of, worst, reason]) => html("li", {},
      html("strong", {}, isPage && link(name) ? html("a", { href: link(name) }, name) : name),
      `: ${saves(gain)}. Risk: ${harms ? `harm in ${harms} of ${of} cases like yours, at worst ${signed(worst)}%` : `no harm seen in ${of} cases like yours`}. ${spec.reasons[reason]}`)));
  }

  // What an address asks for, and what is written into it.
  function pairs() {
    const chosen = selectors.map((one, k) => [one.name, one.values[state.picks[k]], state.picks[k] !== one.start]);
    return [...chosen, ["sort", state.sort, state.sort !== "harms"], ["columns", state.group, state.group !== groups[0].key]]
      .filter(([, , differs]) => differs).map(([name, value]) => [name, value]);
  }
  function recall() {
    const wrong = new Map(), picks = selectors.map((one) => one.start);
    let sort = "harms", group = groups[0].key, unknown = false;
    for (const [name, text] of place.asked()) {
      const k = selectors.findIndex((one) => one.name === name);
      if (k >= 0) {
        const [at, right] = nearest(selectors[k].values, text, selectors[k].start);
        picks[k] = at;
        if (!right) wrong.set(selectors[k].label, selectors[k].words[at]);
      } else if (name === "sort") Object.hasOwn(SORTS, text) ? (sort = text) : wrong.set("sort by", SORTS.harms[0]);
      else if (name === "columns") groups.some((one) => one.key === text) ? (group = text) : wrong.set("columns", groups[0].label);
      else unknown = true;
    }
    Object.assign(state, { picks, sort, group });
    draw();
    told.textContent = [
      wrong.size && `The link asks for what wasn't recorded. Shown instead: ${[...wrong].map((pair) => pair.join(" = ")).join(", ")}.`,
      unknown && "The link names a control that this widget doesn't have.",
    ].filter(Boolean).join(" ");
  }
  async function share() {
    const link = place.link(pairs());
    told.textContent = "";
    try {
      await navigator.clipboard.writeText(link);
      told.textContent = "Link copied.";
    } catch {
      told.replaceChildren("This browser doesn't let a page copy. Copy this one by hand: ", html("a", { href: link }, "link to this atlas"), ".");
    }
  }
  function draw() {
    sorts.value = state.sort;
    chips.show(groups.findIndex((group) => group.key === state.group));
    controls.forEach((one, k) => one.show(state.picks[k]));
    drawMap();
    drawTop();
  }
  function change(news) {
    Object.assign(state, news);
    told.textContent = detail.textContent = "";
    draw();
    place?.keep(pairs());
  }

  // One page as a picture, always on white.
  async function keepPicture() {
    told.textContent = "";
    try {
      const blob = await new Promise((done) => picture().toBlob(done, "image/png")), address = URL.createObjectURL(blob);
      html("a", { href: address, download: "atlas.png" }).click();
      setTimeout(() => URL.revokeObjectURL(address), 10_000);
      told.textContent = "The picture is saved.";
    } catch (error) {
      told.textContent = `The picture could not be made (${error.message}).`;
    }
  }
  function picture() {
    const canvas = html("canvas", { width: 1240, height: 1480 }), pen = canvas.getContext("2d");
    const text = (words, x, y, { size = 18, weight = "", align = "left", ink = "#000" } = {}) => {
      Object.assign(pen, { font: `${weight} ${size}px system-ui, sans-serif`, textAlign: align, fillStyle: ink });
      pen.fillText(words, x, y);
    };
    const wrapped = (words, x, y, room, how) => {
      let rest = "";
      pen.font = `${how?.weight ?? ""} ${how?.size ?? 18}px system-ui, sans-serif`;
      for (const word of words.split(" ")) {
        if (rest && pen.measureText(`${rest} ${word}`).width > room) {
          text(rest, x, y, how);
          [rest, y] = [word, y + 25];
        } else rest = rest ? `${rest} ${word}` : word;
      }
      text(rest, x, y, how);
      return y + 25;
    };
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, 1240, 1480);
    text(`Which multi-task architecture? ${spec.heading}`, 40, 64, { size: 30, weight: "bold" });
    wrapped(`${spec.alt} Numbers: % of the tuned single-task nets' error that is saved (blue) or added (orange, −); bold: the 95% interval lies beyond ±2%. Cost: multiplications in % of single-task nets'. Sorted by: ${SORTS[state.sort][0]}.`, 40, 100, 1160);
    const left = 225, sum = 50, wide = (1200 - left - 4 * sum) / columns.length, top = 350, high = 36;
    const heads = ["gains", "harms", "worst", "cost", ...columns.map((one) => one.short)];
    const at = (k) => left + (k < 4 ? sum * k : 4 * sum + wide * (k - 4)), near = new Set(advice().nearest);
    heads.forEach((words, k) => {
      pen.save();
      pen.translate(at(k) + (k < 4 ? sum : wide) / 2 + 6, top - 10);
      pen.rotate(-Math.PI / 2);
      text(words, 0, 0, { weight: near.has(k - 4) ? "bold" : "" });
      pen.restore();
    });
    let from = 4;
    for (const { key, label } of groups.filter((group) => group.key !== "sum")) {
      const count = columns.filter((one) => one.group === key).length;
      text(label, at(from) + (wide * count) / 2, top - 142, { align: "center", weight: "bold" });
      pen.fillRect(at(from) + 2, top - 134, wide * count - 4, 2);
      from += count;
    }
    [...rows, spec.chosen, spec.wide].forEach((row, r) => {
      const y = top + high * r + (r >= rows.length ? 10 : 0);
      text(row.name, 40, y + 25);
      if (r < rows.length) [row.gains, row.harms, whole(Math.max(row.worst[1], LEAST)), whole(row.cost[1])].forEach((words, k) => text(words, at(k) + sum / 2, y + 25, { align: "center" }));
      row.cells.forEach((values, c) => {
        pen.fillStyle = paint(values[0]);
        pen.fillRect(at(c + 4) + 1, y + 1, wide - 2, high - 2);
        text(whole(Math.max(values[0], LEAST)), at(c + 4) + wide / 2, y + 25, { align: "center", weight: mark(values, margin) === "unclear" ? "" : "bold", size: Math.abs(values[0]) >= 99.5 ? 14 : 17 });
      });
    });
    let y = top + high * (rows.length + 2) + 60;
    const mine = selectors.map((one, k) => `${one.label.replace("?", "")}: ${one.words[state.picks[k]]}`).join(" · "), { note: words, top: best } = advice();
    y = wrapped(`My case. ${mine}`, 40, y, 1160, { weight: "bold" }) + 5;
    if (words) y = wrapped(words, 40, y, 1160) + 5;
    best.forEach(([name, gain, harms, of, worst, reason], k) => {
      const risk = harms ? `harm in ${harms} of ${of} cases like this, at worst ${signed(worst)}%` : `no harm seen in ${of} cases like this`;
      y = wrapped(`${k + 1}. ${name}: ${saves(gain)}. Risk: ${risk}. ${spec.reasons[reason]}`, 40, y, 1160) + 5;
    });
    wrapped(place ? place.link(pairs()) : "mtl_tutor", 40, 1450, 1160, { size: 14 });
    return canvas;
  }

  el.append(root);
  if (place) {
    recall();
    place.onasked(recall);
  } else draw();
  visit(0, 0, false);
}
export default { render };
