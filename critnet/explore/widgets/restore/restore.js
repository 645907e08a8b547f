// The restore explorer: a share of a set of weights goes back, and the losses of all images follow.

function restorePage() {
  const canvas = (part, text) => `<figure><figcaption>${text}</figcaption>`
    + `<canvas data-part="${part}" role="img" aria-label="${text.replace(/<[^>]*>/g, "")}; in words below"></canvas></figure>`;
  return `<p>Are redundant weights the ones that must go back? Drag the share that is set back, and compare with the grey range of random sets; then choose another set.</p>
<div class="cx-controls" data-part="sliders"></div>
<div class="cs-plots">${canvas("map", 'Weights: <span class="cs-critical">critical</span>, <span class="cs-redundant">redundant</span>, <span class="cs-other">other</span>; centre filled: set back')}
<div>${canvas("above", "Share of images with a loss of at least b: as it ends (thin), now (thick), random sets (grey)")}
${canvas("mean", "Mean loss against the share that is set back: now (dot), all shares (line), random sets (grey)")}</div></div>
<table class="cs-facts"><thead><tr><td></td><th scope="col">mean loss</th><th scope="col" data-part="head"></th><th scope="col">answered right</th></tr></thead>
<tbody>${["as it ends", "now", "random sets"].map((row, k) => `<tr data-row="${k}"><th scope="row">${row}</th><td></td><td></td><td></td></tr>`).join("")}</tbody></table>`;
}

