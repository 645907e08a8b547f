// The pool explorer: choose which circuits are pooled, and the law of their sizes and its exponent follow.

const OUT = { guessing: "networks that guess", untouched: "circuits never pruned", constant: "those without first layer" };
const ESTIMATORS = { line: "line through bins", likelihood: "likelihood" };
const QUANTITIES = { neurons: "neurons", edges: "edges" };
const WEIGHTINGS = { network: "each network", size: "each model size" };

function poolPage() {
  const canvas = (part, text) => `<figure><figcaption>${text}</figcaption>`
    + `<canvas data-part="${part}" role="img" aria-label="${text.replace(/<[^>]*>/g, "")}; in words below"></canvas></figure>`;
  return `<p>Can you make 3/2? Drag the ranges of what is pooled, leave circuits out, choose bins and estimator. Then try to make 1, or 2.</p>
<div class="cx-controls" data-part="sliders"></div><div class="cx-controls" data-part="choices"></div>
<div class="cp-plots">${canvas("law", 'Sizes in the pool: density (dots), the <span class="cp-fit">law that is fitted</span>, exponent 3/2 (dashed), branching process (thin)')}
${canvas("exponent", 'Exponent: <span class="cp-line">line through bins</span>, <span class="cp-likelihood">likelihood</span> with two standard errors, 3/2 (dashed)')}</div>
<p class="cx-small" data-part="facts"></p>`;
}

function render({ model, el }) {
  const { name, caption, fewest, start, ...given } = model.get("given");
  const data = {
    hidden: numbersOf(given.hidden, "<i2"), mobility: Float64Array.from(given.mobility, (place) => given.mobilities[place]),
    kinds: Object.fromEntries(Object.keys(OUT).map((kind) => [kind, numbersOf(given[kind], "u1")])),
    neurons: numbersOf(given.neurons, "<i2"), edges: numbersOf(given.edges, "<i2"),
  };
  const ends = (list) => [list[0], list[list.length - 1]];
  let shown = {};

  function compute(state) {
    const key = JSON.stringify(state);
    if (shown.key === key) return shown;
    const settings = {
      sizes: [state.smallest, state.largest], mobilities: [state.slowest, state.fastest],
      out: Object.keys(OUT).filter((kind) => state[kind]),
    };
    const all = chosen(data, settings);
    const kept = all.filter((k) => data[state.sizes][k] >= 1);
    const values = kept.map((k) => data[state.sizes][k]);
    const weights = weightsOf(kept, data.hidden, state.weighting === "size");
    const enough = values.length >= fewest;
    const bins = enough ? densityOf(values, weights, state.bins) : [];
    const line = lineThrough(bins);
    const likely = likeliest(values, weights, state.least, fewest);
    const above = values.reduce((sum, value, k) => sum + (value >= state.least ? weights[k] : 0), 0) / (weights.reduce((sum, w) => sum + w, 0) || 1);
    return { key, state, empty: all.length - kept.length, values, bins, line, likely, above, exponent: state.estimator === "line" ? -line.slope : likely.alpha };
  }

  const steps = (control, label, values, at) => ({ type: "steps", name: control, label, values, start: at, text: (value) => minus(String(value)), place: "sliders" });
  const radio = (control, label, options) => ({ type: "radio", name: control, label, start: Object.keys(options)[0], options: Object.entries(options), place: "choices" });
  const view = explorer({
    el, name, kind: "pool", caption,
    controls: [
      steps("smallest", "h from", given.sizes, ends(given.sizes)[0]), steps("largest", "h to", given.sizes, ends(given.sizes)[1]),
      steps("slowest", "ln \u03b3 from", given.mobilities, ends(given.mobilities)[0]), steps("fastest", "ln \u03b3 to", given.mobilities, ends(given.mobilities)[1]),
      { type: "range", name: "bins", label: "bins", low: 4, high: 24, step: 1, start: start.bins, place: "sliders" },
      { type: "range", name: "least", label: "likelihood from", low: 1, high: 20, step: 1, start: start.least, place: "sliders" },
      radio("sizes", "sizes", QUANTITIES), radio("estimator", "law", ESTIMATORS), radio("weighting", "count alike", WEIGHTINGS),
      ...Object.entries(OUT).map(([kind, label]) => ({ type: "check", name: kind, label: `without ${label}`, start: false, place: "choices" })),
    ],
    body: poolPage,
    draw: ({ one, state, colours }) => {
      shown = compute(state);
      drawLaw(one("law"), shown, colours);
      drawExponent(one("exponent"), shown, colours);
      one("facts").textContent = factsOf(shown);
    },
    words: () => {
      const { state, bins } = shown;
      const range = (a, b) => `${minus(String(Math.min(a, b)))} to ${minus(String(Math.max(a, b)))}`;
      const kinds = Object.entries(OUT).map(([kind, text]) => `${text} ${state[kind] ? "out" : "in"}`).join(", ");
      const parts = bins.map(({ first, last, density }) => `${first === last ? first : `${first} to ${last}`}: ${short(density, 2)}`);
      return `Pool: h ${range(state.smallest, state.largest)}, ln \u03b3 ${range(state.slowest, state.fastest)}; ${kinds}; ${WEIGHTINGS[state.weighting]} counts alike. ${factsOf(shown)} `
        + `Law drawn: ${ESTIMATORS[state.estimator]}. Density of ${QUANTITIES[state.sizes]} in ${state.bins} bins asked for, ${parts.length} with different ends: ${parts.join("; ") || "none"}.`;
    },
    columns: ["first", "last", "circuits", "density", "sizes", "exponent_line", "r2_line", "exponent_likelihood", "standard_error", "likelihood_from",
      "h_from", "h_to", "ln_mobility_from", "ln_mobility_to", "without_guessing", "without_untouched", "without_constant", "weighting"],
    table: () => {
      const { state, bins, line, likely } = shown;
      const cell = (value) => (Number.isFinite(value) ? value : "");
      return bins.map(({ first, last, number, density }) => ({
        first, last, circuits: number, density, sizes: state.sizes, exponent_line: cell(-line.slope), r2_line: cell(line.rSquared),
        exponent_likelihood: cell(likely.alpha), standard_error: cell(likely.error), likelihood_from: state.least, h_from: Math.min(state.smallest, state.largest),
        h_to: Math.max(state.smallest, state.largest), ln_mobility_from: Math.min(state.slowest, state.fastest), ln_mobility_to: Math.max(state.slowest, state.fastest),
        without_guessing: Number(state.guessing), without_untouched: Number(state.untouched), without_constant: Number(state.constant), weighting: state.weighting,
      }));
    },
  });

  function factsOf({ state, values, empty, line, likely }) {
    if (values.length < fewest) return `${values.length} circuits with ${QUANTITIES[state.sizes]} are in the pool; a law needs ${fewest}. ${whole(empty)} more have none.`;
    return `${whole(values.length)} circuits, ${QUANTITIES[state.sizes]} from ${Math.min(...values)} to ${Math.max(...values)}${empty ? ` (${whole(empty)} more have none)` : ""}. `
      + `Exponent ${fixed(-line.slope, 2)} by a line through bins (R\u00b2 ${fixed(line.rSquared, 3)}), ${fixed(likely.alpha, 2)} \u00b1 ${fixed(likely.error, 2)} by likelihood of the ${whole(likely.number)} from ${state.least} on; `
      + `the paper has 3/2.`;
  }
  return view.dispose;
}

