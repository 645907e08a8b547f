// The straightedge: two handles lay a line along a tail; then the fits of that stretch and its rivals are uncovered.

const LEVEL = 0.1; // of a rival that is significantly better
const DECADES = 1.5; // a power law needs

// The body; what is the paper’s only where it gives an exponent or a stretch.
function edgePage(samples) {
  const [exponent, stretch] = ["exponent", "lowest"].map((what) => Object.values(samples).some((sample) => sample[what]));
  const canvas = (part, text) => `<figure><figcaption>${text}</figcaption>`
    + `<canvas data-part="${part}" role="img" aria-label="${text.replace(/<[^>]*>/g, "")}; in words below"></canvas></figure>`;
  const key = (name, text) => `<span class="cs-key cs-${name}">${text}</span>`;
  return `<p>First guess: where is it straight, and how steep? Set both ends; the line lies on the data there. Then ask the fits.</p>
<div class="cx-screen" data-part="ask">${stretch ? '<button type="button" data-part="paper">lay it where the paper does</button>' : ""}</div>
<div class="cs-plots"><div>
${canvas("ranks", `Ranked data: ${key("hand", "your line")}, ${key("power", "likeliest power law")}, ${key("lognormal", "log-normal")}, ${key("exponential", "exponential")}, ${key("truncated", "power law with cut-off")}${exponent ? `, ${key("dashed", "the paper\u2019s")}` : ""}`)}
${canvas("left", "What is left over, with two standard errors: a power law is flat")}</div>
<div>${canvas("war", "Tug of war, with two standard errors; hollow: it holds the power law and is never worse")}<p class="cx-small" data-part="facts"></p></div></div>`;
}

function render({ model, el }) {
  const { name, caption, fewest, grid, samples } = model.get("given");
  for (const sample of Object.values(samples)) unpack(sample);
  const keys = Object.keys(samples);
  const nearest = (value) => grid.reduce((best, place) => (Math.abs(Math.log(place / value)) < Math.abs(Math.log(best / value)) ? place : best));
  // Where the handles stand for [low, high]: at the nearest edges of bins; around whole numbers.
  const around = (key, low, high) => (samples[key].whole ? {
    from: grid.filter((place) => place <= low * 1.006).pop() ?? grid[0],
    to: grid.find((place) => place >= high * 0.994) ?? grid[grid.length - 1],
  } : { from: nearest(low), to: nearest(high) });
  const endsOf = (key) => around(key, samples[key].low[0], samples[key].end);
  let shown = {};

  function compute({ data, from, to, fits }) {
    const key = JSON.stringify([data, from, to, fits]);
    if (shown.key === key) return shown;
    const sample = samples[data];
    const cells = stretchOf(sample, from, to);
    const { survival, n } = sample;
    const enough = cells.total >= fewest && cells.some > 1;
    const hand = lay(cells, survival);
    const power = fits && enough ? bestPower(cells) : null;
    const rivals = power && compareLaws(cells, power);
    const ends = [cells.low[0], cells.whole ? cells.high[cells.high.length - 1] - 1 : cells.high[cells.high.length - 1]];
    return { key, sample, cells, survival, n, enough, hand, power, rivals, ends, decades: Math.log10(ends[1] / ends[0]) };
  }

  const first = endsOf(keys[0]);
  const end = (control, label) => ({ type: "steps", name: control, label, values: grid, start: first[control], text: (value) => short(value) });
  const view = explorer({
    el, name, kind: "straightedge", caption,
    controls: [
      { type: "select", name: "data", label: "data", start: keys[0], options: keys.map((key) => [key, samples[key].label]) },
      end("from", "from"), end("to", "to"),
      { type: "check", name: "fits", label: "ask the fits of this stretch", start: false, place: "ask" },
    ],
    body: () => edgePage(samples),
    draw: ({ one, state, colours }) => {
      shown = compute(state);
      if (one("paper")) one("paper").disabled = !shown.sample.lowest;
      view.scale = drawRanks(one("ranks"), shown, state.fits, colours);
      drawLeft(one("left"), shown, state.fits, colours);
      drawWar(one("war"), shown, state.fits, colours);
      one("facts").textContent = factsOf(shown, state.fits, fewest);
    },
    words: ({ state }) => `${shown.sample.label}: ${shown.sample.quantity}, ${whole(shown.n)} values. ${factsOf(shown, state.fits, fewest)} `
      + `The largest distance of the data from the ${shown.power ? "power law" : "line"} within the stretch is a factor of ${factorOf(shown)}.`,
    columns: ["from", "to", "count", "share_at_or_above", "share_by_your_line", "share_by_power_law", ...Object.keys(RIVALS).map((rival) => `share_by_${rival}`),
      "data", "quantity", "stretch_from", "stretch_to", "open_above", "your_exponent", "exponent", "standard_error",
      ...Object.keys(RIVALS).flatMap((rival) => [`ratio_${rival}`, `ratio_error_${rival}`, `p_${rival}`]), "paper_exponent"],
    table: ({ state }) => rowsOf(shown, state),
  });
  view.input("data").addEventListener("change", (event) => view.set(endsOf(event.target.value)));
  view.one("paper")?.addEventListener("click", () => {
    const { lowest, highest, end: last } = samples[view.state.data];
    view.set({ ...around(view.state.data, lowest, highest || last), fits: true });
  });

  // The handles may be dragged in the picture, too.
  const picture = view.one("ranks");
  let held = null;
  const drag = (event) => {
    const value = view.scale.invert(event.clientX - picture.getBoundingClientRect().left);
    const distance = (place) => Math.abs(Math.log(place / value));
    held ||= distance(view.state.from) < distance(view.state.to) ? "from" : "to";
    view.set({ [held]: nearest(value) });
  };
  picture.addEventListener("pointerdown", (event) => { picture.setPointerCapture(event.pointerId); drag(event); });
  picture.addEventListener("pointermove", (event) => { if (held) drag(event); });
  for (const over of ["pointerup", "pointercancel"]) picture.addEventListener(over, () => { held = null; });
  return view.dispose;
}

