// The pictures of the training explorer: the batch, what a neuron's weights did, the courses, the graph.

const SHOWN = 16; // images of a batch that are drawn

// One image of 28 by 28 values 0 to 1 at a place, in a colour of its own.
function glyph(context, place, side, value, colour) {
  context.fillStyle = colour;
  const cell = side < 56 ? side / 28 : Math.floor(side / 28); // whole cells need not overlap
  const wide = side < 56 ? cell + 0.4 : cell;
  for (let j = 0; j < INPUTS; j += 1) {
    const share = value(j);
    if (share < 0.05) continue;
    context.globalAlpha = Math.min(1, share);
    context.fillRect(place.x + (j % 28) * cell, place.y + Math.floor(j / 28) * cell, wide, wide);
  }
  context.globalAlpha = 1;
}

function drawBatch(canvas, run, digits, colours) {
  const { context, width, height } = fitted(canvas);
  const [columns, rows] = [8, 2];
  const side = Math.min(width / columns, height / rows - 14) - 4;
  const ink = new Float64Array(INPUTS);
  if (!run.batch) {
    context.fillStyle = colours.soft;
    context.textBaseline = "top";
    context.fillText("No batch yet: press step.", 8, 8);
    return;
  }
  run.batch.slice(0, SHOWN).forEach((n, m) => {
    const place = { x: (m % columns) * (width / columns) + 2, y: Math.floor(m / columns) * (height / rows) + 2 };
    ink.fill(0);
    for (let k = digits.start[n]; k < digits.start[n + 1]; k += 1) ink[digits.pixel[k]] = digits.extra[k] * STD;
    glyph(context, place, side, (j) => ink[j], colours.ink);
    const [answer, right] = [run.last.answers[m], run.last.answers[m] === digits.label[n]];
    context.fillStyle = right ? colours.soft : colours.critical;
    context.textBaseline = "top";
    context.fillText(right ? `${answer}` : `${answer} \u2717`, place.x + side / 2 - 4, place.y + side);
  });
}

// The input weights of the first-layer neuron that the last batch moved most: minus the gradient, pixel by pixel.
function mostMoved(run) {
  const { h } = run.network;
  const { ink, tilt } = run.last;
  const sizes = Array.from({ length: h }, (_, i) => {
    let total = 0;
    for (let j = 0; j < INPUTS; j += 1) total += (ink[j * h + i] + tilt[i]) ** 2;
    return total;
  });
  const neuron = largest(sizes);
  return { neuron, change: Float64Array.from({ length: INPUTS }, (_, j) => -(ink[j * h + neuron] + tilt[neuron])) };
}

function drawChange(canvas, run, colours) {
  const { context, width, height } = fitted(canvas);
  if (!run.last) return;
  const { change } = mostMoved(run);
  const most = change.reduce((top, value) => Math.max(top, Math.abs(value)), 1e-300);
  const side = Math.min(width, height);
  for (const [sign, colour] of [[1, colours.positive], [-1, colours.negative]]) {
    glyph(context, { x: (width - side) / 2, y: 0 }, side, (j) => (sign * change[j]) / most, colour);
  }
}

function drawCourses(canvas, run, last, colours) {
  const { context, width, height } = fitted(canvas);
  const box = { left: 44, top: 22, right: width - 14, bottom: height - 38 };
  const { x, y } = axes(context, box, { low: 0.8, high: last, log: true, label: "iteration" }, { low: 0, high: 1, label: "share" }, colours);
  const at = (t) => x(Math.max(0.8, t)); // iteration 0 stands at the edge
  const top = Math.max(...run.losses.filter(Number.isFinite));
  polyline(context, run.losses.map((_, k) => at(k + 1)), run.losses.map((loss) => y(loss / top)), { colour: colours.ink, width: 1 });
  const times = run.looks.map(({ t }) => at(t));
  const most = Math.max(run.now.strength, ...run.looks.map(({ strength }) => strength));
  polyline(context, times, run.looks.map(({ accuracy }) => y(accuracy)), { colour: colours.control, width: 2 });
  polyline(context, times, run.looks.map(({ strength }) => y(strength / most)), { colour: colours["as-coded"], width: 2.5 });
  context.fillStyle = colours["as-coded"];
  context.beginPath();
  context.arc(at(run.now.t), y(run.now.strength / most), 4, 0, 2 * Math.PI);
  context.fill();
}

// Neurons of three columns on a circle, layer after layer; a chord a pair above the threshold. Returns their number.
function drawGraph(canvas, run, threshold, colours) {
  const { context, width, height } = fitted(canvas);
  const { h } = run.network;
  const M = 2 * h + CLASSES;
  const radius = Math.min(width, height) / 2 - 18;
  const gap = M / 24;
  const turn = (i) => ((i + gap * (i >= 2 * h ? 2.5 : i >= h ? 1.5 : 0.5)) / (M + 3 * gap)) * 2 * Math.PI - Math.PI / 2;
  const at = Array.from({ length: M }, (_, i) => [width / 2 + radius * Math.cos(turn(i)), height / 2 + radius * Math.sin(turn(i))]);
  context.lineWidth = 0.7;
  for (const positive of [true, false]) {
    context.strokeStyle = positive ? colours.positive : colours.negative;
    context.beginPath();
    for (let i = 0; i < M; i += 1) {
      for (let k = 0; k < i; k += 1) {
        const value = run.C[i * M + k];
        if (Math.abs(value) < threshold || value > 0 !== positive) continue;
        context.moveTo(...at[i]);
        context.lineTo(...at[k]);
      }
    }
    context.stroke();
  }
  context.fillStyle = colours.ink;
  at.forEach(([px, py], i) => {
    context.beginPath();
    context.arc(px, py, i >= 2 * h ? 4.5 : 3, 0, 2 * Math.PI);
    context.fill();
  });
}

const edgesOf = (C, M, threshold) => {
  let number = 0;
  for (let i = 0; i < M; i += 1) for (let k = 0; k < i; k += 1) if (Math.abs(C[i * M + k]) >= threshold) number += 1;
  return number;
};
