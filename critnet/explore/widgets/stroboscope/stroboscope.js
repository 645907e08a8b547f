// The stroboscope explorer: the published flux as a matter of how often one looks, beside a Brownian particle.

const [WALKERS, STEPS, SHOWN] = [100, 2000, 1000]; // particles, their steps, and how many of the first one are drawn

function stroboscopePage() {
  const canvas = (part, text) => `<figure><figcaption>${text}</figcaption>`
    + `<canvas data-part="${part}" role="img" aria-label="${text.replace(/<[^>]*>/g, "")}; in words below"></canvas></figure>`;
  return `<p>How much of the first published transition is made by the calendar of the snapshots? Drag the flash interval to 1, and see what is left of the fall at the vertical line.</p>
<div class="cx-controls" data-part="sliders"></div>
${canvas("course", 'Total flux over training: <span class="cs-coded">seen at the flashes</span>, <span class="cs-control">over one iteration</span> between its exact bounds (dashed)')}
<div class="cs-plots">${canvas("law", 'Flux at the line against the interval, over that of interval 1: <span class="cs-coded">network</span>, <span class="cs-ink">Brownian particles</span>')}
${canvas("path", 'A Brownian particle: <span class="cs-ink">its path</span>, and <span class="cs-coded">what the flashes show</span>')}</div>
<p class="cx-small" data-part="facts"></p>`;
}

function render({ model, el }) {
  const { name, caption, intervals, flashes, places, seeds, start, ...given } = model.get("given");
  const observables = { loss: "losses", weight: "weights" };
  const units = { loss: "nats / iteration", weight: "1 / iteration" };
  const keys = Object.keys(observables);
  const tables = numbersOf(given.table, "<f4"); // seed, observable, flash, interval
  const courses = numbersOf(given.courses, "<f4"); // seed, observable, (flux, drift, speed), place
  const paths = walks(WALKERS, STEPS, 1);
  const speeds = intervals.map((interval) => meanSpeed(paths, STEPS, interval));
  const early = flashes.filter((t) => t <= given.last);
  let shown;

  function compute({ interval, change, observable, seed }) {
    const which = seeds.indexOf(Number(seed)) * keys.length + keys.indexOf(observable);
    const size = flashes.length * intervals.length;
    const table = Array.from(tables.subarray(which * size, (which + 1) * size));
    const course = [0, 1, 2].map((k) => Array.from(courses.subarray((3 * which + k) * places.length, (3 * which + k + 1) * places.length)));
    const at = flashes.indexOf(change);
    const row = table.slice(at * intervals.length, (at + 1) * intervals.length);
    const values = seenAt(table, flashes, intervals, interval, change);
    const single = seenAt(table, flashes, intervals, 1, change);
    const k = intervals.indexOf(interval);
    return {
      interval, change, observable, seed, course, values, single, row: row.map((value) => value / row[0]),
      factor: row[0] / row[k], slope: exponentOf(intervals, row), fall: steepest(flashes, values, given.last),
      still: steepest(flashes, single, given.last), walk: speeds[0] / speeds[k], speeds: speeds.map((value) => value / speeds[0]),
    };
  }

  const fallWords = ({ from, to, factor }) => (factor > 1 ? `from t = ${whole(from)} to ${whole(to)}, by a factor of ${short(factor, 2)}` : "nowhere");

  function factWords({ interval, change, factor, walk, fall, still, slope }) {
    return `At t = ${whole(change)} the same network shows a flux ${short(factor, 2)} times lower over ${whole(interval)} iterations than over one; Brownian particles ${short(walk, 2)} times `
      + `(\u221a${interval} = ${short(Math.sqrt(interval), 2)}). The steepest fall of the blue curve up to t = ${whole(given.last)} goes ${fallWords(fall)}; at interval 1 ${fallWords(still)}. `
      + `The flux at the line falls as interval^(${fixed(slope, 2)}); diffusion has \u22120.50, a motion that stays in place \u22121.`;
  }

  const view = explorer({
    el, name, kind: "stroboscope", caption,
    controls: [
      { type: "steps", name: "interval", label: "flash interval", values: intervals, start: start.interval, text: (k) => `${k} it.`, place: "sliders" },
      { type: "steps", name: "change", label: "in use from", values: early, start: start.change, text: (t) => `t = ${whole(t)}`, place: "sliders" },
      { type: "radio", name: "observable", label: "flux of", start: "loss", options: Object.entries(observables), place: "sliders" },
      { type: "select", name: "seed", label: "seed", start: String(seeds[0]), options: seeds.map((each) => [String(each), String(each)]), place: "sliders" },
    ],
    body: stroboscopePage,
    draw: ({ one, state, colours }) => {
      shown = compute(state);
      drawCourse(one("course"), { ...shown, flashes, places, last: given.last, unit: units[shown.observable] }, colours);
      drawLaw(one("law"), { ...shown, intervals }, colours);
      drawPath(one("path"), paths, shown.interval, colours);
      one("facts").textContent = factWords(shown);
    },
    words: () => {
      const late = flashes.map((t, i) => [t, i]).filter(([t]) => t > given.last);
      return `Total flux of the ${observables[shown.observable]}, seed ${shown.seed}, seen every ${whole(shown.interval)} iterations from t = ${whole(shown.change)} on and every iteration before. ${factWords(shown)}`
        + (late.length ? ` At t = ${whole(late[0][0])} the same flashes show ${short(shown.values[late[0][1]], 2)} ${units[shown.observable]}, over one iteration ${short(shown.single[late[0][1]], 2)}.` : "");
    },
    table: () => flashes.map((t, i) => ({
      t, interval_iterations: t < shown.change ? 1 : shown.interval, flux_at_flashes: shown.values[i], flux_over_one_iteration: shown.single[i],
      unit: units[shown.observable], observable: shown.observable, seed: shown.seed,
    })),
  });
  return view.dispose;
}

