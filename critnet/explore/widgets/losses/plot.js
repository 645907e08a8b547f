// The pictures of the loss explorer. Each function draws on a canvas and returns what turns a place on it into a value.

const BELOW = 0.62; // share of a Delta S axis that lies below ln N, where a rate function can be
const LEAST = 1e-6; // Delta S at the foot of a logarithmic axis, nats
const FAINTEST = 1e-12; // smallest loss on the axis of the distribution, nats

const boxOf = (width, height, label = true) => ({ left: 46, top: 22, right: width - 8, bottom: height - (label ? 38 : 22) });

// An axis of Delta S: linear or logarithmic up to ln N, logarithmic above, where only an extrapolation gets.
// place(value) is in [0, 1]; what exceeds `top` stays at 1.
function entropyAxis(most, top, scale) {
  const cap = most || 1; // of a single sample it is 0
  const below = scale === "log"
    ? (value) => Math.log(Math.max(value, LEAST) / LEAST) / Math.log(cap / LEAST)
    : (value) => value / cap;
  const place = (value) => (value <= cap ? BELOW * below(value)
    : BELOW + (1 - BELOW) * Math.min(1, Math.log(value / cap) / Math.log(top / cap)));
  const low = scale === "log" ? ticksOf(LEAST, cap, 3, true) : ticksOf(0, cap, 2);
  const high = ticksOf(cap, top, 3, true);
  const texts = new Map([...low, ...high].map((value) => [place(value), value > cap || scale === "log" ? powerOfTen(value) : minus(String(value))]));
  texts.forEach((_, at) => { if (Math.abs(at - BELOW) < 0.09) texts.delete(at); });
  texts.set(BELOW, "ln N");
  if (scale === "log") texts.set(0, `\u2264 ${powerOfTen(LEAST)}`);
  return { place, low: 0, high: 1, ticks: [...texts.keys()], text: (at) => texts.get(at), label: "\u0394S (nats)" };
}

// An axis of iterations, logarithmic in 1 + t.
function stepAxis(steps, room, label) {
  const last = steps[steps.length - 1];
  const ticks = [0, ...Array.from({ length: 12 }, (_, k) => 10 ** k)].filter((t) => t >= steps[0] && t <= last);
  const every = Math.max(1, Math.ceil(ticks.length / Math.max(2, Math.floor(room / 40))));
  const kept = ticks.filter((_, k) => k % every === 0);
  return {
    low: Math.log1p(steps[0]), high: Math.log1p(last), ticks: kept.map(Math.log1p), label,
    text: (at) => (at === 0 ? "0" : powerOfTen(Math.round(Math.expm1(at)))),
  };
}

function hatched(context, box, from, to, colour) {
  const [left, right] = [Math.max(box.left, Math.min(from, to)), Math.min(box.right, Math.max(from, to))];
  if (!(right - left > 0.5)) return;
  context.save();
  context.beginPath();
  context.rect(left, box.top, right - left, box.bottom - box.top);
  context.clip();
  context.strokeStyle = colour;
  context.lineWidth = 1;
  context.globalAlpha = 0.35;
  context.beginPath();
  const tall = box.bottom - box.top;
  for (let at = left - tall - ((left - tall) % 8); at < right; at += 8) {
    context.moveTo(at, box.bottom);
    context.lineTo(at + tall, box.top);
  }
  context.stroke();
  context.restore();
}

// What a hatched stretch is, where it has room for the words.
function named(context, box, from, to, words) {
  const [left, right] = [Math.max(box.left, from), Math.min(box.right, to)];
  if (right - left > context.measureText(words).width + 8) written(context, words, (left + right) / 2, box.top + 3, "center");
}

// Text on a ground of the page's colour, so that no line runs through it.
function written(context, words, x, y, align = "left") {
  const { width } = context.measureText(words);
  context.save();
  context.textAlign = align;
  context.textBaseline = "top";
  context.fillStyle = written.page;
  context.globalAlpha = 0.85;
  context.fillRect(align === "center" ? x - width / 2 - 2 : align === "right" ? x - width - 2 : x - 2, y - 1, width + 4, 14);
  context.globalAlpha = 1;
  context.fillStyle = written.soft;
  context.fillText(words, x, y);
  context.restore();
}