function render({ model, el }) {
  const { name, caption, sizes, levels, steps, start, ...given } = model.get("given");
  const [first] = sizes;
  const [codes, scale] = [numbersOf(given.activity, "u1"), numbersOf(given.scale, "<f4")];
  const activity = Float64Array.from(codes, (code, at) => code * scale[at % first]);
  const labels = numbersOf(given.labels, "u1");
  const net = readLayers(numbersOf(given.final, "<f4"), sizes);
  const early = Float64Array.from(numbersOf(given.early, "<f4"));
  const roles = new Array(early.length).fill("");
  for (const role of ["critical", "redundant"]) for (const place of numbersOf(given[role], "<i2")) roles[place] = role;
  const sets = new Map(given.sets.map(({ label, places, mean, band }) => [label, {
    places: numbersOf(places, "<i2"), mean: numbersOf(mean, "<f4"), band: bandOf(given.bands[band]),
  }]));
  const ends = measured(net);
  const limits = limitsOf([...sets.values()]);
  let shown = {};

  function bandOf(band) {
    const [mean, above] = [numbersOf(band.mean, "<f4"), numbersOf(band.above, "<f4")];
    const [n, L] = [steps + 1, levels.length];
    return {
      mean: [mean.subarray(0, n), mean.subarray(n)],
      above: (at) => [0, 1].map((side) => above.subarray((side * n + at) * L, (side * n + at + 1) * L)),
    };
  }

  function measured(weights) {
    const { losses, right } = lossesOf(weights, activity, labels);
    return { mean: meanOf(losses), above: shareAbove(losses, levels), right: right / labels.length };
  }

  // Powers of ten around all mean losses that can be shown.
  function limitsOf(all) {
    const values = all.flatMap(({ mean, band }) => [...mean, ...band.mean[0], ...band.mean[1]]).filter((value) => value > 0);
    return { low: 10 ** Math.floor(Math.log10(Math.min(...values))), high: 10 ** Math.ceil(Math.log10(Math.max(...values))) };
  }

  function compute({ share, set }) {
    const key = `${share} ${set}`;
    if (shown.key === key) return shown;
    const { places, mean, band } = sets.get(set);
    const count = countOf(share, places.length);
    const at = Math.round(share * steps);
    return { key, set, share, at, places, count, course: mean, band, random: band.above(at), ...measured(setBack(net, early, places, count)) };
  }

  const range = ([low, high], write) => `${write(low)} to ${write(high)}`;

  const view = explorer({
    el, name, kind: "restore", caption,
    controls: [
      { type: "range", name: "share", label: "share set back", low: 0, high: 1, step: 1 / steps, start: 0.5, text: (share) => fixed(share, 2), place: "sliders" },
      { type: "steps", name: "b", label: "threshold b", values: levels, start: start.b, text: (b) => `${short(b, 2)} nats`, place: "sliders" },
      { type: "select", name: "set", label: "set", options: [...sets.keys()].map((label) => [label, label]), start: start.set, place: "sliders" },
    ],
    body: restorePage,
    draw: ({ one, root, state, colours }) => {
      shown = compute(state);
      const b = levels.indexOf(state.b);
      drawMap(one("map"), { net, roles, ...shown }, colours);
      drawAbove(one("above"), b, colours);
      drawMean(one("mean"), colours);
      one("head").textContent = `P(L \u2265 ${short(state.b, 2)})`;
      const random = [range(shown.band.mean.map((side) => side[shown.at]), (value) => short(value)), range(shown.random.map((side) => side[b]), (value) => percent(value)), ""];
      [ends, shown].forEach((row, k) => write(root, k, [short(row.mean), percent(row.above[b]), percent(row.right)]));
      write(root, 2, random);
    },
    words: ({ state }) => {
      const { set, count, places, mean, above, right, at, band, random } = shown;
      const b = levels.indexOf(state.b);
      const inW3 = places.subarray(0, count).reduce((n, place) => n + (place >= net.W2.length), 0);
      const numbers = (role) => roles.filter((own) => own === role).length;
      return `Set: ${set}. ${count} of its ${places.length} weights are set back, ${count - inW3} of W2 and ${inW3} of W3. The mean loss of ${whole(labels.length)} images is ${short(mean)} nats `
        + `(${short(ends.mean)} as the network ends; random sets of as many weights of the same layers ${range(band.mean.map((side) => side[at]), (value) => short(value))}); `
        + `a loss of at least ${short(state.b, 2)} nats have ${percent(above[b])} (${percent(ends.above[b])}; ${range(random.map((side) => side[b]), (value) => percent(value))}); `
        + `${percent(right)} are answered right (${percent(ends.right)}). Of ${whole(roles.length)} weights ${numbers("critical")} are critical and ${numbers("redundant")} redundant.`;
    },
    table: () => levels.map((b, k) => ({
      b_nats: b, share_at_end: ends.above[k], share_now: shown.above[k], share_random_low: shown.random[0][k], share_random_high: shown.random[1][k],
      set: shown.set, share_set_back: shown.share, weights_set_back: shown.count, mean_loss_nats: shown.mean, mean_loss_at_end_nats: ends.mean,
      mean_loss_random_low_nats: shown.band.mean[0][shown.at], mean_loss_random_high_nats: shown.band.mean[1][shown.at], answered_right: shown.right,
    })),
  });

  function write(root, row, texts) {
    root.querySelectorAll(`[data-row="${row}"] td`).forEach((td, k) => { td.textContent = texts[k]; });
  }

  function drawAbove(canvas, b, colours) {
    const { context, width, height } = fitted(canvas);
    const low = 0.5 / labels.length;
    const box = { left: 44, top: 20, right: width - 10, bottom: height - 36 };
    const { x, y } = axes(context, box, { low: 0, high: levels.at(-1), label: "threshold b (nats)" }, { low, high: 1, log: true, label: "P(L \u2265 b)" }, colours);
    const xs = levels.map(x);
    const heights = (values) => Array.from(values, (value) => y(Math.max(value, low)));
    grey(context, xs, shown.random.map(heights), colours);
    polyline(context, [xs[b], xs[b]], [box.top, box.bottom], { colour: colours.soft, dash: [3, 3], width: 1 });
    polyline(context, xs, heights(ends.above), { colour: colours.ink, width: 1 });
    polyline(context, xs, heights(shown.above), { colour: colours.q2, width: 2.5 });
  }

  function drawMean(canvas, colours) {
    const { context, width, height } = fitted(canvas);
    const box = { left: 44, top: 20, right: width - 10, bottom: height - 36 };
    const { x, y } = axes(context, box, { low: 0, high: 1, label: "share set back" }, { ...limits, log: true, ticks: ticksBetween(limits), text: (value) => short(value, 1), label: "mean loss (nats)" }, colours);
    const xs = Array.from(shown.course, (_, k) => x(k / steps));
    const heights = (values) => Array.from(values, (value) => y(Math.max(value, limits.low)));
    grey(context, xs, shown.band.mean.map(heights), colours);
    polyline(context, xs, heights(shown.course), { colour: colours.q2 });
    context.fillStyle = colours.q2;
    context.beginPath();
    context.arc(x(shown.share), y(shown.mean), 5, 0, 2 * Math.PI);
    context.fill();
  }
  return view.dispose;
}

// 1, 2 and 5 of each decade where there are one or two of them, else the decades.
function ticksBetween({ low, high }) {
  const [first, last] = [low, high].map((value) => Math.round(Math.log10(value)));
  const parts = last - first > 2 ? [1] : [1, 2, 5];
  return Array.from({ length: last - first + 1 }, (_, k) => parts.map((part) => part * 10 ** (first + k))).flat().filter((value) => value <= high);
}

// The range between two lines.
function grey(context, xs, [low, high], colours) {
  context.save();
  context.globalAlpha = 0.4;
  context.fillStyle = colours.faint;
  context.beginPath();
  xs.forEach((x, k) => context.lineTo(x, low[k]));
  [...xs.keys()].reverse().forEach((k) => context.lineTo(xs[k], high[k]));
  context.fill();
  context.restore();
}

export default { render };
