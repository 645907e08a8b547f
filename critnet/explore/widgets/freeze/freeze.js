// The freeze explorer: drag the moment at which weights or correlations stay as they are; cost and laws follow.

const LINES = { both: "as it is", weights: "weights change, coherence frozen", coherence: "coherence changes, weights frozen" };
const LAWS = { log: "logarithm", power: "power law", stretched: "stretched exponential" };
const HUES = { log: "q2", power: "q3", stretched: "q4" };
const FORMS = { cost: "E", unit: "E per unit of weight" };

function freezePage() {
  const canvas = (part, text) => `<figure><figcaption>${text}</figcaption>`
    + `<canvas data-part="${part}" role="img" aria-label="${text.replace(/<[^>]*>/g, "")}; in words below"></canvas></figure>`;
  return `<p>What falls, the coherence or the weights? Drag the moment of the freeze. Then choose a line and how much of it the laws may see: do they foretell the rest?</p>
<div class="cx-controls" data-part="sliders"></div>
<div class="cf-plots">${canvas("cost", 'Coupling cost: <span class="cf-both">as it is</span>, <span class="cf-weights">weights change</span>, <span class="cf-coherence">coherence changes</span>; upright: freeze')}
${canvas("residuals", 'Line less law: <span class="cf-log">logarithm</span>, <span class="cf-power">power law</span>, <span class="cf-stretched">stretched exponential</span>; right of the upright line unseen')}</div>
<p class="cx-small" data-part="facts"></p>`;
}