function upright(context, box, at, { colour, width = 1.25, dash = [5, 3] }) {
  if (at < box.left - 1 || at > box.right + 1) return;
  polyline(context, [at, at], [box.top, box.bottom], { colour, width, dash });
}

function across(context, box, at, options) {
  if (at >= box.top && at <= box.bottom) polyline(context, [box.left, box.right], [at, at], { width: 1, dash: [5, 3], ...options });
}

function dot(context, x, y, colour) {
  if (!Number.isFinite(x) || !Number.isFinite(y)) return;
  context.save();
  context.fillStyle = colour;
  context.beginPath();
  context.arc(x, y, 4, 0, 2 * Math.PI);
  context.fill();
  context.restore();
}

const coloursBy = (colours) => ({ control: colours.control, coded: colours["as-coded"], upper: colours.q3 });
const LINES = { control: { width: 2 }, coded: { width: 2 }, upper: { width: 1.75, dash: [2, 3] } };

function begin(canvas, colours) {
  [written.page, written.soft] = [colours.page, colours.soft];
  return fitted(canvas);
}

// ---- at one iteration

function drawSpread(canvas, { spread, losses, b, lowest, highest, colours }) {
  const { context, width, height } = begin(canvas, colours);
  const box = boxOf(width, height);
  const [least, most] = [0.3 / losses.size, 20];
  const { x, y } = axes(context, box, { low: lowest, high: highest, log: true, label: "loss L (nats)" },
    { low: least, high: most, log: true, label: "samples per unit of ln L" }, colours);
  const outline = (share) => {
    const [xs, ys] = [[], []];
    spread.edges.forEach((edge, k) => {
      const level = share[k] > 0 ? Math.min(box.bottom, y(share[k] / spread.width)) : box.bottom;
      for (const end of [edge, edge * Math.exp(spread.width)]) {
        xs.push(Math.min(box.right, Math.max(box.left, x(end))));
        ys.push(level);
      }
    });
    return [[xs[0], ...xs, xs[xs.length - 1]], [box.bottom, ...ys, box.bottom]];
  };
  if (spread.edges.length) {
    const [xs, ys] = outline(spread.share);
    context.save();
    context.beginPath();
    xs.forEach((at, i) => context.lineTo(at, ys[i]));
    context.fillStyle = colours.faint;
    context.globalAlpha = 0.35;
    context.fill();
    context.restore();
    polyline(context, xs, ys, { colour: colours.soft, width: 1 });
    polyline(context, ...outline(spread.tilted), { colour: colours.control, width: 2 });
  }
  upright(context, box, x(b), { colour: colours.ink });
  if (spread.hidden > 0) written(context, `${percent(spread.hidden)} of the losses lie below ${powerOfTen(lowest)}`, box.left + 4, box.top);
  return { box, invert: x.invert };
}

function drawThresholds(canvas, { along, grid, losses, found, b, published, axis, colours }) {
  const { context, width, height } = begin(canvas, colours);
  const box = boxOf(width, height);
  const x = scaleOf({ low: grid[0], high: grid[grid.length - 1], from: box.left, to: box.right, log: true });
  hatched(context, box, box.left, x(losses.mean), colours.soft);
  hatched(context, box, x(losses.high), box.right, colours.soft);
  const { y } = axes(context, box, { low: grid[0], high: grid[grid.length - 1], log: true, label: "b (nats)" }, axis, colours);
  across(context, box, y(BELOW), { colour: colours.faint });
  upright(context, box, x(published), { colour: colours.ink, width: 0.75, dash: [2, 3] });
  upright(context, box, x(b), { colour: colours.ink });
  const xs = grid.map(x);
  const tones = coloursBy(colours);
  for (const key of ["upper", "control", "coded"]) {
    polyline(context, xs, along.map((one) => y(axis.place(one[key]))), { colour: tones[key], ...LINES[key] });
    dot(context, x(b), y(axis.place(found[key])), tones[key]);
  }
  named(context, box, box.left, x(losses.mean), "extrapolated below the mean");
  named(context, box, x(losses.high), box.right, "extrapolated above the largest loss");
  return { box, invert: x.invert };
}

