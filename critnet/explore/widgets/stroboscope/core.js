// The stroboscope: fluxes seen at flashes, and Brownian particles seen at the same flashes; no page here.

// Flux at every flash: over single iterations before `change`, over `interval` iterations from there on.
// `table` holds a row of fluxes over `intervals` for each of `flashes`.
function seenAt(table, flashes, intervals, interval, change) {
  const [one, far] = [intervals.indexOf(1), intervals.indexOf(interval)];
  return flashes.map((t, i) => table[i * intervals.length + (t < change ? one : far)]);
}

// The steepest fall from a reading to the next among those up to `last`: { from, to, factor }, factor > 1 where it falls.
function steepest(flashes, values, last) {
  let best = { from: flashes[0], to: flashes[0], factor: 1 };
  for (let i = 1; i < flashes.length && flashes[i] <= last; i += 1) {
    const factor = values[i - 1] / values[i];
    if (factor > best.factor) best = { from: flashes[i - 1], to: flashes[i], factor };
  }
  return best;
}

// Least squares of ln y on ln x: the slope.
function exponentOf(xs, ys) {
  const [x, y] = [xs.map(Math.log), ys.map(Math.log)];
  const [mx, my] = [x, y].map((values) => values.reduce((sum, value) => sum + value, 0) / values.length);
  return x.reduce((sum, at, i) => sum + (at - mx) * (y[i] - my), 0) / x.reduce((sum, at) => sum + (at - mx) ** 2, 0);
}

// Brownian particles from 0, one after the other: `steps` normal steps each, positions at 0 ... steps.
function walks(number, steps, seed) {
  const kicks = gaussians(number * steps, seed);
  const paths = new Float64Array(number * (steps + 1));
  for (let k = 0; k < number; k += 1) {
    for (let t = 0; t < steps; t += 1) paths[k * (steps + 1) + t + 1] = paths[k * (steps + 1) + t] + kicks[k * steps + t];
  }
  return paths;
}

// Mean |x(t + interval) - x(t)| / interval over all particles and all t; sqrt(2 / (pi interval)) is expected.
function meanSpeed(paths, steps, interval) {
  let [sum, count] = [0, 0];
  for (let start = 0; start < paths.length; start += steps + 1) {
    for (let t = start; t + interval <= start + steps; t += 1, count += 1) sum += Math.abs(paths[t + interval] - paths[t]);
  }
  return sum / count / interval;
}

const brownianSpeed = (interval) => Math.sqrt(2 / (Math.PI * interval));
