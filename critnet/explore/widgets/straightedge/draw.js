// What the straightedge shows: the ranked data with the lines laid on them, what is left over, and the tug of war.

const SHADES = { lognormal: "q1", exponential: "q3", truncated: "q4" };
const HUGE = Math.asinh(1e6);

function axisOf(sample) {
  return { low: sample.low[0] / 1.15, high: sample.high[sample.high.length - 1] * 1.15, log: true };
}

function within(context, box, draw) {
  context.save();
  context.beginPath();
  context.rect(box.left, box.top, box.right - box.left, box.bottom - box.top);
  context.clip();
  draw();
  context.restore();
}

function dot(context, x, y, radius, { colour, hollow = false, page = "" }) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.fillStyle = hollow ? page : colour;
  context.fill();
  if (!hollow) return;
  context.strokeStyle = colour;
  context.lineWidth = 1.5;
  context.stroke();
}

// Ranked data on logarithmic axes: the share at or above each value. Returns the scale of x, for handles to be dragged.
function drawRanks(canvas, { sample, survival, cells, hand, power, rivals, ends }, revealed, colours) {
  const { context, width, height } = fitted(canvas);
  const box = { left: 48, top: 20, right: width - 10, bottom: height - 38 };
  const least = 10 ** Math.floor(Math.log10(survival[sample.counts.length - 1]) - 0.3);
  const { x, y } = axes(context, box, { ...axisOf(sample), label: sample.quantity }, { low: least, high: 2, log: true, label: "share at or above" }, colours);
  within(context, box, () => {
    context.fillStyle = colours.faint;
    context.globalAlpha = 0.14;
    const places = ends.map((value) => Math.min(box.right, Math.max(box.left, x(value))));
    context.fillRect(places[0], box.top, places[1] - places[0], box.bottom - box.top);
    context.globalAlpha = 1;
    for (const at of places) {
      polyline(context, [at, at], [box.top, box.bottom], { colour: colours.ink, width: 1.5 });
      dot(context, at, box.bottom - 9, 6, { colour: colours.ink });
    }
    sample.low.forEach((value, k) => {
      if (sample.counts[k]) dot(context, x(value), y(survival[k]), 2.4, { colour: colours.ink });
    });
    const reach = [sample.low[0], sample.high[sample.high.length - 1]];
    const line = (exponent, from, share, span, options) => polyline(context, span.map(x),
      span.map((value) => y(share * (value / from) ** (1 - exponent))), options);
    if (Number.isFinite(hand.exponent)) line(hand.exponent, hand.from, hand.share, reach, { colour: colours.q2, width: 1.5 });
    if (!revealed) return;
    if (sample.exponent) {
      const [from, to] = [sample.lowest || reach[0], sample.highest || reach[1]];
      const k = sample.low.findIndex((value) => value >= from * (1 - 1e-9));
      line(sample.exponent, sample.low[Math.max(k, 0)], survival[Math.max(k, 0)], [from, to], { colour: colours.ink, dash: [6, 4], width: 1.5 });
    }
    if (!power) return;
    const on = (logs, options) => polyline(context, cells.low.map(x), survivalBy(logs, cells, survival).map(y), options);
    for (const [name, { logs }] of Object.entries(rivals)) on(logs, { colour: colours[SHADES[name]], width: 1.2 });
    on(power.logs, { colour: colours.control, width: 2.5 });
  });
  return x;
}

// What is left over the reader's line, or over the likeliest power law: log10 of the ratio of the shares at or above.
function drawLeft(canvas, { sample, survival, cells, hand, power, rivals, n }, revealed, colours) {
  const { context, width, height } = fitted(canvas);
  const box = { left: 48, top: 20, right: width - 10, bottom: height - 38 };
  const label = revealed && power ? "share over that of the power law" : "share over that of your line";
  const top = revealed && power ? 1 : 2;
  const text = (value) => (value ? `${value < 0 ? "\u00f7" : "\u00d7"}${10 ** top}` : "1");
  const { x, y } = axes(context, box, { ...axisOf(sample), label: sample.quantity }, { low: -1.2 * top, high: 1.2 * top, ticks: [-top, 0, top], text, label }, colours);
  const base = revealed && power ? survivalBy(power.logs, cells, survival)
    : cells.low.map((value) => hand.share * (value / hand.from) ** (1 - hand.exponent));
  within(context, box, () => {
    polyline(context, [box.left, box.right], [y(0), y(0)], { colour: revealed && power ? colours.control : colours.q2, width: 1.5 });
    if (revealed && power) {
      for (const [name, { logs }] of Object.entries(rivals)) {
        const other = survivalBy(logs, cells, survival);
        polyline(context, cells.low.map(x), other.map((share, k) => y(Math.log10(share / base[k]))), { colour: colours[SHADES[name]], width: 1.2 });
      }
    }
    cells.low.forEach((value, k) => {
      const share = survival[cells.first + k];
      if (!cells.counts[k] || !Number.isFinite(base[k])) return;
      const error = Math.sqrt((1 - share) / (share * n));
      const [up, down] = [1 + 2 * error, Math.max(1 - 2 * error, 0.05)].map((by) => y(Math.log10(share * by / base[k])));
      polyline(context, [x(value), x(value)], [up, down], { colour: colours.faint, width: 1 });
      dot(context, x(value), y(Math.log10(share / base[k])), 2.2, { colour: colours.ink });
    });
  });
}

// The tug of war: how much likelier the power law is than each rival, with two standard errors.
function drawWar(canvas, { rivals }, revealed, colours) {
  const { context, width, height } = fitted(canvas);
  const box = { left: 10, top: 22, right: width - 10, bottom: height - 38 };
  const ticks = [-4, -2, 0, 2, 4].map((k) => Math.asinh(Math.sign(k) * 10 ** Math.abs(k)) * (k !== 0));
  const text = (value) => (value === 0 ? "0" : `${value < 0 ? "\u2212" : ""}10${superscript(Math.round(Math.log10(Math.abs(Math.sinh(value)))))}`);
  const { x } = axes(context, box, { low: -HUGE, high: HUGE, ticks, text, label: "log-likelihood ratio" }, { low: 0, high: 1, ticks: [] }, colours);
  polyline(context, [x(0), x(0)], [box.top - 4, box.bottom], { colour: colours.ink, dash: [3, 3], width: 1 });
  context.fillStyle = colours.soft;
  context.textBaseline = "middle";
  context.textAlign = "left";
  context.fillText("\u2190 rival", box.left, box.top - 12);
  context.textAlign = "right";
  context.fillText("power law \u2192", box.right, box.top - 12);
  context.textAlign = "center";
  if (!revealed || !rivals) {
    context.fillText(revealed ? "too few values" : "after your guess", x(0), (box.top + box.bottom) / 2);
    return;
  }
  const place = (value) => x(Math.min(HUGE, Math.max(-HUGE, Math.asinh(value))));
  Object.entries(rivals).forEach(([name, { ratio, error }], k) => {
    const y = box.top + (box.bottom - box.top) * (k + 0.7) / 3;
    const colour = colours[SHADES[name]];
    context.fillStyle = colours.ink;
    context.textAlign = ratio > 0 ? "left" : "right";
    context.fillText(RIVALS[name], ratio > 0 ? box.left + 4 : box.right - 4, y - 13);
    polyline(context, [x(0), place(ratio)], [y, y], { colour, width: 1 });
    if (error > 0) polyline(context, [place(ratio - 2 * error), place(ratio + 2 * error)], [y, y], { colour, width: 3 });
    dot(context, place(ratio), y, 4.5, { colour, hollow: !(error > 0), page: colours.page });
  });
}
