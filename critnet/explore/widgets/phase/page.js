// The page of the phase diagram explorer: its controls, its elements, and what it calls things.

const OBSERVABLES = {
  criterion: { label: "criterion \u{1d4db}", title: "criterion \u{1d4db} = ln(mean loss / \u0394S)", log: false, text: (v) => short1(v) },
  "mean-loss": { label: "mean loss", title: "mean loss (nats)", log: true, text: (v) => short(v, 2), brief },
  entropy: { label: "\u0394S", title: "entropy change \u0394S (nats)", log: true, text: (v) => short(v, 2), brief },
  accuracy: { label: "test accuracy", title: "test accuracy", log: false, text: (v) => percent(v) },
};
const ENTROPY_NAMES = { "as-coded": "as coded", control: "exact (control)", "upper-tail": "upper tail" };
const SIZE_AXES = { hidden: ["h", "hidden neurons a layer h"], size: ["M", "neurons M"] };
const SLIDERS = { curvature: "curvature", vertex: "vertex", minimum: "minimum" };

// What fits into a cell: 0.031, 3e-5.
function brief(value) {
  return Number.isFinite(value) && value !== 0 && (value < 0.01 || value >= 1000) ? minus(value.toExponential(0).replace("+", "")) : short(value, 2);
}

// One digit behind the point; infinity as it is.
function short1(value) {
  if (Number.isNaN(value)) return "none";
  return Number.isFinite(value) ? fixed(value, 1) : value > 0 ? "+\u221e" : "\u2212\u221e";
}

const entropyName = (key) => ENTROPY_NAMES[key] || key;
const gammaKey = (cell) => String(cell.ln_gamma);

function formulaOf({ curvature, vertex, minimum }, axis) {
  const shift = vertex <= 0 ? `+ ${fixed(-vertex, 2)}` : `\u2212 ${fixed(vertex, 2)}`;
  const rest = minimum >= 0 ? `+ ${fixed(minimum, 2)}` : `\u2212 ${fixed(-minimum, 2)}`;
  return `ln ${SIZE_AXES[axis][0]} = ${fixed(curvature, 2)} (ln \u03b3 ${shift})\u00b2 ${rest}`;
}

function phaseControls({ cells, steps, entropies, times, families, parabola, threshold, guessing, start }) {
  const named = Object.fromEntries(Object.entries(times).map(([label, step]) => [step, label]));
  const sizes = [...new Map(cells.map((cell) => [cell.hidden, cell])).values()].sort((a, b) => a.hidden - b.hidden);
  const gammas = [...new Map(cells.map((cell) => [gammaKey(cell), cell])).values()].sort((a, b) => a.ln_gamma - b.ln_gamma);
  const nothing = [["", "none"]];
  const limits = (values, around, start) => [Math.min(start, Math.floor(Math.min(...values)) - around),
    Math.max(start, Math.ceil(Math.max(...values)) + around)];
  const logs = cells.length ? cells.flatMap((cell) => [Math.log(cell.hidden), Math.log(cell.size)]) : [0, 1];
  const at = cells.length ? cells.map((cell) => cell.ln_gamma) : [0, 1];
  const slider = (name, [low, high], step = 0.01) =>
    ({ type: "range", name, place: "bend", label: SLIDERS[name], low, high, step, start: parabola[name], text: (v) => fixed(v, 2) });
  const radio = (name, label, options) => ({ type: "radio", name, label, options, start: options[0][0] });
  const scopes = [["grid", "grid"], ["all", "all runs"]];
  return [
    radio("observable", "colour", Object.entries(OBSERVABLES).map(([key, { label }]) => [key, label])),
    radio("family", "\u03b3 = lr / B by", Object.entries(families)),
    radio("entropy", "\u0394S", Object.keys(entropies).map((key) => [key, entropyName(key)])),
    radio("axis", "size", [["hidden", "h"], ["size", "M"]]),
    radio("scope", "cells", scopes),
    { type: "steps", name: "t", label: "iteration t", values: steps, start: steps.at(-1),
      text: (t) => whole(t) + (named[t] ? ` = ${named[t]}` : "") },
    { type: "select", name: "hidden", place: "pick", label: "h",
      options: sizes.length ? sizes.map((cell) => [String(cell.hidden), `${cell.hidden} (M = ${cell.size})`]) : nothing,
      start: sizes.length ? String(start[0]) : "" },
    { type: "select", name: "ln-gamma", place: "pick", label: "\u03b3",
      options: gammas.length ? gammas.map((cell) => [gammaKey(cell), `${short(cell.mobility)} (ln ${fixed(cell.ln_gamma, 2)})`]) : nothing,
      start: gammas.length ? String(start[1]) : "" },
    slider("curvature", [Math.min(-1, Math.floor(parabola.curvature)), Math.max(2, Math.ceil(parabola.curvature))]),
    slider("vertex", limits(at, 2, parabola.vertex)),
    slider("minimum", limits(logs, 2, parabola.minimum)),
    { type: "range", name: "threshold", place: "bend", label: "converged: \u{1d4db} <", low: Math.min(-20, threshold),
      high: Math.max(10, threshold), step: 0.5, start: threshold, text: (v) => fixed(v, 1) },
    { type: "check", name: "strict", place: "bend", label: `accuracy < ${percent(guessing, 0)}: not converged`, start: false },
  ];
}

