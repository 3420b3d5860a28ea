// Search, filters and order of the ledger's page, kept in its address; folds open for a link into them.
// Without this script the page is whole: everything is listed, folds open by hand, and the form stays hidden.
const form = document.querySelector(".mtl-tools");
const fields = ["q", "part", "verdict", "status", "source", "sort"];
const plain = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase().replace(/\s+/g, " ").trim();

class Line {                                           // a claim's row, as the filters see it
  constructor(node, about = "") {
    this.node = node;
    this.text = plain(`${node.firstElementChild.textContent} ${node.id} ${about}`);
    this.sources = (node.dataset.source ?? "ours").split("|");
  }
  fits(words, source) {
    return words.every((word) => this.text.includes(word)) && (!source || this.sources.includes(source));
  }
}

class Finding extends Line {
  constructor(node) {
    const section = node.closest(".mtl-part"), title = node.closest(".mtl-chapter").querySelector("h3").firstChild.textContent;
    const link = node.querySelector("a"), about = `${title} ${link.getAttribute("href").replace(/^.*book\/|\.html.*$/g, "")}`;
    super(node, about);
    this.home = node.parentElement;
    this.part = section.querySelector("h2").firstChild.textContent.trim();
    this.fold = node.querySelector("details");
    this.under = [...node.querySelectorAll(".mtl-under > li")].map((row) => new Line(row));
  }
}