// ---- over training

// Stretches of iterations at which b lies outside the spline's range: [from, to, side].
function outsideOf(box, xs, sides) {
  const found = [];
  for (let i = 0; i < xs.length; i += 1) {
    if (!sides[i] || (i && sides[i - 1] === sides[i])) continue;
    let last = i;
    while (last + 1 < xs.length && sides[last + 1] === sides[i]) last += 1;
    const from = i ? (xs[i - 1] + xs[i]) / 2 : box.left;
    const to = last + 1 < xs.length ? (xs[last] + xs[last + 1]) / 2 : box.right;
    found.push([from, to, sides[i]]);
  }
  return found;
}

// Axes over iterations with the hatching and the mark of t; the caller draws the lines.
function overSteps(canvas, { steps, sides, t, colours, label }, yAxis) {
  const { context, width, height } = begin(canvas, colours);
  const box = boxOf(width, height, Boolean(label));
  const axis = stepAxis(steps, box.right - box.left, label);
  const scale = scaleOf({ ...axis, from: box.left, to: box.right });
  const xs = steps.map((step) => scale(Math.log1p(step)));
  const outside = outsideOf(box, xs, sides);
  for (const [from, to] of outside) hatched(context, box, from, to, colours.soft);
  const { y } = axes(context, box, axis, yAxis, colours);
  upright(context, box, scale(Math.log1p(t)), { colour: colours.ink });
  return { context, box, xs, y, outside, at: steps.indexOf(t), invert: (place) => Math.expm1(scale.invert(place)) };
}

function drawMean(canvas, shown) {
  const { all, b, colours } = shown;
  const positive = all.flatMap((one) => [one.mean, one.high]).filter((value) => value > 0);
  const low = 10 ** Math.floor(Math.log10(Math.min(...positive, 1)));
  const high = 10 ** Math.ceil(Math.log10(Math.max(...positive, 10 * low)));
  const { context, box, xs, y, at, ...rest } = overSteps(canvas, shown, { low, high, log: true, label: "loss (nats)" });
  polyline(context, xs, all.map((one) => y(one.high)), { colour: colours.soft, width: 1, dash: [2, 2] });
  polyline(context, xs, all.map((one) => y(one.mean)), { colour: colours.ink, width: 2 });
  across(context, box, y(b), { colour: colours.ink });
  dot(context, xs[at], y(all[at].mean), colours.ink);
  return { box, ...rest };
}

function drawLines(plot, { curves, found, colours }, place) {
  const { context, xs, y, at } = plot;
  const tones = coloursBy(colours);
  for (const key of ["upper", "control", "coded"]) {
    polyline(context, xs, curves.map((one) => y(place(one, key))), { colour: tones[key], ...LINES[key] });
    dot(context, xs[at], y(place(found, key)), tones[key]);
  }
}

function drawEntropy(canvas, shown) {
  const plot = overSteps(canvas, shown, shown.axis);
  across(plot.context, plot.box, plot.y(BELOW), { colour: shown.colours.faint });
  drawLines(plot, shown, (one, key) => shown.axis.place(one[key]));
  for (const [from, to, side] of plot.outside) {
    named(plot.context, plot.box, from, to, side < 0 ? "extrapolated: b below the mean" : "extrapolated: b above the largest");
  }
  return plot;
}

function drawCriterion(canvas, shown) {
  const values = shown.curves.flatMap((one) => Object.values(one.criteria)).filter(Number.isFinite);
  const [low, high] = [Math.floor((Math.min(...values, 0) - 0.5) / 5) * 5, Math.ceil((Math.max(...values, 0) + 0.5) / 5) * 5];
  const plot = overSteps(canvas, { ...shown, label: "iteration t" }, { low, high, label: "ln(L / \u0394S)", ticks: ticksOf(low, high, 4) });
  drawLines(plot, shown, (one, key) => one.criteria[key]);
  return plot;
}