function render({ model, el }) {
  const { name, caption, t, circuits, start, ...given } = model.get("given");
  const n = t.length;
  const tables = new Map(circuits.map(({ label, table, total }) => [label, { table: numbersOf(table, "<f4"), total: numbersOf(total, "<f4") }]));
  const first = t.findIndex((value) => value >= 1);
  const late = t.slice(first);
  const ends = late.filter((value) => value >= given.least);
  let shown = {};

  function compute(state) {
    const key = JSON.stringify(state);
    if (shown.key === key) return shown;
    const { table, total } = tables.get(state.circuit);
    const at = t.indexOf(state.at);
    const courses = coursesOf(table, n, at);
    if (state.form === "unit") {
      const scale = (values, of) => values.map((value, i) => value / of(i));
      courses.both = scale(courses.both, (i) => total[i]);
      courses.weights = scale(courses.weights, (i) => total[i]);
      courses.coherence = scale(courses.coherence, () => total[at]);
    }
    const lines = Object.fromEntries(Object.entries(courses).map(([line, values]) => [line, values.slice(first)]));
    const y = lines[state.line];
    const laws = Object.fromEntries(Object.keys(LAWS).map((law) => {
      const { fit, error } = foretold(late, y, law, state.until);
      return [law, { error, rSquared: fit.rSquared, values: late.map((value) => fit.at(Math.log(value))) }];
    }));
    const change = Object.fromEntries(Object.entries(courses).map(([line, values]) => [line, values[n - 1] - values[at]]));
    return { key, state, lines, y, laws, change };
  }

  const steps = (control, label, values, at) => ({ type: "steps", name: control, label, values, start: at, text: (value) => whole(value), place: "sliders" });
  const view = explorer({
    el, name, kind: "freeze", caption,
    controls: [
      { type: "select", name: "circuit", label: "circuit of digit", options: circuits.map(({ label }) => [label, label]), start: circuits[0].label, place: "sliders" },
      steps("at", "frozen at t", t, start.at), steps("until", "laws see until t", ends, start.until),
      { type: "radio", name: "form", label: "cost", options: Object.entries(FORMS), start: "cost", place: "sliders" },
      { type: "select", name: "line", label: "laws of the line", options: Object.entries(LINES), start: "both", place: "sliders" },
    ],
    body: freezePage,
    draw: ({ one, state, colours }) => {
      shown = compute(state);
      drawCost(one("cost"), colours);
      drawResiduals(one("residuals"), colours);
      one("facts").textContent = factsOf();
    },
    words: () => {
      const { state, lines } = shown;
      const parts = Object.entries(LINES).map(([line, text]) => `${text}: ${short(lines[line][0])} at t = ${whole(late[0])}, ${short(lines[line].at(-1))} at ${whole(late.at(-1))}`);
      return `Circuit of digit ${state.circuit}, ${FORMS[state.form]}, frozen at t = ${whole(state.at)}; ${parts.join("; ")}. ${factsOf()}`;
    },
    table: () => late.map((value, k) => ({
      t: value, ...Object.fromEntries(Object.keys(LINES).map((line) => [`cost_${line}`, shown.lines[line][k]])),
      ...Object.fromEntries(Object.keys(LAWS).map((law) => [`law_${law}`, shown.laws[law].values[k]])),
      circuit: shown.state.circuit, frozen_at: shown.state.at, laws_until: shown.state.until, line: shown.state.line, form: shown.state.form,
    })),
  });

  function factsOf() {
    const { state, change, laws } = shown;
    const share = (line) => (change.both < 0 ? percent(change[line] / change.both, 0) : "no share");
    const found = Object.entries(laws).map(([law, { error, rSquared }]) => `${LAWS[law]} R\u00b2 ${fixed(rSquared, 3)}, misses the rest by ${percent(error, 0)}`);
    return `From t = ${whole(state.at)} to the end ${short(change.both)}: weights alone ${short(change.weights)} (${share("weights")}), coherence alone ${short(change.coherence)} (${share("coherence")}). `
      + `Laws of the line \u201c${LINES[state.line]}\u201d seen until ${whole(state.until)}: ${found.join("; ")}.`;
  }

  const limitsOf = (all) => {
    const [low, high] = [Math.min(...all), Math.max(...all)];
    const room = 0.05 * (high - low || 1);
    return { low: low - room, high: high + room };
  };

  function frameOf(canvas, label, all, colours) {
    const { context, width, height } = fitted(canvas);
    const box = { left: 50, top: 22, right: width - 14, bottom: height - 38 };
    return { context, box, ...axes(context, box, { low: 1, high: late.at(-1), log: true, label: "iteration t" }, { ...limitsOf(all), text: (value) => short(value), label }, colours) };
  }

  function drawCost(canvas, colours) {
    const { lines, laws, state } = shown;
    const { context, box, x, y } = frameOf(canvas, FORMS[state.form], Object.values(lines).flat(), colours);
    const xs = late.map(x);
    const place = x(Math.max(1, state.at));
    polyline(context, [place, place], [box.top, box.bottom], { colour: colours.faint, width: 1 });
    context.save();
    context.beginPath();
    context.rect(box.left, box.top, box.right - box.left, box.bottom - box.top);
    context.clip();
    for (const law of Object.keys(LAWS)) polyline(context, xs, laws[law].values.map(y), { colour: colours[HUES[law]], dash: [4, 4], width: 1 });
    context.restore();
    polyline(context, xs, lines.weights.map(y), { colour: colours["as-coded"], width: 2 });
    polyline(context, xs, lines.coherence.map(y), { colour: colours.control, width: 2 });
    polyline(context, xs, lines.both.map(y), { colour: colours.ink, width: 2 });
  }

  function drawResiduals(canvas, colours) {
    const { y: values, laws, state } = shown;
    const rest = Object.fromEntries(Object.keys(LAWS).map((law) => [law, values.map((value, k) => value - laws[law].values[k])]));
    const { context, box, x, y } = frameOf(canvas, "line less law", Object.values(rest).flat(), colours);
    const place = x(state.until);
    polyline(context, [place, place], [box.top, box.bottom], { colour: colours.faint, width: 1 });
    polyline(context, [box.left, box.right], [y(0), y(0)], { colour: colours.soft, dash: [3, 3], width: 1 });
    for (const law of Object.keys(LAWS)) polyline(context, late.map(x), rest[law].map(y), { colour: colours[HUES[law]], width: 2 });
  }
  return view.dispose;
}

export default { render };