const boxOf = (width, height) => ({ left: 50, top: 22, right: width - 8, bottom: height - 38 });

function drawCourse(canvas, { course, values, flashes, places, change, last, unit }, colours) {
  const { context, width, height } = fitted(canvas);
  const box = boxOf(width, height);
  const end = places[places.length - 1];
  const ticks = [0, 1, 10, 100, 1000, 10000, 100000].filter((t) => t <= end);
  const positive = [...course[0], ...course[1], ...course[2], ...values].filter((value) => value > 0);
  const [low, high] = [10 ** Math.floor(Math.log10(Math.min(...positive))), 10 ** Math.ceil(Math.log10(Math.max(...positive)))];
  const { x, y } = axes(context, box, {
    low: 0, high: Math.log1p(end), ticks: ticks.map(Math.log1p), label: "iteration t", text: (at) => (at === 0 ? "0" : powerOfTen(Math.round(Math.expm1(at)))),
  }, { low, high, log: true, label: `total flux (${unit})` }, colours);
  const xs = places.map((t) => x(Math.log1p(t)));
  const line = ([...ys]) => ys.map((value) => (value > 0 ? y(value) : NaN));
  for (const bound of [1, 2]) polyline(context, xs, line(course[bound]), { colour: colours.control, width: 1, dash: [3, 3], alpha: 0.8 });
  polyline(context, xs, line(course[0]), { colour: colours.control, width: 1.75 });
  polyline(context, [change, change].map((t) => x(Math.log1p(t))), [box.top, box.bottom], { colour: colours.ink, width: 1.25, dash: [5, 3] });
  const [at, ys] = [flashes.map((t) => x(Math.log1p(t))), line(values)];
  const first = flashes.filter((t) => t <= last).length;
  polyline(context, at.slice(0, first), ys.slice(0, first), { colour: colours["as-coded"], width: 2 });
  context.fillStyle = colours["as-coded"];
  at.forEach((place, i) => { if (Number.isFinite(ys[i])) spot(context, place, ys[i], 3.5); });
}

function spot(context, x, y, radius) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fill();
}

function drawLaw(canvas, { intervals, row, speeds, interval }, colours) {
  const { context, width, height } = fitted(canvas);
  const box = boxOf(width, height);
  const most = intervals[intervals.length - 1];
  const { x, y } = axes(context, box, { low: 1, high: most, log: true, label: "flash interval (iterations)" },
    { low: 1 / most / 3, high: 5, log: true, label: "relative flux" }, colours);
  const place = (value) => Math.min(box.bottom, Math.max(box.top, y(value)));
  polyline(context, [x(1), x(most)], [y(1), y(most ** -0.5)], { colour: colours.ink, width: 1, dash: [5, 3] });
  context.fillStyle = colours.soft;
  context.textAlign = "right";
  context.fillText("interval^(\u22121/2)", x(most), y(most ** -0.5) - 22);
  polyline(context, intervals.map(x), row.map(place), { colour: colours["as-coded"], width: 2 });
  const at = intervals.indexOf(interval);
  for (const [role, values] of [["ink", speeds], ["as-coded", row]]) {
    context.fillStyle = colours[role];
    values.forEach((value, i) => spot(context, x(intervals[i]), place(value), i === at ? 5.5 : 2.5));
  }
}

function drawPath(canvas, paths, interval, colours) {
  const { context, width, height } = fitted(canvas);
  const box = { ...boxOf(width, height), right: width - 20 };
  const steps = Array.from({ length: SHOWN + 1 }, (_, t) => t);
  const path = Array.from(paths.subarray(0, SHOWN + 1));
  const { x, y } = axes(context, box, { low: 0, high: SHOWN, label: "step" },
    { low: Math.min(...path), high: Math.max(...path), label: "position" }, colours);
  polyline(context, steps.map(x), path.map(y), { colour: colours.ink, width: 1, alpha: 0.55 });
  const seen = steps.filter((t) => t % interval === 0);
  polyline(context, seen.map(x), seen.map((t) => y(path[t])), { colour: colours["as-coded"], width: 2 });
}

export default { render };