function phaseBody(id) {
  const keys = id("keys");
  const row = (key, text) => `<tr data-row="${key}"><th scope="row">${text}</th><td></td></tr>`;
  const line = (key, text) => `<tr data-line="${key}"><th scope="row">${text}</th><td></td><td></td><td></td></tr>`;
  return `
<div class="cp-top">
<div class="cp-left">
<div class="cp-frame">
<canvas data-part="map" class="cp-map" tabindex="0" role="application" aria-describedby="${keys}" aria-label="Phase diagram"></canvas>
<div data-part="vertex-handle" class="cp-handle" aria-hidden="true"></div>
<div data-part="arm-handle" class="cp-handle" aria-hidden="true"></div>
</div>
<p class="cx-small cp-key"><span><i class="cp-hatch"></i> not run</span> <span><b>\u2020</b> diverged</span> <span><b>\u00d7</b> guesses</span>
<span><i class="cp-dot"></i> \u0394S extrapolated</span> <span><i class="cp-corner"></i> on the wrong side of your parabola</span>
<span><i class="cp-line"></i> yours</span> <span><i class="cp-line cp-dashed"></i> the paper\u2019s</span>
<span><i class="cp-place"></i> steepest fall</span></p>
<p class="cx-small cx-screen" id="${keys}">Point at a cell, tap it, or go with the arrow keys. Drag the two rings, or use the sliders below.</p>
</div>
<div class="cp-side">
<div data-part="pick" class="cp-pick"></div>
<p data-part="empty" hidden></p>
<canvas data-part="curves" class="cp-curves" role="img" aria-label="Curves of the chosen cell"></canvas>
<table class="cp-table cp-facts"><tbody>
${row("state", "runs")}${row("setting", "lr, B")}${row("loss", "mean loss")}${row("entropy", "\u0394S")}${row("criterion", "\u{1d4db}")}${row("accuracy", "accuracy")}
</tbody></table>
</div>
</div>
<div data-part="bend" class="cp-bend" role="group" aria-label="Your parabola"></div>
<p class="cp-buttons cx-screen"><button type="button" data-part="fit">best fit</button>
<button type="button" data-part="published">the paper\u2019s</button></p>
<div class="cp-scroll"><table class="cp-table cp-misfit"><thead><tr><th scope="col">boundary</th><th scope="col">parabola</th>
<th scope="col">cells on the wrong side</th><th scope="col">distance</th></tr></thead><tbody>
${line("yours", "yours")}${line("published", "paper\u2019s")}${line("fit", "best fit")}
</tbody></table></div>
<p class="cx-small">Distance: root mean square, in ln size, between a parabola and the places where \u{1d4db} falls most steeply
from one size to the next (small circles; only at mobilities with five sizes or more, not all on one side of the threshold).
The best fit is the parabola of least squares through these places; it takes four or more.</p>`;
}
