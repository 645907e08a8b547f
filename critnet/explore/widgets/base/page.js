// What explorers share: text and numbers, packed arrays, and `explorer`, which builds the page of one of them and keeps
// its state, its address, its words and its download. Controls and permalinks are in controls.js, canvas and axes in
// plot.js. All scripts of an explorer are one module; those of two explorers on a page do not meet. README.md beside
// this folder says what an explorer gives and gets.
//
//   function render({ model, el }) {
//     const given = model.get("given");
//     const view = explorer({
//       el, name: given.name, kind: "graph", caption: given.caption,
//       controls: [{ type: "range", name: "threshold", label: "threshold", low: 0, high: 1, step: 0.01, start: 0.5 }],
//       body: (id) => `<canvas data-part="picture" aria-describedby="${id("keys")}"></canvas><p id="${id("keys")}">...</p>`,
//       draw: ({ state, one, colours }) => { ... },  // once a frame at most, after view.soon()
//       words: ({ state }) => "all that is shown, in numbers",  // called after draw
//       table: ({ state }) => [{ t: 1, value: 2 }],  // rows of the download
//       columns: ["t", "value"],  // its columns, where there may be no row
//     });
//     return view.dispose;
//   }
//   export default { render };

// ---- text and numbers

const safe = (text) => String(text).replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
const minus = (text) => text.replace("-", "\u2212").replace(/^\u2212(0\.?0*)$/, "$1");
const whole = (number) => minus(Math.abs(number) >= 10000 ? String(number).replace(/\B(?=(\d{3})+$)/g, "\u202f") : String(number));
const fixed = (number, digits) => (Number.isFinite(number) ? minus(number.toFixed(digits)) : "none");
const percent = (share, digits = 1) => (Number.isFinite(share) ? `${fixed(100 * share, digits)} %` : "none");
const superscript = (exponent) => String(exponent).replace(/./g, (c) => (c === "-" ? "\u207b" : "\u2070\u00b9\u00b2\u00b3\u2074\u2075\u2076\u2077\u2078\u2079"[c]));

// Three digits, as a power of ten where it is very large or very small: 0.0123, 451, 2.5 x 10^-7.
function short(number, digits = 3) {
  if (!Number.isFinite(number)) return "none";
  if (number === 0) return "0";
  const [mantissa, exponent] = number.toExponential(digits - 1).split("e");
  if (Number(exponent) >= -3 && Number(exponent) < 5) return minus(String(Number(number.toPrecision(digits))));
  return `${minus(mantissa)} \u00d7 10${superscript(Number(exponent))}`;
}

// ---- arrays, packed by text_of of base.py: numbersOf(text, "<i2")

const ARRAYS = { f4: Float32Array, f8: Float64Array, i1: Int8Array, i2: Int16Array, i4: Int32Array, u1: Uint8Array, u2: Uint16Array };

function bytesOf(text) {
  const letters = atob(text);
  const bytes = new Uint8Array(letters.length);
  for (let i = 0; i < letters.length; i += 1) bytes[i] = letters.charCodeAt(i);
  return bytes;
}

function numbersOf(text, kind) {
  const type = ARRAYS[kind.replace(/^[<|]/, "")];
  if (!type) throw new RangeError(`numbers of the kind ${kind}; known are ${Object.keys(ARRAYS).join(", ")}`);
  return new type(bytesOf(text).buffer);
}

// ---- theme

function isDark() {
  const page = document.documentElement.dataset.theme;
  if (page === "dark" || page === "light") return page === "dark";
  const lab = document.body.dataset.jpThemeLight;
  return lab ? lab === "false" : window.matchMedia("(prefers-color-scheme: dark)").matches;
}

// Calls `changed` when the theme or the size of the element changes, `printing(true)` before paper, `printing(false)`
// after it. Returns the function that ends this.
function watch(element, changed, printing) {
  const night = window.matchMedia("(prefers-color-scheme: dark)");
  const theme = new MutationObserver(changed);
  theme.observe(document.documentElement, { attributeFilter: ["data-theme"] });
  theme.observe(document.body, { attributeFilter: ["data-jp-theme-light"] });
  const size = new ResizeObserver(changed);
  size.observe(element);
  const [before, after] = [() => printing(true), () => printing(false)];
  night.addEventListener("change", changed);
  window.addEventListener("beforeprint", before);
  window.addEventListener("afterprint", after);
  return () => {
    theme.disconnect();
    size.disconnect();
    night.removeEventListener("change", changed);
    window.removeEventListener("beforeprint", before);
    window.removeEventListener("afterprint", after);
  };
}