function drawLaw(canvas, { state, values, bins, line, likely, above }, colours) {
  const { context, width, height } = fitted(canvas);
  const box = { left: 46, top: 22, right: width - 8, bottom: height - 38 };
  const { x, y } = axes(context, box, { low: 0.8, high: 1000, log: true, label: `${QUANTITIES[state.sizes]} of a circuit` }, { low: 1e-6, high: 1, log: true, label: "density" }, colours);
  if (!bins.length) return;
  context.save();
  context.beginPath();
  context.rect(box.left, box.top, box.right - box.left, box.bottom - box.top);
  context.clip();
  const largest = Math.max(...values);
  const law = (from, height0, exponent, options) => {
    const ends = [from, Math.max(largest, from + 1)];
    polyline(context, ends.map(x), ends.map((n) => y(height0 * (n / from) ** -exponent)), options);
  };
  const process = progeny(largest);
  polyline(context, process.map((_, k) => x(k + 1)), process.map(y), { colour: colours.faint, width: 1 });
  const some = bins.filter(({ density }) => density > 0);
  const middle = some[Math.floor(some.length / 2)];
  law(some[0].centre, middle.density * (middle.centre / some[0].centre) ** 1.5, 1.5, { colour: colours.ink, dash: [5, 4], width: 1 });
  if (state.estimator === "line" && Number.isFinite(line.slope)) law(some[0].centre, Math.exp(line.intercept + line.slope * Math.log(some[0].centre)), -line.slope, { colour: colours.q2, width: 2 });
  if (state.estimator === "likelihood" && Number.isFinite(likely.alpha)) law(state.least, above * state.least ** -likely.alpha / hurwitz(likely.alpha, state.least), likely.alpha, { colour: colours.q2, width: 2 });
  context.fillStyle = colours.ink;
  for (const { centre, density } of some) {
    context.beginPath();
    context.arc(x(centre), y(density), 3.5, 0, 2 * Math.PI);
    context.fill();
  }
  context.restore();
}

function drawExponent(canvas, { line, likely }, colours) {
  const { context, width, height } = fitted(canvas);
  const box = { left: 10, top: 20, right: width - 10, bottom: height - 38 };
  const { x } = axes(context, box, { low: 0, high: 6, label: "exponent", ticks: [0, 1, 2, 3, 4, 5, 6] }, { low: 0, high: 1, ticks: [] }, colours);
  polyline(context, [x(1.5), x(1.5)], [box.top - 6, box.bottom], { colour: colours.ink, dash: [5, 4], width: 1 });
  const place = (value) => x(Math.min(6, Math.max(0, value)));
  const rows = [[-line.slope, 0, colours.q1], [likely.alpha, 2 * likely.error, colours.q3]];
  rows.forEach(([value, reach, colour], k) => {
    if (!Number.isFinite(value)) return;
    const y = box.top + (box.bottom - box.top) * (k + 0.6) / 2.2;
    polyline(context, [place(value - reach), place(value + reach)], [y, y], { colour, width: 2 });
    context.fillStyle = colour;
    context.beginPath();
    context.arc(place(value), y, 5, 0, 2 * Math.PI);
    context.fill();
  });
}

export default { render };
