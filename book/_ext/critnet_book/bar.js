// Serves the bar of a page: tells every figure the time and the definition, and keeps both in the address
// (?t=37&definition=control) and the definition in the browser.
(() => {
  "use strict";
  const bar = document.currentScript.previousElementSibling;
  const one = (selector) => bar.querySelector(selector);
  const [time, slider, output, play] = [".cb-time", "input[type=range]", "output", ".cb-play"].map(one);
  const [release, said] = [".cb-release", ".cb-said"].map(one);
  const radios = [...bar.querySelectorAll("input[type=radio]")];
  const times = time ? JSON.parse(time.dataset.times) : [];
  const KEY = "critnet-definition";
  const REST = 800; // ms at both ends, of eight seconds in all
  const settings = {};
  let written = null;

  const said_t = (t) => `t = ${String(t).replace(/\B(?=(\d{3})+$)/g, t >= 10000 ? "\u202f" : "")}`;

  function place(t) {
    const k = times.findIndex((known) => known >= t);
    return k > 0 && times[k] - t > t - times[k - 1] ? k - 1 : k;
  }

  function tell(changed) {
    Object.assign(settings, changed);
    document.dispatchEvent(new CustomEvent("critnet-settings", { detail: changed }));
    write();
    clearTimeout(written);
    written = setTimeout(keep, 150);
  }

  function write() {
    if (settings.t !== undefined) {
      slider.value = String(place(settings.t));
      output.textContent = said_t(settings.t);
      slider.setAttribute("aria-valuetext", said_t(settings.t));
    }
    radios.forEach((radio) => { radio.checked = radio.value === settings.definition; });
    release.disabled = settings.t === undefined && settings.definition === undefined;
  }

  // The address; the part after # belongs to the figures.
  function keep() {
    const query = new URLSearchParams(location.search);
    for (const key of ["t", "definition"]) {
      if (settings[key] === undefined) query.delete(key);
      else query.set(key, settings[key]);
    }
    const text = query.toString();
    try {
      history.replaceState(history.state, "", `${location.pathname}${text && "?"}${text}${location.hash}`);
    } catch (refused) {
      if (refused.name !== "SecurityError") throw refused; // a browser may limit how often
    }
  }

  function remember(definition) {
    try {
      if (definition) localStorage.setItem(KEY, definition);
      else localStorage.removeItem(KEY);
    } catch { /* storage is blocked: the definition holds while the page is open */ }
  }

  function remembered() {
    try {
      return localStorage.getItem(KEY);
    } catch {
      return null;
    }
  }

  // ---- play: the whole training in eight seconds, with a rest at both ends

  let frame = 0;

  function stop() {
    cancelAnimationFrame(frame);
    frame = 0;
    play.setAttribute("aria-pressed", "false");
  }

  function run() {
    play.setAttribute("aria-pressed", "true");
    const began = performance.now();
    let shown = -1;
    const step = (now) => {
      const share = (now - began - REST) / (8000 - 2 * REST);
      const k = Math.round(Math.min(Math.max(share, 0), 1) * (times.length - 1));
      if (k !== shown) tell({ t: times[k] });
      shown = k;
      if (now - began >= 8000) return stop();
      frame = requestAnimationFrame(step);
    };
    frame = requestAnimationFrame(step);
  }

  // ---- events

  bar.addEventListener("submit", (event) => event.preventDefault());
  if (time) {
    const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
    const offer = () => { play.hidden = calm.matches; };
    calm.addEventListener("change", offer);
    offer();
    play.addEventListener("click", () => (frame ? stop() : run()));
    slider.addEventListener("input", () => {
      stop();
      tell({ t: times[Number(slider.value)] });
    });
  }
  radios.forEach((radio) => radio.addEventListener("input", () => {
    remember(radio.value);
    tell({ definition: radio.value });
  }));
  release.addEventListener("click", () => {
    if (time) stop();
    remember(null);
    delete settings.t;
    delete settings.definition;
    if (time) {
      output.textContent = "each its own";
      slider.setAttribute("aria-valuetext", "each figure has its own");
    }
    document.dispatchEvent(new CustomEvent("critnet-settings", { detail: { released: true } }));
    write();
    keep();
    said.textContent = "Each figure has its own time and definition again.";
    const first = one("input");
    if (first) first.focus({ preventScroll: true });
  });

  // What the address asks for, else what the reader chose on another page; what is not there is named.
  function start() {
    const query = new URLSearchParams(location.search);
    const problems = [];
    const asked = {};
    if (query.has("t") && time) {
      const t = query.get("t").trim() === "" ? NaN : Number(query.get("t"));
      if (Number.isInteger(t) && t >= 0 && t <= times.at(-1)) asked.t = t;
      else problems.push(`t = \u201c${query.get("t")}\u201d is not a whole number from 0 to ${times.at(-1)}; each figure has its own time.`);
    }
    if (radios.length) {
      const definition = query.get("definition") ?? remembered();
      if (radios.some((radio) => radio.value === definition)) asked.definition = definition;
      else if (query.has("definition")) {
        problems.push(`definition = \u201c${query.get("definition")}\u201d is not known; there are as-coded and control.`);
      }
    }
    if (Object.keys(asked).length) tell(asked);
    said.textContent = problems.join(" ");
  }

  bar.hidden = false;
  if (time) slider.value = String(place(37));
  write();
  start();
})();