function start() {
  const select = (name) => form.elements[name];
  const findings = [...document.querySelectorAll(".mtl-part .mtl-claims > li")].map((node) => new Finding(node));
  const rest = document.querySelector(".mtl-rest");
  const loose = [...document.querySelectorAll(".mtl-loose")].map((fold) => {
    const about = `${fold.querySelector("summary").textContent} ${fold.querySelector("p").textContent}`;
    return { fold, lines: [...fold.querySelectorAll("li")].map((node) => new Line(node, about)) };
  });
  const first = document.querySelector(".mtl-first"), none = document.querySelector(".mtl-none");
  const said = form.querySelector("[role=status]"), opened = new Set();
  const sections = [...document.querySelectorAll(".mtl-part, .mtl-chapter")];
  const sorted = Object.assign(document.createElement("ol"), { className: "mtl-claims mtl-sorted" });
  sorted.setAttribute("role", "list");
  const heads = first.querySelector(".mtl-heads").cloneNode(true);
  first.after(heads, sorted);

  const verdicts = [...select("verdict").options].map((option) => option.value);
  const orders = {
    effect: (a, b) => b.node.dataset.size - a.node.dataset.size,
    verdict: (a, b) => verdicts.indexOf(a.node.dataset.verdict) - verdicts.indexOf(b.node.dataset.verdict),
  };

  function hold(fold, open) {                          // opens what a search found, and closes it again; not what a reader opened
    if (open && !fold.open) opened.add(fold);
    if (open || opened.has(fold)) fold.open = open;
    if (!open) opened.delete(fold);
  }

  function update() {
    const asked = Object.fromEntries(fields.map((name) => [name, select(name).value]));
    const words = plain(asked.q).split(" ").filter(Boolean), looks = words.length > 0 || asked.source !== "";
    const filtered = looks || ["part", "verdict", "status"].some((name) => asked[name] !== "");
    const kept = ({ dataset }) => ["verdict", "status"].every((name) => !asked[name] || dataset[name] === asked[name]);
    for (const one of findings) {
      const own = one.fits(words, asked.source), hits = one.under.filter((line) => line.fits(words, asked.source));
      one.node.hidden = !(kept(one.node) && (!asked.part || one.part === asked.part) && (own || hits.length > 0));
      for (const line of one.under) line.node.toggleAttribute("data-hit", looks && hits.includes(line));
      if (one.fold) hold(one.fold, looks && !own && hits.length > 0 && !one.node.hidden);
    }
    let others = 0;
    for (const { fold, lines } of loose) {
      for (const line of lines) line.node.hidden = !(kept(line.node) && !asked.part && line.fits(words, asked.source));
      const n = lines.filter((line) => !line.node.hidden).length;
      others += n;
      fold.hidden = n === 0;
      fold.querySelector(".mtl-n").textContent = n;
      hold(fold, looks && n > 0);
    }
    const order = orders[asked.sort];
    if (order) sorted.append(...[...findings].sort(order).map((one) => one.node));
    else for (const one of findings) one.home.append(one.node);
    for (const section of sections) {
      const title = section.querySelector("h2, h3"), inside = findings.filter((one) => section.contains(one.home) && !one.node.hidden);
      section.hidden = Boolean(order) || inside.length === 0;
      title.querySelector(".mtl-n").textContent = inside.length;
    }
    const n = findings.filter((one) => !one.node.hidden).length;
    first.hidden = filtered || Boolean(order);
    sorted.hidden = heads.hidden = !order;
    if (rest) {
      rest.hidden = others === 0;
      rest.querySelector("h2 .mtl-n").textContent = others;
    }
    none.hidden = n + others > 0;
    const more = filtered && others > 0 ? `, and ${others} ${others === 1 ? "row" : "rows"} beside the findings` : "";
    select("count").textContent = `${n} of ${findings.length} findings${more}`;
  }

  function remember() {
    const state = new URLSearchParams(fields.map((name) => [name, select(name).value.trim()]).filter((pair) => pair[1] !== ""));
    const query = `${state}` && `?${state}`;
    try {
      history.replaceState(null, "", `${location.pathname}${query}${location.hash}`);
    } catch {                                          // some browsers refuse too many at a time
    }
  }

  function recall() {                                  // the state that the address asks for, or the nearest that there is
    const asked = new URLSearchParams(location.search), wrong = [];
    for (const name of fields) {
      const value = asked.get(name) ?? "";
      if (name === "q") {
        select(name).value = value.replace(/\p{C}/gu, " ").slice(0, select(name).maxLength);
        if (value.trim().length > select(name).maxLength) wrong.push("search");
        continue;
      }
      const near = [...select(name).options].find((option) => plain(option.value) === plain(value));
      select(name).value = near?.value ?? "";
      if (!near) wrong.push(name === "sort" ? "order" : name);
    }
    const names = [...new Set(wrong)].join(" and ");
    said.textContent = names ? `The address asks for a ${names} that this page doesn't have; the nearest is shown.` : "";
  }

  function changed() {
    said.textContent = "";
    update();
    remember();
  }

  function clear() {
    for (const name of fields) select(name).value = "";
    changed();
  }

  function reveal() {
    let id = location.hash.slice(1);
    try {
      id = decodeURIComponent(id);
    } catch {
      return;
    }
    const target = document.getElementById(id);
    if (!target?.matches(".mtl-claims > li, .mtl-under > li")) return;
    if (target.closest("[hidden]")) clear();
    for (let fold = target.parentElement.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    const own = target.querySelector(":scope > details");
    if (own) own.open = true;
    target.scrollIntoView();
  }

  async function copy() {
    try {
      await navigator.clipboard.writeText(location.href);
      said.textContent = "Link copied.";
    } catch {
      said.textContent = "This browser doesn't let a page copy; take the link from its address bar.";
    }
  }

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", changed);
  form.addEventListener("reset", (event) => {
    event.preventDefault();
    clear();
  });
  select("copy").addEventListener("click", copy);
  none.querySelector("button").addEventListener("click", () => {
    clear();
    select("q").focus();
  });
  addEventListener("popstate", () => {
    recall();
    update();
  });
  addEventListener("hashchange", reveal);
  document.addEventListener("click", (event) => {      // the same link a second time changes no address
    const link = event.target.closest?.('a[href^="#"]');
    if (link && link.hash === location.hash) reveal();
  });

  form.hidden = false;
  recall();
  update();
  reveal();
}
if (form) start();
