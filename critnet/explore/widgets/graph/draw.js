// The pictures of the graph explorer: the graph, its degrees and components, the course over time, one neuron's response.

const BINS = 20; // widths of edges, for each unit of |C|
const LADDER = [5, 10, 20, 40, 60, 80, 110, 200, 400, 800, 1600, 3200];
const roof = (value) => LADDER.find((each) => each >= value) || value; // few axes, so that dragging does not make them jump

// Neurons at their places in the unit disk; circles and squares for hidden layers, names for outputs.
function graphPicture(canvas, graphs, places, nameOfOutput) {
  const outputs = graphs.size - graphs.layers[graphs.layers.length - 1];
  let at = [];

  function node(context, i, { joined, chosen, colours }) {
    const [x, y] = at[i];
    const colour = joined ? colours.ink : colours.faint;
    context.fillStyle = colour;
    context.beginPath();
    if (i >= outputs) {
      context.arc(x, y, 8, 0, 2 * Math.PI);
      context.fillStyle = colours.page;
      context.fill();
      context.strokeStyle = colour;
      context.lineWidth = 1;
      context.stroke();
      context.fillStyle = joined ? colours.ink : colours.soft;
      context.textAlign = "center";
      context.textBaseline = "middle";
      context.fillText(nameOfOutput(i - outputs), x, y + 0.5);
    } else if (i < graphs.layers[0]) {
      context.arc(x, y, 3.5, 0, 2 * Math.PI);
      context.fill();
    } else {
      context.fillRect(x - 3.2, y - 3.2, 6.4, 6.4);
    }
    if (!chosen) return;
    context.beginPath();
    context.arc(x, y, 12, 0, 2 * Math.PI);
    context.strokeStyle = colours.focus;
    context.lineWidth = 2.5;
    context.stroke();
  }

  function draw({ found, triangle, chosen, colours }) {
    const { context, width, height } = fitted(canvas);
    const margin = 16;
    at = places.map(([x, y]) => [
      margin + ((x + 1) / 2) * (width - 2 * margin), margin + ((1 - y) / 2) * (height - 2 * margin)]);
    const edges = [...found.edges].sort((a, b) => Math.abs(triangle[a]) - Math.abs(triangle[b])); // the strongest on top
    const own = (p) => graphs.first[p] === chosen || graphs.second[p] === chosen;
    // Edges of about one strength and of one sign are one path: a call for each edge would take ten times as long.
    const strength = (p) => Math.max(0, Math.ceil((Math.abs(triangle[p]) * UNIT - 0.4) * BINS));
    const lines = (some) => {
      for (let from = 0; from < some.length;) {
        let to = from;
        while (to < some.length && strength(some[to]) === strength(some[from])) to += 1;
        context.lineWidth = 0.5 + (2.2 * strength(some[from])) / BINS;
        for (const positive of [false, true]) {
          context.strokeStyle = positive ? colours.positive : colours.negative;
          context.beginPath();
          for (let e = from; e < to; e += 1) {
            if (triangle[some[e]] > 0 !== positive) continue;
            context.moveTo(...at[graphs.first[some[e]]]);
            context.lineTo(...at[graphs.second[some[e]]]);
          }
          context.stroke();
        }
        from = to;
      }
    };
    context.globalAlpha = chosen === null ? 0.65 : 0.16;
    lines(chosen === null ? edges : edges.filter((p) => !own(p)));
    context.globalAlpha = 1;
    if (chosen !== null) lines(edges.filter(own));
    for (let i = 0; i < graphs.size; i += 1) node(context, i, { joined: found.degrees[i] > 0, chosen: i === chosen, colours });
  }

  // The neuron nearest to a place of the canvas, if it is near.
  function find(x, y, reach) {
    const distances = at.map(([a, b]) => Math.hypot(a - x, b - y));
    const nearest = distances.indexOf(Math.min(...distances));
    return distances[nearest] <= reach ? nearest : null;
  }

  // The neuron met next in the direction of an arrow key; the first one where none is chosen.
  function neighbour(from, key) {
    if (from === null) return 0;
    const [dx, dy] = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key];
    let [best, least] = [from, Infinity];
    at.forEach(([x, y], i) => {
      const [ahead, beside] = [(x - at[from][0]) * dx + (y - at[from][1]) * dy, (x - at[from][0]) * dy + (y - at[from][1]) * dx];
      const cost = ahead + 3 * Math.abs(beside);
      if (i !== from && ahead > 0 && cost < least) [best, least] = [i, cost];
    });
    return best;
  }

  return { draw, find, neighbour };
}

