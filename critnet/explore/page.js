// Serves one explorable: reads its controls, shows the frame they name, keeps the state in the address.
(() => {
  "use strict";
  const figure = document.currentScript && document.currentScript.closest(".critnet-explore");
  if (!figure || figure.dataset.theme) return;
  const one = (selector) => figure.querySelector(selector);
  const index = JSON.parse(one("script.ce-index").textContent);
  const { name, controls } = index;
  const form = one(".ce-controls");
  const images = { light: one(".ce-light"), dark: one(".ce-dark") };
  const [empty, note, words, live] = [".ce-empty", ".ce-note", ".ce-words p", ".ce-live"].map(one);
  const [link, told, csv, reset, play] = [".ce-link", ".ce-told", ".ce-csv", ".ce-reset", ".ce-play"].map(one);
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  const night = window.matchMedia("(prefers-color-scheme: dark)");
  const start = controls.map((control) => control.start);
  let state = [...start];
  let warm = false; // the reader has reached for this figure: neighbours may load
  const timers = {};
  const later = (key, wait, action) => {
    clearTimeout(timers[key]);
    timers[key] = setTimeout(action, wait);
  };

  // ---- state

  const position = (values) => values.reduce((sum, value, i) => sum * controls[i].keys.length + value, 0);
  const element = (control) => figure.querySelector(`#${CSS.escape(`${own}--${control.name}`)}`);

  // A second view of this figure in one document, as in JupyterLab, has ids and groups of radios of its own.
  const own = document.getElementById(name) === figure ? name : `${name}-${Math.random().toString(36).slice(2, 10)}`;
  if (own !== name) {
    figure.id = own;
    for (const attribute of ["id", "for", "name"]) {
      for (const item of figure.querySelectorAll(`[${attribute}^="${name}--"]`)) {
        item.setAttribute(attribute, own + item.getAttribute(attribute).slice(name.length));
      }
    }
  }

  function readInputs() {
    return controls.map((control) => {
      const input = element(control);
      return Number(input.tagName === "FIELDSET" ? input.querySelector("input:checked").value : input.value);
    });
  }

  function writeInputs() {
    controls.forEach((control, i) => {
      const input = element(control);
      if (input.tagName === "FIELDSET") {
        input.querySelectorAll("input").forEach((radio) => { radio.checked = Number(radio.value) === state[i]; });
        return;
      }
      input.value = String(state[i]);
      if (input.type !== "range") return;
      input.setAttribute("aria-valuetext", control.texts[state[i]]);
      input.parentElement.querySelector("output").textContent = control.texts[state[i]];
    });
  }

  // ---- permalink: #name?control=value&...

  // A number is named as the reader sees it, 0.61 and not 0.6083333, where no other value looks the same.
  function keyOf({ keys, texts }, k) {
    const seen = texts[k];
    const number = seen.trim() !== "" && Number.isFinite(Number(seen)) && Number.isFinite(Number(keys[k]));
    return number && texts.indexOf(seen) === texts.lastIndexOf(seen) ? seen : keys[k];
  }

  const plain = (text) => text.replace(/[\u202f\u2009\u00a0 ]/g, "").replace("\u2212", "-");

  function hash() {
    const query = controls.map((control, i) =>
      `${encodeURIComponent(control.name)}=${encodeURIComponent(keyOf(control, state[i]))}`);
    return `#${name}${query.length ? "?" : ""}${query.join("&")}`;
  }

  function readHash() {
    const [id, ...rest] = location.hash.slice(1).split("?");
    if (id !== name) return null;
    const asked = new URLSearchParams(rest.join("?"));
    const problems = [];
    const values = [...start];
    for (const [key, value] of asked) {
      const i = controls.findIndex((control) => control.name === key);
      if (i < 0) {
        problems.push(`There is no control \u201c${key}\u201d here.`);
        continue;
      }
      const { keys, label, texts } = controls[i];
      const number = value.trim() === "" ? NaN : Number(value);
      const exact = keys.findIndex((known) => known === value || Number(known) === number);
      const found = exact < 0 ? texts.findIndex((seen) => value !== "" && plain(seen) === plain(value)) : exact;
      if (found < 0) {
        problems.push(`${label} = \u201c${value}\u201d is not available; showing ${texts[start[i]]}.`);
      } else {
        values[i] = found;
      }
    }
    return { values, problems };
  }

  function writeHash() {
    try {
      history.replaceState(history.state, "", hash());
    } catch (refused) {
      if (refused.name !== "SecurityError") throw refused; // a browser may limit how often; the link below still holds
    }
  }

  // ---- picture

  function isDark() {
    const page = document.documentElement.dataset.theme;
    if (page === "dark" || page === "light") return page === "dark";
    const lab = document.body.dataset.jpThemeLight;
    return lab ? lab === "false" : night.matches;
  }

  const address = (file) => `${index.root}${file}`;

  // The pack holds all drawings of this figure; it comes once, when the reader reaches for the figure.
  let pack = null;
  let coming = null;
  let failed = "";

  function loadPack() {
    coming = coming || load(index.pack, "picture").then((found) => { pack = found; })
      .catch((error) => { failed = error.message; });
    return coming;
  }

  // What a file of `critnet.explore.vector.packed` holds.
  function load(file, what) {
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.addEventListener("critnet-pack", (event) => resolve(event.detail));
      script.addEventListener("error", () => setTimeout(() => reject(new Error(causeOf(script.src)))));
      script.src = address(file);
      document.head.append(script);
    }).then((text) => unpack(text, what));
  }

  async function unpack(text, what) {
    if (!window.DecompressionStream) throw new Error(`This browser is too old to show more than the first ${what}.`);
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))).json();
  }

  // Address of a picture; null where there is none, undefined where it is in a pack that is not here yet.
  function picture(k, theme) {
    if (index[theme][k]) return address(index[theme][k]);
    if (index.drawings[k] === null) return null;
    if (!pack) return undefined;
    const svg = linesOf(pack, index.drawings[k]).join("").replace(/\{([^{|}]*)\|([^{|}]*)\}/g, theme === "dark" ? "$2" : "$1");
    return `data:image/svg+xml,${encodeURIComponent(svg)}`;
  }

  function linesOf(found, number) {
    const runs = found.drawings[number];
    const lines = [];
    for (let i = 0; i < runs.length; i += 2) lines.push(...found.lines.slice(runs[i], runs[i] + runs[i + 1]));
    return lines;
  }

  function point(image, wanted) {
    if (wanted && image.getAttribute("src") !== wanted) image.src = wanted;
  }

  // The picture and its words change together: both wait for the pack.
  function show() {
    const theme = isDark() ? "dark" : "light";
    const k = position(state);
    const source = picture(k, theme);
    figure.dataset.theme = theme;
    link.setAttribute("href", hash());
    reset.hidden = k === position(start);
    figure.setAttribute("aria-busy", String(source === undefined));
    if (source === undefined) {
      loadPack().then(() => {
        if (pack) return show();
        figure.setAttribute("aria-busy", "false");
        say(failed);
      });
      return;
    }
    const alt = index.alt[k];
    const [width, height] = (index.sizes && index.sizes[k]) || index.size;
    for (const [key, image] of Object.entries(images)) {
      image.alt = alt;
      image.width = width;
      image.height = height;
      image.hidden = key !== theme || !source;
    }
    point(images[theme], source);
    lines(k);
    empty.hidden = Boolean(source);
    empty.textContent = source ? "" : alt;
    words.textContent = alt;
    shown = k;
    csv.hidden = !index.csv[k] && !inTables(k);
    if (csv.hidden) return;
    csv.setAttribute("href", index.csv[k] ? address(index.csv[k]) : hash());
    csv.setAttribute("download", `${hash().slice(1).replace(/[^A-Za-z0-9.-]+/g, "_")}.csv`);
  }

  const inTables = (k) => Boolean(index.tables) && index.rows[k] !== null;

  // Data that are no file of their own are taken from the pack of all when they are asked for.
  let tables = null;
  let shown = position(start); // the frame that the picture, its words and its data are of

  async function saveTable(event) {
    const k = shown;
    if (index.csv[k] || !inTables(k)) return;
    event.preventDefault();
    const file = csv.getAttribute("download");
    try {
      tables = tables || await load(index.tables, "table");
    } catch (error) {
      return say(error.message);
    }
    const saved = document.createElement("a");
    saved.href = URL.createObjectURL(new Blob([linesOf(tables, index.rows[k]).join("\n")], { type: "text/csv" }));
    saved.download = file;
    saved.click();
    setTimeout(() => URL.revokeObjectURL(saved.href), 10000);
  }

  function say(text) {
    note.textContent = text;
    note.hidden = !text;
  }

  function move(values) {
    state = values;
    writeInputs();
    show();
    say("");
    told.textContent = "";
    later("hash", 150, writeHash);
    later("live", 400, () => { live.textContent = index.alt[position(state)]; });
    later("near", 200, loadNeighbours);
  }

  // The pack, or the images one step away, and the light picture that print needs, once the reader has reached for
  // the figure.
  function loadNeighbours() {
    if (!warm) return;
    const idle = window.requestIdleCallback || ((action) => setTimeout(action, 50));
    idle(async () => {
      if (index.pack) await loadPack();
      const theme = figure.dataset.theme;
      const near = new Set();
      controls.forEach((control, i) => {
        for (const step of [-1, 1]) {
          const values = [...state];
          values[i] += step;
          if (values[i] >= 0 && values[i] < control.keys.length) near.add(index[theme][position(values)]);
        }
      });
      near.forEach((file) => { if (file) new Image().src = address(file); });
      point(images.light, picture(position(state), "light"));
    });
  }

  function restore(jump) {
    const found = readHash();
    if (!found) return;
    state = found.values;
    writeInputs();
    show();
    say(found.problems.join(" "));
    if (jump) figure.scrollIntoView({ block: "start" });
  }

  // ---- what the page sets for all its figures: event "critnet-settings" of the document, { t, definition } or less
  // of them, or { released: true }. A figure that the reader has locked does not follow; one that shows another time
  // than that says so.

  let time = null;
  const lock = document.createElement("button");
  Object.assign(lock, { type: "button", className: "ce-lock", textContent: "follows the page", hidden: true });
  lock.setAttribute("aria-pressed", "false");
  reset.before(lock);
  lock.addEventListener("click", () => {
    const locked = lock.getAttribute("aria-pressed") === "false";
    lock.setAttribute("aria-pressed", String(locked));
    lock.textContent = locked ? "locked" : "follows the page";
  });

  const log1p = (text) => Math.log1p(Math.max(Number(text), 0));

  function nearest(keys, t) {
    const apart = keys.map((key) => Math.abs(log1p(key) - log1p(t)));
    return apart.indexOf(Math.min(...apart));
  }

  function follow({ t, definition, released }) {
    if (released) {
      time = null;
      return lines(position(state));
    }
    const values = [...state];
    controls.forEach(({ name: control, keys }, i) => {
      if (control === "t" && t !== undefined && keys.every((key) => Number.isFinite(Number(key)))) values[i] = nearest(keys, t);
      if (control === "definition" && keys.includes(definition)) values[i] = keys.indexOf(definition);
    });
    const served = index.times || controls.some(({ name: control }) => control === "t" || control === "definition");
    if (!served) return;
    lock.hidden = false;
    if (lock.getAttribute("aria-pressed") === "true") return;
    if (t !== undefined) time = t;
    if (values.some((value, i) => value !== state[i])) {
      if (play) stop();
      state = values;
      writeInputs();
      show();
      const i = controls.findIndex((control) => control.name === "t");
      say(i >= 0 && t !== undefined && Number(controls[i].keys[state[i]]) !== t
        ? `Shows t = ${controls[i].texts[state[i]]}, the nearest to ${t} that is stored.` : "");
    } else {
      lines(position(state));
    }
  }

  // A hairline at the page's time on every axis of the picture along which training time runs, with the time on it.
  const frame = one(".ce-frame");
  const hairs = [];

  function lines(k) {
    const axes = time === null || !index.times || images[figure.dataset.theme].hidden ? [] : index.axes[index.times[k]];
    while (hairs.length < axes.length) {
      const hair = document.createElement("div");
      hair.className = "ce-hair";
      hair.setAttribute("aria-hidden", "true");
      hair.append(document.createElement("span"));
      frame.append(hair);
      hairs.push(hair);
    }
    hairs.forEach((hair, i) => {
      const share = i < axes.length ? along(axes[i]) : -1;
      hair.hidden = share < 0 || share > 1;
      if (hair.hidden) return;
      const [left, top, right, bottom] = axes[i];
      const [width, height] = (index.sizes && index.sizes[k]) || index.size;
      hair.style.cssText = `--x:${left + share * (right - left)};--y:${top};--h:${bottom - top};--w:${width};--r:${height / width}`;
      hair.firstChild.textContent = share > 0.85 ? "" : String(time);
    });
  }

  function along([, , , , scale, low, high, offset]) {
    const [t, a, b] = [time + offset, low, high].map((value) => (scale === "log" ? Math.log(Math.max(value, 1e-9)) : value));
    return (t - a) / (b - a);
  }

  document.addEventListener("critnet-settings", ({ detail }) => follow(detail));

  // ---- play (only where asked for; one button, never by itself, not where motion is unwelcome)

  function stop() {
    clearTimeout(timers.play);
    play.setAttribute("aria-pressed", "false");
  }

  async function step() {
    const values = [...state];
    values[index.play] = (values[index.play] + 1) % controls[index.play].keys.length;
    move(values);
    if (figure.getAttribute("aria-busy") === "true") await coming;
    const image = images[figure.dataset.theme];
    if (!image.hidden) await image.decode().catch(() => undefined); // a missing frame is reported by its error event
    if (play.getAttribute("aria-pressed") === "true") later("play", 700, step);
  }

  function offerPlay() {
    play.hidden = calm.matches;
    if (calm.matches) stop();
  }

  if (play) {
    play.addEventListener("click", () => {
      if (play.getAttribute("aria-pressed") === "true") return stop();
      play.setAttribute("aria-pressed", "true");
      warm = true;
      step();
    });
    calm.addEventListener("change", offerPlay);
    offerPlay();
  }

  // ---- events

  csv.addEventListener("click", saveTable);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", () => {
    if (play) stop();
    warm = true;
    move(readInputs());
  });
  figure.addEventListener("keydown", (event) => event.stopPropagation()); // notebooks take the arrow keys otherwise
  for (const event of ["pointerenter", "focusin"]) {
    figure.addEventListener(event, () => { warm = true; loadNeighbours(); }, { once: true });
  }
  const forbidden = {}; // kind of file to the directive of the policy
  document.addEventListener("securitypolicyviolation", ({ blockedURI, effectiveDirective }) => {
    if (blockedURI.startsWith("data")) forbidden.drawing = effectiveDirective;
    else if (effectiveDirective.startsWith("script-src") && blockedURI !== "inline" && blockedURI !== "eval") forbidden.script = effectiveDirective;
  });

  // What keeps a picture away: the policy of the page that shows the book, or a file that is not there.
  function causeOf(address) {
    const drawing = address.startsWith("data:");
    const directive = forbidden[drawing ? "drawing" : "script"];
    if (directive && (drawing || address.endsWith(".js"))) {
      return `The security policy of this page (${directive}) forbids ${
        drawing ? "drawings that are part of a page; it needs data: among its images" : "the scripts of this book"}.`;
    }
    return drawing ? "This browser cannot show the drawing." : "This frame is missing; build the book again.";
  }

  for (const image of Object.values(images)) {
    image.addEventListener("error", () => setTimeout(() => say(causeOf(image.src)))); // after the violation is told
  }
  reset.addEventListener("click", () => {
    if (play) stop();
    move([...start]);
    const first = form.querySelector("input:checked, input[type=range], select, button");
    if (first) first.focus({ preventScroll: true }); // the button hides itself
  });
  link.addEventListener("click", (event) => {
    event.preventDefault();
    clearTimeout(timers.hash);
    writeHash();
    const tell = (text) => { told.textContent = text; };
    const named = () => tell("The address of this page now names this view.");
    if (!navigator.clipboard) return named();
    navigator.clipboard.writeText(location.href).then(() => tell("Link copied."), named);
  });
  window.addEventListener("hashchange", () => restore(true));
  window.addEventListener("beforeprint", () => point(images.light, picture(position(state), "light")));
  night.addEventListener("change", show);
  new MutationObserver(show).observe(document.documentElement, { attributeFilter: ["data-theme"] });

  form.hidden = controls.length === 0;
  link.hidden = controls.length === 0;
  writeInputs();
  show();
  if (document.readyState === "complete") restore(true);
  else {
    restore(false);
    window.addEventListener("load", () => { if (readHash()) figure.scrollIntoView({ block: "start" }); });
  }
})();