// The reader's line: through the shares at or above at both ends of the stretch; the exponent is that of a density.
function lay(cells, survival) {
  const last = cells.low.length - 1;
  const [from, to] = [cells.low[0], cells.low[last]];
  const [share, other] = [survival[cells.first], survival[cells.first + last]];
  return { from, share, exponent: last > 0 ? 1 + Math.log(share / other) / Math.log(to / from) : NaN };
}

const chance = (p) => (p < 0.001 ? "p < 0.001" : `p = ${fixed(p, 3)}`);

function factsOf({ sample, cells, enough, hand, power, rivals, ends, decades, n }, fits, fewest) {
  const open = cells.open ? " and above" : "";
  const text = [`Stretch: ${short(ends[0])} to ${short(ends[1])}${open}, ${fixed(decades, 2)} decades, ${whole(cells.total)} of ${whole(n)} values.`,
    `Your line has the exponent ${fixed(hand.exponent, 2)}.`];
  if (!fits) return text.join(" ");
  if (!enough) return [...text, `A fit needs ${fewest} values in two cells or more.`].join(" ");
  const digits = power.error < 0.01 ? 3 : 2;
  const paper = sample.exponent ? ` (paper: ${fixed(sample.exponent, 2)})` : "";
  text.push(`Likeliest power law: ${fixed(power.alpha, digits)} \u00b1 ${fixed(power.error, digits)}${paper}.`);
  const of = ([name, { ratio, error, p }]) => `${RIVALS[name]} ${fixed(ratio, 1)}${error > 0 ? ` \u00b1 ${fixed(error, 1)}` : ""} (${chance(p)})`;
  text.push(`Log-likelihood ratios: ${Object.entries(rivals).map(of).join(", ")}.`);
  const better = Object.entries(rivals).filter(([, { ratio, p }]) => ratio < 0 && p < LEVEL).map(([name]) => RIVALS[name]);
  text.push(better.length ? `Significantly better than the power law: ${better.join(", ")}.` : "No rival is significantly better.");
  if (decades < DECADES) text.push(`A stretch below ${DECADES} decades is short for a power law.`);
  return text.join(" ");
}

function factorOf({ cells, survival, hand, power }) {
  const base = power ? survivalBy(power.logs, cells, survival) : cells.low.map((value) => hand.share * (value / hand.from) ** (1 - hand.exponent));
  const far = cells.low.map((_, k) => (cells.counts[k] ? Math.abs(Math.log(survival[cells.first + k] / base[k])) : 0)).filter(Number.isFinite);
  return fixed(Math.exp(Math.max(0, ...far)), 2);
}

function rowsOf({ sample, cells, survival, hand, power, rivals, ends }, state) {
  const cell = (value) => (Number.isFinite(value) ? value : "");
  const laws = power ? { power_law: power, ...rivals } : {};
  const by = Object.fromEntries(Object.entries(laws).map(([law, { logs }]) => [law, survivalBy(logs, cells, survival)]));
  return cells.low.map((low, k) => ({
    from: low, to: cells.whole ? low : cells.high[k], count: cells.counts[k], share_at_or_above: survival[cells.first + k],
    share_by_your_line: cell(hand.share * (low / hand.from) ** (1 - hand.exponent)),
    ...Object.fromEntries(["power_law", ...Object.keys(RIVALS)].map((law) => [`share_by_${law}`, by[law] ? cell(by[law][k]) : ""])),
    data: state.data, quantity: sample.quantity, stretch_from: ends[0], stretch_to: ends[1], open_above: Number(cells.open),
    your_exponent: cell(hand.exponent), exponent: power ? power.alpha : "", standard_error: power ? cell(power.error) : "",
    ...Object.fromEntries(Object.keys(RIVALS).flatMap((rival) => ["ratio", "error", "p"].map((what) => [
      `${{ ratio: "ratio", error: "ratio_error", p: "p" }[what]}_${rival}`, rivals ? cell(rivals[rival][what]) : ""]))),
    paper_exponent: sample.exponent ?? "",
  }));
}

export default { render };