// How many neurons have how many neighbours; the dashed line is the mean.
function drawDegrees(canvas, { degrees, meanDegree }, colours) {
  const { context, width, height } = fitted(canvas);
  const counts = new Int32Array(Math.max(...degrees) + 1);
  degrees.forEach((degree) => { counts[degree] += 1; });
  const high = roof(counts.length);
  const box = { left: 34, top: 22, right: width - 8, bottom: height - 38 };
  const { x, y } = axes(context, box, { low: -0.5, high, label: "degree k (dashed: mean)", ticks: ticksOf(0, high, 5) },
    { low: 0, high: roof(Math.max(...counts)), label: "neurons" }, colours);
  context.fillStyle = colours.ink;
  const wide = Math.max(1, (x(1) - x(0)) * 0.8);
  counts.forEach((count, degree) => context.fillRect(x(degree) - wide / 2, y(count), wide, box.bottom - y(count)));
  polyline(context, [x(meanDegree), x(meanDegree)], [box.top, box.bottom], { colour: colours.q3, dash: [5, 3] });
}

// All neurons in a row, component by component, the largest first; single neurons are faint.
function drawComponents(canvas, { sizes }, colours) {
  const { context, width, height } = fitted(canvas);
  const unit = width / sizes.reduce((sum, size) => sum + size, 0);
  let at = 0;
  for (const size of sizes) {
    const wide = size * unit;
    context.fillStyle = size > 1 ? colours.ink : colours.faint;
    context.fillRect(at, size > 1 ? 0 : height / 2 - 2, Math.max(1, wide - 1.5), size > 1 ? height : 4);
    if (wide > 22 && size > 1) {
      context.fillStyle = colours.page;
      context.textAlign = "center";
      context.textBaseline = "middle";
      context.fillText(String(size), at + wide / 2, height / 2 + 1);
    }
    at += wide;
  }
}

// Survival probability and mean degree over training, each over its maximum. Returns how a place tells an iteration.
function drawCourse(canvas, iterations, { survival, meanDegree }, { now, peak, colours }) {
  const { context, width, height } = fitted(canvas);
  const box = { left: 34, top: 22, right: width - 10, bottom: height - 38 };
  const last = iterations[iterations.length - 1];
  const ticks = [0, ...ticksOf(1, Math.max(10, last), 6, true)].map((t) => Math.log1p(t));
  const text = (tick) => (tick === 0 ? "0" : powerOfTen(Math.round(Math.expm1(tick))));
  const { x, y } = axes(context, box, { low: 0, high: Math.log1p(last), label: "iteration t", ticks, text },
    { low: 0, high: 1.04, ticks: [0, 0.5, 1], label: "value / its maximum" }, colours);
  const line = (t, options) => polyline(context, [x(Math.log1p(t)), x(Math.log1p(t))], [box.top, box.bottom], options);
  if (peak !== null) {
    line(peak, { colour: colours.ink, width: 1, dash: [5, 3] });
    context.fillStyle = colours.ink;
    context.textAlign = "right";
    context.textBaseline = "bottom";
    context.fillText(`paper: ${whole(peak)}`, x(Math.log1p(peak)) - 5, box.bottom - 5);
  }
  line(iterations[now], { colour: colours.faint, width: 3 });
  for (const [values, colour, thickness] of [[survival, colours.q2, 3], [meanDegree, colours.q3, 1.5]]) {
    const most = Math.max(...values) || 1;
    const [xs, ys] = [iterations.map((t) => x(Math.log1p(t))), values.map((value) => y(value / most))];
    polyline(context, xs, ys, { colour, width: thickness });
    context.fillStyle = colour;
    context.beginPath();
    context.arc(xs[now], ys[now], 4, 0, 2 * Math.PI);
    context.fill();
  }
  return (place) => {
    const distances = iterations.map((t) => Math.abs(x(Math.log1p(t)) - place));
    return iterations[distances.indexOf(Math.min(...distances))];
  };
}

// Mean response of one neuron to each class, on the range [low, high] that it has over all stored iterations.
function drawResponse(canvas, values, [low, high], classes, colours, colour) {
  const { context, width, height } = fitted(canvas);
  const box = { left: 40, top: 22, right: width - 8, bottom: height - 20 };
  const { x, y } = axes(context, box, { low: -0.6, high: classes.length - 0.4, ticks: classes.map((_, k) => k), text: (k) => classes[k] },
    { low: Math.min(0, low), high: Math.max(0, high) || 1, label: "mean response" }, colours);
  const wide = (x(1) - x(0)) * 0.7;
  context.fillStyle = colour;
  values.forEach((value, k) => context.fillRect(x(k) - wide / 2, Math.min(y(0), y(value)), wide, Math.abs(y(value) - y(0))));
  polyline(context, [box.left, box.right], [y(0), y(0)], { colour: colours.faint, width: 1 });
}
