// The redistribution explorer: the model runs when a control moves; histogram and exponents follow.

const RULES = { weight: "the weights W", correlation: "measured |C|", constant: "all pairs alike" };

function redistributionPage(slope) {
  const canvas = (part, text) => `<figure><figcaption>${text}</figcaption>`
    + `<canvas data-part="${part}" role="img" aria-label="${text.replace(/<[^>]*>/g, "")}; in words below"></canvas></figure>`;
  return `<p>Which exponent does a tail of <i>P<sub>C</sub></i> have, the one a line through bins reads or the one the exact law gives? Drag <i>P<sub>C</sub></i>
from 0.37 up and see which line each dot keeps to; then let the units prefer something else.</p>
<div class="cx-controls" data-part="sliders"></div>
<div class="cr-plots">${canvas("histogram", 'Pairs by units: counted, <span class="cr-coded">the authors\u2019 line</span>, <span class="cr-control">exact law</span>')}
${canvas("exponents", `Exponent against 1/<i>P<sub>C</sub></i>; lines <span class="cr-coded">1 + ${slope}/<i>P<sub>C</sub></i></span>, <span class="cr-control">1 + 1/<i>P<sub>C</sub></i></span>`)}</div>
<p class="cx-small" data-part="facts"></p>`;
}

function render({ model, el }) {
  const { name, caption, slope, probability, units, samples, between, ...given } = model.get("given");
  const strength = Float64Array.from(numbersOf(given.strength, "<f4"));
  const setting = { ladder: ladderOf(strength), units, pruned: given.pruned, warm: given.warm, samples, between };
  const mean = units / strength.length;
  let shown = {};

  function compute(state) {
    const key = JSON.stringify(state);
    if (shown.key === key) return shown;
    const { p, preference, run } = state;
    const occurs = redistributed({ ...setting, probability: p, preference, seed: run });
    const total = strength.length * samples;
    const largest = Math.max(100, occurs.length - 1);
    const law = preference === "weight" ? logLaw(largest, p, mean).map(Math.exp)
      : mixedLaw(largest, preference === "constant" ? 0 : p, mean, strength);
    const found = fitLynn(occurs);
    const line = linearBins(occurs);
    return { key, p, preference, run, occurs, total, law, line, coded: -line.slope, found, control: found > 0 ? 1 + 1 / found : Infinity };
  }

  const view = explorer({
    el, name, kind: "redistribution", caption,
    controls: [
      { type: "range", name: "p", label: "P_C", low: 0.1, high: 0.9, step: 0.01, start: probability, text: (p) => fixed(p, 2), place: "sliders" },
      { type: "steps", name: "run", label: "run", values: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], start: 1, place: "sliders" },
      { type: "radio", name: "preference", label: "units prefer", start: "weight", options: Object.entries(RULES), place: "sliders" },
    ],
    body: () => redistributionPage(slope),
    draw: ({ one, state, colours }) => {
      shown = compute(state);
      drawHistogram(one("histogram"), shown, colours);
      drawExponents(one("exponents"), shown, slope, colours);
      one("facts").textContent = exponentWords(shown);
    },
    words: () => {
      const { p, preference, run, occurs, total, law } = shown;
      const tail = (shares) => shares.reduce((sum, share, s) => sum + (s >= 5 ? share : 0), 0);
      return `P_C = ${fixed(p, 2)}, units prefer ${RULES[preference]}, run ${run}: ${whole(units)} units on ${whole(strength.length)} pairs, `
        + `${samples} samples in ${whole(samples * between)} steps. ${percent(occurs[0] / total)} of the pairs have no unit (exact law ${percent(law[0])}), `
        + `${short(tail(occurs) / total, 2)} have five or more (${short(tail(law), 2)}), the most is ${occurs.length - 1}. ${exponentWords(shown)}`;
    },
    table: () => {
      const { p, preference, run, occurs, total, law, line } = shown;
      return occurs.map((n, s) => ({
        units: s, share_counted: n / total, share_exact_law: law[s], share_authors_line: s && Number.isFinite(line.slope) ? Math.exp(line.intercept + line.slope * Math.log(s)) : "",
        probability: p, preference, run, exponent_authors_line: Number.isFinite(shown.coded) ? shown.coded : "",
        exponent_exact_law: Number.isFinite(shown.control) ? shown.control : "",
      }));
    },
  });

  function exponentWords({ p, preference, coded, control, found }) {
    const law = preference === "weight"
      ? `${found > 0 ? fixed(control, 2) : "none"} by maximum likelihood of the exact law, which has 1 + 1/P_C = ${fixed(1 + 1 / p, 2)}`
      : `and this preference gives no power law: ${preference === "constant" ? "the law is geometric" : "each pair is geometric about a mean of its own"} `
        + `(fitted all the same, the law of preference for weights gives ${found > 0 ? fixed(control, 2) : "no exponent"})`;
    return `Exponent: ${fixed(coded, 2)} by the authors\u2019 line, whose published law has 1 + ${slope}/P_C = ${fixed(1 + slope / p, 2)}; ${law}.`;
  }
  return view.dispose;
}

function drawHistogram(canvas, { occurs, total, law, line }, colours) {
  const { context, width, height } = fitted(canvas);
  const box = { left: 44, top: 22, right: width - 8, bottom: height - 38 };
  const { x, y } = axes(context, box, { low: 0.8, high: 200, log: true, label: "units of a pair" },
    { low: 1e-6, high: 0.2, log: true, label: "share of the pairs" }, colours);
  context.save();
  context.beginPath();
  context.rect(box.left, box.top, box.right - box.left, box.bottom - box.top);
  context.clip();
  const ends = [1, 200];
  polyline(context, ends.map(x), ends.map((s) => y(Math.exp(line.intercept + line.slope * Math.log(s)))), { colour: colours["as-coded"], width: 2 });
  const known = law.map((_, s) => s).filter((s) => s > 0);
  polyline(context, known.map(x), known.map((s) => y(Math.max(law[s], 1e-300))), { colour: colours.control, width: 2 });
  context.fillStyle = colours.ink;
  occurs.forEach((n, s) => { if (s && n) spot(context, x(s), y(n / total), 2.5); });
  context.restore();
}

function spot(context, x, y, radius) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
}

function drawExponents(canvas, { p, coded, control }, slope, colours) {
  const { context, width, height } = fitted(canvas);
  const box = { left: 44, top: 22, right: width - 8, bottom: height - 38 };
  const { x, y } = axes(context, box, { low: 1, high: 10, label: "1/P_C", ticks: [1, 2, 4, 6, 8, 10] },
    { low: 0, high: 12, label: "exponent", ticks: [0, 2, 4, 6, 8, 10, 12] }, colours);
  const both = [["as-coded", slope, coded], ["control", 1, control]];
  for (const [role, each, value] of both) {
    polyline(context, [1, 10].map(x), [1, 10].map((inverse) => y(1 + each * inverse)), { colour: colours[role], dash: [5, 3] });
    if (!Number.isFinite(value)) continue;
    context.fillStyle = colours[role];
    if (value <= 12) spot(context, x(1 / p), y(value), 5);
    else context.fillText(`\u2191 ${fixed(value, 1)}`, Math.min(x(1 / p), box.right - 40), box.top + (role === "control" ? 12 : 28));
  }
}

export default { render };
