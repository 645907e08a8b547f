// The pictures of the tour's steps. Each takes the canvas, the data given for its kind, the place k of the value shown,
// the values, whether the answer is told, and the colours. Nothing is computed here but places on the canvas.

const NO_ROOM = 6;

// data: { pixels: one image a value, 0 to 15, in base64 "u1"; weights: "i1"; response: a number a value; digits: texts }
function drawNeuron(canvas, { pixels, weights, response, digits }, { k, told, colours }) {
  const { context, width, height } = fitted(canvas);
  const side = Math.floor(Math.min(width * 0.27, 160) / 28) * 28;
  const [images, signs] = [numbersOf(pixels, "u1"), numbersOf(weights, "i1")];
  const cell = side / 28;
  const field = (left, shade) => {
    context.strokeStyle = colours.faint;
    context.strokeRect(left + 0.5, 24.5, side, side);
    for (let i = 0; i < 784; i += 1) {
      const [colour, alpha] = shade(i);
      if (alpha < 0.02) continue;
      context.fillStyle = colour;
      context.globalAlpha = alpha;
      context.fillRect(left + (i % 28) * cell, 24 + Math.floor(i / 28) * cell, cell, cell);
    }
    context.globalAlpha = 1;
  };
  const title = (text, left) => {
    context.fillStyle = colours.soft;
    context.textAlign = "left";
    context.textBaseline = "bottom";
    context.fillText(text, left, 18);
  };
  const [second, third] = [side + 14, 2 * side + 28];
  field(0, (i) => [colours.ink, images[k * 784 + i] / 15]);
  field(second, (i) => [signs[i] > 0 ? colours.positive : colours.negative, Math.abs(signs[i]) / 127]);
  title("image", 0);
  title("weights", second);
  const most = Math.max(...response) || 1;
  const box = { left: third + 22, top: 24, right: width - 44, bottom: height - 8 };
  title("response", third);
  const row = (box.bottom - box.top) / digits.length;
  digits.forEach((digit, i) => {
    const y = box.top + i * row;
    context.fillStyle = i === k ? colours.ink : colours.soft;
    context.textAlign = "right";
    context.textBaseline = "middle";
    context.fillText(digit, box.left - 6, y + row / 2);
    if (i !== k && !told) return;
    const wide = (box.right - box.left) * response[i] / most;
    context.fillStyle = i === k ? colours["as-coded"] : colours.faint;
    context.fillRect(box.left, y + 2, Math.max(1, wide), row - 4);
    context.fillStyle = i === k ? colours.ink : colours.soft;
    context.textAlign = "left";
    context.fillText(fixed(response[i], 1), box.left + wide + NO_ROOM, y + row / 2);
  });
}

// data: { x, y: activity of two neurons, value after value, in base64 "<f4"; names: their two texts }
function drawPair(canvas, { x, y, names }, { k, values, colours }) {
  const { context, width, height } = fitted(canvas);
  const [xs, ys] = [numbersOf(x, "<f4"), numbersOf(y, "<f4")];
  const n = xs.length / values.length;
  const top = (all) => all.subarray(k * n, (k + 1) * n).reduce((most, value) => Math.max(most, value), 0) * 1.04 || 1;
  const box = { left: 44, top: 24, right: Math.min(width - 12, 420), bottom: height - 38 };
  const axis = axes(context, box, { low: 0, high: top(xs), label: names[0] }, { low: 0, high: top(ys), label: names[1] }, colours);
  context.fillStyle = colours["as-coded"];
  context.globalAlpha = 0.45;
  for (let i = k * n; i < (k + 1) * n; i += 1) {
    context.beginPath();
    context.arc(axis.x(xs[i]), axis.y(ys[i]), 2.2, 0, 2 * Math.PI);
    context.fill();
  }
  context.globalAlpha = 1;
}

// data: { places: [[x, y], ...] in the unit disk; edges: pair + 1 where positive, -(pair + 1) where negative, in base64
// "<i2"; counts: edges a value }
function drawGraph(canvas, { places, edges, counts }, { k, values, colours }) {
  const { context, width, height } = fitted(canvas);
  const foot = 120;
  const all = numbersOf(edges, "<i2");
  const from = counts.slice(0, k).reduce((sum, count) => sum + count, 0);
  const n = places.length;
  const ends = (pair) => { // the pair-th of i < j in the order of rows
    let i = 0, rest = pair;
    while (rest >= n - 1 - i) { rest -= n - 1 - i; i += 1; }
    return [i, i + 1 + rest];
  };
  const room = height - foot - 20;
  const at = places.map(([a, b]) => [width / 2 + a * Math.min(width / 2 - 10, room * 0.9), 10 + ((1 - b) / 2) * room]);
  const joined = new Set();
  context.globalAlpha = 0.5;
  context.lineWidth = 1;
  for (const positive of [true, false]) {
    context.strokeStyle = positive ? colours.positive : colours.negative;
    context.beginPath();
    for (const edge of all.subarray(from, from + counts[k])) {
      if (edge > 0 !== positive) continue;
      const [i, j] = ends(Math.abs(edge) - 1);
      joined.add(i).add(j);
      context.moveTo(...at[i]);
      context.lineTo(...at[j]);
    }
    context.stroke();
  }
  context.globalAlpha = 1;
  at.forEach(([x, y], i) => {
    context.fillStyle = joined.has(i) ? colours.ink : colours.faint;
    context.beginPath();
    context.arc(x, y, 3, 0, 2 * Math.PI);
    context.fill();
  });
  const box = { left: 44, top: height - foot + 18, right: width - 12, bottom: height - 36 };
  const course = timeAxes(context, box, values, { low: 0, high: Math.max(...counts) * 1.05, label: "edges" }, colours);
  polyline(context, values.map(course.t), counts.map(course.y), { colour: colours["as-coded"], width: 2 });
  context.fillStyle = colours["as-coded"];
  context.beginPath();
  context.arc(course.t(values[k]), course.y(counts[k]), 5, 0, 2 * Math.PI);
  context.fill();
}

