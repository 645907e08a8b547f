// Native controls of explorers: how they are written, read and set, and how the address names their values.
//
// { type: "range", name, label, low, high, step, start, text }      a number; `text` tells how it is shown
// { type: "steps", name, label, values, start, text }               a slider over a list, such as iterations
// { type: "select" | "radio", name, label, options: [[value, text], ...], start }    values are strings
// { type: "check", name, label, start }                             true or false
// { type: "text", name, label, start, fits }                        state without an input, such as the edges that were
//                                                                   pruned: `view.set` writes it; fits(text) of an address
//
// A control stands in the row above the body, or at the end of the part of the body that its `place` names.
// The input has the id NAME--CONTROL; of a radio group the fieldset has it, and a choice has NAME--CONTROL-VALUE.

const wordOf = (control, value) => (control.text ? control.text(value) : String(value));
const choiceId = (id, value) => `${id}-${String(value).replace(/[^A-Za-z0-9]+/g, "-")}`;

function controlMarkup(name, control) {
  const id = safe(`${name}--${control.name}`);
  const label = `<label for="${id}">${safe(control.label)}</label>`;
  const row = `data-part="${safe(control.name)}-row"`;
  if (control.type === "range" || control.type === "steps") {
    const [low, high, step] = control.type === "range" ? [control.low, control.high, control.step] : [0, control.values.length - 1, 1];
    const all = control.type === "range" ? [low, high] : control.values;
    const wide = Math.max(...all.map((value) => wordOf(control, value).length));
    return `<div class="cx-control cx-slider" ${row}>${label}<input type="range" id="${id}" min="${low}" max="${high}" `
      + `step="${step}"><output for="${id}" style="min-width:${wide}ch"></output></div>`;
  }
  if (control.type === "select") {
    return `<div class="cx-control" ${row}>${label}<select id="${id}">${control.options.map(([value, text]) =>
      `<option value="${safe(value)}">${safe(text)}</option>`).join("")}</select></div>`;
  }
  if (control.type === "radio") {
    return `<fieldset class="cx-control" id="${id}" ${row}><legend>${safe(control.label)}</legend><div class="cx-choices">${
      control.options.map(([value, text]) => `<label><input type="radio" name="${id}" id="${choiceId(id, value)}" `
        + `value="${safe(value)}"><span>${safe(text)}</span></label>`).join("")}</div></fieldset>`;
  }
  return `<div class="cx-control" ${row}><input type="checkbox" id="${id}">${label}</div>`;
}

function readControl(element, control) {
  if (control.type === "range") return Number(element.value);
  if (control.type === "steps") return control.values[Number(element.value)];
  if (control.type === "select") return element.value;
  if (control.type === "radio") return element.querySelector("input:checked").value;
  return element.checked;
}

function writeControl(element, control, value) {
  if (control.type === "radio") {
    element.querySelectorAll("input").forEach((radio) => { radio.checked = radio.value === value; });
    return;
  }
  if (control.type === "check") {
    element.checked = value;
    return;
  }
  element.value = String(control.type === "steps" ? control.values.indexOf(value) : value);
  if (control.type === "select") return;
  element.setAttribute("aria-valuetext", wordOf(control, value));
  element.parentElement.querySelector("output").textContent = wordOf(control, value);
}

const plain = (text) => text.replace(/[\u202f\u2009\u00a0 ]/g, "").replace("\u2212", "-");

// The value a text in the address asks for, or undefined: a value, or what the reader sees of it.
function valueOf(control, text) {
  const number = plain(text) === "" ? NaN : Number(plain(text));
  if (control.type === "range") {
    if (!(number >= control.low && number <= control.high)) return undefined;
    const steps = Math.round((number - control.low) / control.step);
    return Number((control.low + steps * control.step).toFixed(10));
  }
  if (control.type === "steps") {
    return control.values.find((known) => known === number || String(known) === text)
      ?? control.values.find((known) => plain(wordOf(control, known)) === plain(text));
  }
  if (control.type === "check") return { 0: false, 1: true }[text];
  if (control.type === "text") return control.fits(text) ? text : undefined;
  const found = control.options.find(([known]) => known === text) || control.options.find(([, seen]) => seen === text);
  return found && found[0];
}

// ---- permalink: #name?control=value&...

function hashOf(name, controls, state) {
  const query = controls.map((control) => {
    const value = control.type === "check" ? Number(state[control.name]) : state[control.name];
    return `${encodeURIComponent(control.name)}=${encodeURIComponent(value)}`;
  });
  return `#${name}${query.length ? "?" : ""}${query.join("&")}`;
}

function readHash(name, controls) {
  const [id, ...rest] = location.hash.slice(1).split("?");
  if (id !== name) return null;
  const state = Object.fromEntries(controls.map((control) => [control.name, control.start]));
  const problems = [];
  for (const [key, text] of new URLSearchParams(rest.join("?"))) {
    const control = controls.find((each) => each.name === key);
    if (!control) {
      problems.push(`There is no control \u201c${key}\u201d here.`);
      continue;
    }
    const value = valueOf(control, text);
    if (value === undefined) {
      problems.push(`${control.label} = \u201c${text}\u201d is not available; showing ${shownAs(control, control.start)}.`);
    } else {
      state[key] = value;
    }
  }
  return { state, problems };
}

function shownAs(control, value) {
  if (control.options) return control.options.find(([known]) => known === value)[1];
  if (control.type === "text") return value || "none";
  return control.type === "check" ? (value ? "on" : "off") : wordOf(control, value);
}
