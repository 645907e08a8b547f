// What explorers share: text and numbers, packed arrays, and `explorer`, which builds the page of one of them.
// Controls and permalinks are in base_controls.js, canvas and axes in base_plot.js; an explorer takes
// scripts=("base", "base_controls", "base_plot", "graph_core", "graph"), styles=("base", "graph"). All scripts of an
// explorer are one module; those of two explorers on a page do not meet.
//
//   function render({ model, el }) {
//     const given = model.get("given");
//     const view = explorer({
//       el, name: given.name, kind: "graph", caption: given.caption,
//       controls: [{ type: "range", name: "threshold", label: "threshold", low: 0, high: 1, step: 0.01, start: 0.5 }],
//       body: `<canvas data-part="picture"></canvas>`,
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
  const root = document.createElement("div");
  root.className = `critnet-explorer critnet-${kind}`;
  root.innerHTML = `<form class="cx-controls" autocomplete="off">${controls.map((one) => controlMarkup(name, one)).join("")}</form>`
    + `<p class="cx-note" data-part="note" role="status" hidden></p>${body}`
    + `<p class="cx-words" data-part="words"></p><p class="cx-caption">${safe(caption)}</p>`
    + `<div class="cx-links"><a data-part="link" href="#${safe(name)}" hidden>link to this view</a>`
    + `<button type="button" data-part="csv" hidden>download data (CSV)</button>`
    + `<button type="button" data-part="reset">reset</button></div>`
    + `<p class="cx-hidden" data-part="live" aria-live="polite"></p>`;
  el.append(root);
  const one = (part) => root.querySelector(`[data-part="${part}"]`);
  const input = (key) => root.querySelector(`#${CSS.escape(`${name}--${key}`)}`); // a radio group: its fieldset
  const inPage = Boolean(el.closest("figure.critnet-widget-figure")); // in a notebook the address is the notebook's own
  const timers = {};
  const later = (key, wait, action) => {
    clearTimeout(timers[key]);
    timers[key] = setTimeout(action, wait);
  };
  let touched = false;

  const view = { root, one, input, say, set, colours: null, theme: "light", state: {} };
  for (const control of controls) view.state[control.name] = control.start;

  function show() {
    view.theme = root.dataset.printing ? "light" : isDark() ? "dark" : "light";
    root.dataset.theme = view.theme;
    view.colours = coloursOf(root);
    draw(view);
    const text = words(view);
    if (one("words").textContent !== text) one("words").textContent = text;
    if (touched) later("live", 600, () => { one("live").textContent = text; });
    one("reset").hidden = controls.every((control) => view.state[control.name] === control.start);
    one("link").setAttribute("href", hashOf(name, controls, view.state));
  }
  view.show = show;
  view.soon = throttled(show);

  function say(text) {
    one("note").textContent = text;
    one("note").hidden = !text;
  }

  // New values of some controls, as if the reader had moved them.
  function set(values) {
    Object.assign(view.state, values);
    for (const control of controls) writeControl(input(control.name), control, view.state[control.name]);
    say("");
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
    for (const control of controls) writeControl(input(control.name), control, view.state[control.name]);
    say(found.problems.join(" "));
    view.soon();
    if (jump) root.scrollIntoView({ block: "start" });
  }

  const form = root.querySelector("form");
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => set(Object.fromEntries(
    controls.map((control) => [control.name, readControl(input(control.name), control)]))));
  root.addEventListener("keydown", (event) => event.stopPropagation()); // notebooks take the arrow keys otherwise
  for (const event of ["input", "click", "keydown", "pointerdown"]) {
    root.addEventListener(event, () => { touched = true; }, { capture: true, once: true }); // nothing is said before
  }
  one("reset").addEventListener("click", () => {
    set(Object.fromEntries(controls.map((control) => [control.name, control.start])));
    const first = root.querySelector("input:checked, input[type=range], select");
    if (first) first.focus({ preventScroll: true }); // the button hides itself
  });
  one("csv").hidden = !table;
  one("csv").addEventListener("click", () => save(`${name}.csv`, csvOf(table(view), columns)));
  one("link").hidden = !inPage;
  one("link").addEventListener("click", (event) => {
    event.preventDefault();
    clearTimeout(timers.hash);
    writeHash();
    const told = () => say("The address of this page now names this view.");
    if (!navigator.clipboard) return told();
    navigator.clipboard.writeText(location.href).then(() => say("Link copied."), told);
  });
  const moved = () => restore(true);
  window.addEventListener("hashchange", moved);

  const stop = watch(root, view.soon, (on) => {
    if (on) root.dataset.printing = "yes";
    else delete root.dataset.printing;
    show();
  });
  view.dispose = () => {
    stop();
    window.removeEventListener("hashchange", moved);
    Object.values(timers).forEach(clearTimeout);
  };
  for (const control of controls) writeControl(input(control.name), control, control.start);
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