// A function that runs `action` once, at the next frame, however often it is called before.
function throttled(action) {
  let waiting = 0;
  return () => {
    if (!waiting) waiting = requestAnimationFrame(() => { waiting = 0; action(); });
  };
}

// The colours of base.css by role, for a canvas: ink, page, faint, soft, focus, positive, negative, as-coded, control, q1 to q4 ...
const ROLES = ["ink", "page", "faint", "soft", "focus", "positive", "negative", "as-coded", "control",
  "q1", "q2", "q3", "q4", "critical", "redundant", "other"];

function coloursOf(root) {
  const style = getComputedStyle(root);
  return Object.fromEntries(ROLES.map((role) => [role, style.getPropertyValue(`--cx-${role}`).trim()]));
}

// ---- the explorer

function explorer({ el, name, kind, caption = "", controls, body, draw, words, table, columns }) {
  const inPage = Boolean(el.closest("figure.critnet-widget-figure")); // in a notebook the address is the notebook's own
  // A second view of the same explorer in one document has ids of its own: radios of one name would be one group.
  const own = inPage && !document.getElementById(`${name}--view`) ? name : `${name}-${Math.random().toString(36).slice(2, 10)}`;
  const id = (part) => safe(`${own}--${part}`);
  const shown = controls.filter((control) => control.type !== "text");
  const root = document.createElement("div");
  root.id = `${own}--view`;
  root.className = `critnet-explorer critnet-${kind}`;
  root.innerHTML = `<form class="cx-controls" autocomplete="off">${
    shown.filter((control) => !control.place).map((control) => controlMarkup(own, control)).join("")}</form>`
    + `<p class="cx-note" data-part="note" role="status" hidden></p>${body(id)}`
    + `<p class="cx-caption">${safe(caption)}</p>`
    + `<div class="cx-links"><details class="cx-words"><summary>in words</summary><p data-part="words"></p></details>`
    + `<a data-part="link" href="#${safe(name)}" hidden>link to this view</a>`
    + `<button type="button" data-part="csv" hidden>download data (CSV)</button>`
    + `<button type="button" data-part="reset" disabled>reset</button><span data-part="told" role="status"></span></div>`
    + `<p class="cx-hidden" data-part="live" aria-live="polite"></p>`;
  el.append(root);
  const one = (part) => root.querySelector(`[data-part="${part}"]`);
  for (const control of shown.filter(({ place }) => place)) one(control.place).insertAdjacentHTML("beforeend", controlMarkup(own, control));
  const inputs = new Map(shown.map((control) => [control.name, root.querySelector(`#${CSS.escape(`${own}--${control.name}`)}`)]));
  const input = (key) => inputs.get(key); // of a radio group: its fieldset
  const timers = {};
  const later = (key, wait, action) => {
    clearTimeout(timers[key]);
    timers[key] = setTimeout(action, wait);
  };
  let touched = false;

  const view = { root, one, input, id, say, set, colours: null, theme: "", state: {} };
  for (const control of controls) view.state[control.name] = control.start;

  const writeControls = () => shown.forEach((control) => writeControl(input(control.name), control, view.state[control.name]));

  function show() {
    const theme = root.dataset.printing ? "light" : isDark() ? "dark" : "light";
    if (theme !== view.theme) {
      view.theme = root.dataset.theme = theme;
      view.colours = coloursOf(root);
    }
    draw(view);
    const text = words(view);
    if (one("words").textContent !== text) one("words").textContent = text;
    holdWords();
    if (touched) later("live", 600, () => { one("live").textContent = text; });
    one("reset").disabled = controls.every((control) => view.state[control.name] === control.start);
    one("link").setAttribute("href", hashOf(name, controls, view.state));
    root.dataset.ready ||= "true"; // an explorer that prepares something sets "false" first
  }
  view.show = show;
  view.soon = throttled(show);

  // Words that are open keep the most lines they had, so that what follows stays where it is.
  function holdWords() {
    const line = one("words");
    if (!line.closest("details").open) line.style.minHeight = "";
    else if (line.offsetHeight > (parseFloat(line.style.minHeight) || 0)) line.style.minHeight = `${line.offsetHeight}px`;
  }

  function say(text) {
    one("note").textContent = text;
    one("note").hidden = !text;
  }

  // New values of some controls, as if the reader had moved them.
  function set(values) {
    Object.assign(view.state, values);
    writeControls();
    say("");
    one("told").textContent = "";
    if (inPage) later("hash", 150, writeHash);
    view.soon();
  }

  function writeHash() {
    try {
      history.replaceState(history.state, "", hashOf(name, controls, view.state));
    } catch (refused) {
      if (refused.name !== "SecurityError") throw refused; // a browser may limit how often; the link still holds
    }
  }

  // The state that the address asks for; what is not available stays as it starts, and is named.
  function restore(jump) {
    const found = inPage && readHash(name, controls);
    if (!found) return;
    Object.assign(view.state, found.state);
    writeControls();
    say(found.problems.join(" "));
    view.soon();
    if (jump) root.scrollIntoView({ block: "start" });
  }

  root.addEventListener("submit", (event) => event.preventDefault());
  root.addEventListener("input", (event) => {
    const control = shown.find((each) => input(each.name).contains(event.target));
    if (control) set({ [control.name]: readControl(input(control.name), control) });
  });
  root.addEventListener("keydown", (event) => event.stopPropagation()); // notebooks take the arrow keys otherwise
  for (const event of ["input", "click", "keydown", "pointerdown"]) {
    root.addEventListener(event, () => { touched = true; }, { capture: true, once: true }); // nothing is said before
  }
  one("words").closest("details").addEventListener("toggle", holdWords);
  one("reset").addEventListener("click", () => {
    set(Object.fromEntries(controls.map((control) => [control.name, control.start])));
    const first = root.querySelector("input:checked, input[type=range], select");
    if (first) first.focus({ preventScroll: true }); // the button goes
  });
  one("csv").hidden = !table;
  one("csv").addEventListener("click", () => save(`${name}.csv`, csvOf(table(view), columns)));
  one("link").hidden = !inPage;
  one("link").addEventListener("click", (event) => {
    event.preventDefault();
    clearTimeout(timers.hash);
    writeHash();
    const tell = (text) => { one("told").textContent = text; };
    const named = () => tell("The address of this page now names this view.");
    if (!navigator.clipboard) return named();
    navigator.clipboard.writeText(location.href).then(() => tell("Link copied."), named);
  });
  // What the page sets for all its figures: the nearest of the times in a list called t, and the definition.
  const follow = ({ detail }) => {
    for (const control of controls) {
      if (control.name === "t" && control.type === "steps" && detail.t !== undefined) {
        const apart = control.values.map((value) => Math.abs(Math.log1p(value) - Math.log1p(detail.t)));
        view.state.t = control.values[apart.indexOf(Math.min(...apart))];
      } else if (control.name === "definition" && control.options.some(([value]) => value === detail.definition)) {
        view.state.definition = detail.definition;
      } else continue;
      writeControls();
      view.soon();
    }
  };
  if (inPage) document.addEventListener("critnet-settings", follow);
  const moved = () => restore(true);
  window.addEventListener("hashchange", moved);

  const stop = watch(root, view.soon, (on) => {
    const details = one("words").closest("details"); // on paper the words stand open
    if (on && !root.dataset.printing) root.dataset.printing = details.open ? "open" : "closed";
    else if (!on) {
      details.open = root.dataset.printing === "open";
      delete root.dataset.printing;
    }
    if (on) details.open = true;
    show();
  });
  view.dispose = () => {
    stop();
    window.removeEventListener("hashchange", moved);
    document.removeEventListener("critnet-settings", follow);
    Object.values(timers).forEach(clearTimeout);
  };
  writeControls();
  if (document.readyState === "complete") restore(true);
  else {
    restore(false);
    window.addEventListener("load", () => { if (inPage && readHash(name, controls)) root.scrollIntoView({ block: "start" }); });
  }
  // `draw` may use what the caller makes of the answer: the first picture is drawn at the next frame.
  view.soon();
  return view;
}

// ---- download

const csvCell = (value) => (/[",\n]/.test(String(value)) ? `"${String(value).replace(/"/g, '""')}"` : String(value));

function csvOf(rows, names = Object.keys(rows[0] || {})) {
  return [names, ...rows.map((row) => names.map((key) => row[key]))].map((row) => row.map(csvCell).join(",")).join("\n") + "\n";
}

function save(file, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  link.download = file;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