// Axes with the iteration along ln(1 + t): t(iteration) and y(value) are places.
function timeAxes(context, box, times, yAxis, colours) {
  const last = times[times.length - 1];
  const ticks = [0, ...ticksOf(1, last, 6, true)].map((t) => Math.log1p(t));
  const text = (tick) => (tick === 0 ? "0" : powerOfTen(Math.round(Math.expm1(tick))));
  const { x, y } = axes(context, box, { low: 0, high: Math.log1p(last), label: "iteration t", ticks, text }, yAxis, colours);
  return { t: (time) => x(Math.log1p(time)), y };
}

// data: { times; curves: one a value; quarter, threeQuarters: an iteration a value }
function drawSizes(canvas, { times, curves, quarter, threeQuarters }, { k, values, told, colours }) {
  const { context, width, height } = fitted(canvas);
  const box = { left: 44, top: 24, right: width - 12, bottom: height - 38 };
  const { t, y } = timeAxes(context, box, times, { low: 0, high: 1.04, ticks: [0, 0.5, 1], label: "share of neurons in the largest component" }, colours);
  if (told) {
    context.fillStyle = colours.faint;
    context.globalAlpha = 0.25;
    context.fillRect(t(quarter[k]), box.top, t(threeQuarters[k]) - t(quarter[k]), box.bottom - box.top);
    context.globalAlpha = 1;
  }
  curves.forEach((curve, i) => {
    if (i !== k) polyline(context, times.map(t), curve.map(y), { colour: colours.faint, width: 1 });
  });
  polyline(context, times.map(t), curves[k].map(y), { colour: colours.control, width: 2.5 });
  context.fillStyle = colours.ink;
  context.textAlign = "left";
  context.textBaseline = "top";
  context.fillText(`h = ${values[k]}`, box.left + 8, box.top + 2);
}

// data: { mobility, size: a number a cell; converged: 0 or 1, value after value, in base64 "u1"; paper: [[mobility, size], ...] }
function drawClock(canvas, { mobility, size, converged, paper }, { k, colours }) {
  const { context, width, height } = fitted(canvas);
  const all = numbersOf(converged, "u1");
  const box = { left: 44, top: 24, right: width - 12, bottom: height - 38 };
  const [lows, highs] = [Math.min(...mobility) / 2, Math.max(...mobility) * 2];
  const { x, y } = axes(context, box, { low: lows, high: highs, log: true, label: "mobility, learning rate / batch size" },
    { low: 1.5, high: 700, log: true, label: "neurons in a hidden layer" }, colours);
  context.save();
  context.beginPath();
  context.rect(box.left, box.top, box.right - box.left, box.bottom - box.top);
  context.clip();
  polyline(context, paper.map(([a]) => x(a)), paper.map(([, b]) => y(b)), { colour: colours.ink, width: 1, dash: [5, 3] });
  context.restore();
  mobility.forEach((value, i) => {
    const [left, top] = [x(value) - 5, y(size[i]) - 4];
    if (all[k * mobility.length + i]) {
      context.fillStyle = colours.control;
      context.fillRect(left, top, 10, 8);
    } else {
      context.fillStyle = colours.page;
      context.fillRect(left, top, 10, 8);
      context.strokeStyle = colours.soft;
      context.strokeRect(left + 0.5, top + 0.5, 9, 7);
    }
  });
}

// data: { low, high: ends of the axis; partly, reproduced: [from, to], null where open; number: [value, low, high];
// paper: number or null; quantity: text }
function drawVerdict(canvas, { low, high, partly, reproduced, number, paper, quantity }, { colours }) {
  const { context, width, height } = fitted(canvas);
  const box = { left: 12, top: 26, right: width - 12, bottom: height - 38 };
  const { x } = axes(context, box, { low, high, label: quantity }, { low: 0, high: 1, ticks: [] }, colours);
  const middle = (box.top + box.bottom) / 2;
  for (const [band, alpha] of [[partly, 0.2], [reproduced, 0.45]]) {
    if (!band) continue;
    const [from, to] = [band[0] === null ? box.left : x(Math.max(low, band[0])), band[1] === null ? box.right : x(Math.min(high, band[1]))];
    context.fillStyle = colours.negative;
    context.globalAlpha = alpha;
    context.fillRect(from, box.top, to - from, box.bottom - box.top);
  }
  context.globalAlpha = 1;
  context.save();
  context.beginPath();
  context.rect(box.left, box.top - 8, box.right - box.left, box.bottom - box.top + 8); // what lies beyond the axis is cut at its end
  context.clip();
  if (paper !== null) polyline(context, [x(paper), x(paper)], [box.top - 6, box.bottom], { colour: colours.ink, dash: [5, 3] });
  polyline(context, [x(number[1]), x(number[2])], [middle, middle], { colour: colours["as-coded"], width: 3 });
  context.fillStyle = colours["as-coded"];
  context.beginPath();
  context.arc(x(number[0]), middle, 6, 0, 2 * Math.PI);
  context.fill();
  context.restore();
}
