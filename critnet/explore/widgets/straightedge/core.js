// The power law and its rivals on a stretch of counted values, each at its best, and how they compare. Numbers only.
//
// Cells are { low, high, whole, counts, total, open }: bins, or whole numbers (then low = the number, high = low + 1).
// Of a stretch they are those inside; `open`: nothing bounds the law above, as in critnet.statistics.tails; otherwise it
// is that of values which are known to lie in the stretch. A law gives the ln P of each cell for its parameters.

const [NODES, PANELS] = [12, 8];
const NOTHING = 0.1; // a ratio and an error below it: the rival at its best is the power law, at the edge of its kind

// Nodes and weights of Gauss and Legendre on [-1, 1], by Newton from Chebyshev's places.
function gauss(n) {
  return Array.from({ length: n }, (_, k) => {
    let x = Math.cos(Math.PI * (k + 0.75) / (n + 0.5));
    let slope = 1;
    for (let round = 0; round < 50; round += 1) {
      let [before, at] = [1, x];
      for (let j = 2; j <= n; j += 1) [before, at] = [at, ((2 * j - 1) * x * at - (j - 1) * before) / j];
      slope = n * (x * at - before) / (x * x - 1);
      const step = at / slope;
      x -= step;
      if (Math.abs(step) < 1e-15) break;
    }
    return [x, 2 / ((1 - x * x) * slope * slope)];
  });
}
const GAUSS = gauss(NODES);

// erfc, to about 1e-7 of itself (Numerical Recipes' Chebyshev fit), and ln of the normal distribution function.
function logErfc(x) { // x >= 0
  const t = 1 / (1 + 0.5 * x);
  const poly = [0.17087277, -0.82215223, 1.48851587, -1.13520398, 0.27886807, -0.18628806, 0.09678418, 0.37409196, 1.00002368, -1.26551223];
  return Math.log(t) - x * x + poly.reduce((sum, c) => sum * t + c, 0);
}
const erfc = (x) => (x >= 0 ? Math.exp(logErfc(x)) : 2 - Math.exp(logErfc(-x)));
function logNormal(z) {
  if (z > 0) return Math.log1p(-0.5 * Math.exp(logErfc(z / Math.SQRT2)));
  if (z > -5) return logErfc(-z / Math.SQRT2) - Math.LN2;
  let fraction = 0; // continued fraction of Mills' ratio
  for (let k = 24; k >= 1; k -= 1) fraction = k / (-z + fraction);
  return -0.5 * z * z - 0.5 * Math.log(2 * Math.PI) - Math.log(-z + fraction);
}
// ln of a normal variable's probability of [below, above].
function logBetween(below, above) {
  const [a, b] = below > 0 ? [logNormal(-below), logNormal(-above)] : [logNormal(above), logNormal(below)];
  return a + Math.log(Math.max(-Math.expm1(b - a), 1e-300));
}

// ln of the integral of x^-a e^(-cut x) from 1 on: over ln x, to where it is over.
function logTail(a, cut) {
  let end = cut > 0 ? Math.log1p(50 / cut) : Infinity;
  if (a > 1) end = Math.min(end, 50 / (a - 1));
  return logIntegral(a, cut, 0, end, PANELS);
}
function logIntegral(a, cut, from, to, panels) {
  const logs = [];
  const half = (to - from) / panels / 2;
  for (let k = 0; k < panels; k += 1) {
    for (const [x, weight] of GAUSS) {
      const s = from + half * (2 * k + 1 + x);
      logs.push((1 - a) * s - cut * Math.exp(s) + Math.log(weight * half));
    }
  }
  return logSum(logs);
}
function logSum(logs) {
  let top = -Infinity;
  for (const value of logs) if (value > top) top = value;
  let sum = 0;
  for (const value of logs) sum += Math.exp(value - top);
  return top + Math.log(sum);
}

// ln of the sum over whole x from start on (to `end`, if there is one) of (x / start)^-a e^(-cut (x - start)).
function logWhole(start, a, cut, end = Infinity) {
  const terms = Math.min(100, end - start + 1);
  const logs = [];
  const at = (x) => -a * Math.log(x / start) - cut * (x - start);
  for (let k = 0; k < terms; k += 1) logs.push(at(start + k));
  if (start + terms > end) return logSum(logs);
  for (let x = start + terms; Number.isFinite(end) && x <= end; x += 1) logs.push(at(x));
  if (Number.isFinite(end)) return logSum(logs);
  const last = start + terms; // the rest by Euler and Maclaurin
  const integral = cut > 0 ? logTail(a, cut * last) + cut * last : -Math.log(a - 1);
  logs.push(at(last) + Math.log(last * Math.exp(integral) + 0.5 + (a / last + cut) / 12));
  return logSum(logs);
}

// ---- the laws: ln P of each cell; parameters as they are searched for

const LAWS = {
  power: ([a], { low, high, whole, open, start = low[0], end = high[high.length - 1] }) => {
    if (whole) {
      const norm = logWhole(start, a, 0, open ? Infinity : end - 1);
      return low.map((x) => -a * Math.log(x / start) - norm);
    }
    const b = Math.abs(1 - a) < 1e-9 ? 1e-9 : 1 - a;
    const mass = (x, y) => b * Math.log(x / start) + Math.log(Math.abs(Math.expm1(b * Math.log(y / x))));
    const norm = open ? 0 : mass(start, end);
    return low.map((x, k) => mass(x, high[k]) - norm);
  },
  exponential: ([p], { low, high, open, start = low[0], end = high[high.length - 1] }) => {
    const rate = Math.exp(p);
    const part = (width) => Math.log(-Math.expm1(-rate * width));
    const norm = open ? 0 : part(end - start);
    return low.map((x, k) => -rate * (x - start) + part(high[k] - x) - norm);
  },
  lognormal: ([b, p], { low, high, whole, open, start = low[0], end = high[high.length - 1] }) => { // density in ln x: b at the start, falling by e^p per unit
    const sigma = Math.exp(-Math.min(14, Math.max(-11, p)) / 2);
    const mu = b * sigma * sigma;
    const shift = whole ? 0.5 : 0;
    const z = (x) => (Math.log((x - shift) / start) - mu) / sigma;
    const norm = open ? logNormal(-z(start)) : logBetween(z(start), z(end));
    return low.map((x, k) => logBetween(z(x), z(high[k])) - norm);
  },
  truncated: ([a, p], { low, high, whole, open, start = low[0], end = high[high.length - 1] }) => {
    const cut = Math.exp(Math.min(60, Math.max(-60, p))) / start;
    if (whole) {
      const norm = logWhole(start, a, cut, open ? Infinity : end - 1);
      return low.map((x) => -a * Math.log(x / start) - cut * (x - start) - norm);
    }
    const mass = low.map((x, k) => logIntegral(a, cut * start, Math.log(x / start), Math.log(high[k] / start), 1));
    const far = end / start;
    const norm = logSum(open ? [...mass, (1 - a) * Math.log(far) + logTail(a, cut * end)] : mass);
    return mass.map((value) => value - norm);
  },
};
const RIVALS = { lognormal: "log-normal", exponential: "exponential", truncated: "power law with cut-off" };

// ---- searches

// The place of the least cost in [low, high], one valley, by golden section.
function least(cost, low, high, within = 1e-8) {
  const golden = (Math.sqrt(5) - 1) / 2;
  let [a, b] = [low, high];
  let [c, d] = [b - golden * (b - a), a + golden * (b - a)];
  let [atC, atD] = [cost(c), cost(d)];
  while (b - a > within) {
    if (atC < atD) {
      [b, d, atD] = [d, c, atC];
      c = b - golden * (b - a);
      atC = cost(c);
    } else {
      [a, c, atC] = [c, d, atD];
      d = a + golden * (b - a);
      atD = cost(d);
    }
  }
  return (a + b) / 2;
}

// The same over two parameters, by Nelder and Mead.
function descend(cost, start, steps = [0.3, 0.5]) {
  const point = (at) => ({ at, cost: cost(at) });
  let all = [start, [start[0] + steps[0], start[1]], [start[0], start[1] + steps[1]]].map(point);
  for (let round = 0; round < 160; round += 1) {
    all.sort((a, b) => a.cost - b.cost);
    const [best, middle, worst] = all;
    if (worst.cost - best.cost < 1e-10 && Math.abs(worst.at[0] - best.at[0]) + Math.abs(worst.at[1] - best.at[1]) < 1e-4) break;
    const centre = [0, 1].map((k) => (best.at[k] + middle.at[k]) / 2);
    const along = (t) => point([0, 1].map((k) => centre[k] + t * (worst.at[k] - centre[k])));
    const mirrored = along(-1);
    let next = mirrored;
    if (mirrored.cost < best.cost) {
      const far = along(-2);
      if (far.cost < mirrored.cost) next = far;
    } else if (mirrored.cost >= middle.cost) {
      next = along(mirrored.cost < worst.cost ? -0.5 : 0.5);
      if (next.cost >= Math.min(worst.cost, mirrored.cost)) {
        all = [best, ...[middle, worst].map(({ at }) => point([0, 1].map((k) => (at[k] + best.at[k]) / 2)))];
        continue;
      }
    }
    all = [best, middle, next];
  }
  return all.sort((a, b) => a.cost - b.cost)[0];
}

// ---- a stretch and its laws

// A sample as it came, with both edges of every cell, its survival and how many values it has.
function unpack(sample) {
  sample.end = sample.high;
  const { low, counts } = sample;
  sample.low = sample.whole ? counts.map((_, k) => low[0] + k) : low.slice(0, -1);
  sample.high = sample.whole ? sample.low.map((value) => value + 1) : low.slice(1);
  sample.n = counts.reduce((sum, count) => sum + count, sample.below || 0);
  sample.survival = survivalOf(counts, sample.below);
}

// The cells of a sample from `from` to `to` (either first): whole numbers within; bins whose edges are nearest.
function stretchOf({ low, high, whole, counts }, from, to) {
  const [a, b] = [Math.min(from, to), Math.max(from, to)];
  let [first, last] = [0, low.length - 1];
  const near = (edges, value) => edges.reduce((best, edge, k) => (Math.abs(Math.log(edge / value)) < Math.abs(Math.log(edges[best] / value)) ? k : best), 0);
  if (whole) {
    while (first < low.length - 1 && low[first] < a * (1 - 1e-9)) first += 1;
    while (last > 0 && low[last] > b * (1 + 1e-9)) last -= 1;
  } else [first, last] = [near(low, a), near(high, b)];
  const filled = counts.reduce((best, count, k) => (count > 0 ? k : best), 0);
  const open = last >= filled;
  last = Math.min(last, filled); // empty cells behind the last value belong to an open end
  const cut = (list) => list.slice(first, Math.max(first, last) + 1);
  const kept = { low: cut(low), high: cut(high), counts: cut(counts), whole, open, first, last };
  kept.total = last < first ? 0 : kept.counts.reduce((sum, count) => sum + count, 0);
  kept.some = kept.counts.filter((count) => count > 0).length;
  return kept;
}

// What a law costs a value; of whole numbers only those that occur are asked.
const costOf = (law, all) => {
  const cells = all.whole ? occurring(all) : all;
  return (parameters) => costFor(law, cells, parameters);
};
function occurring({ low, high, counts, total, whole, open }) {
  const there = (_, k) => counts[k] > 0;
  return { low: low.filter(there), high: high.filter(there), counts: counts.filter(there), total, whole, open, start: low[0], end: high[high.length - 1] };
}
function costFor(law, cells, parameters) {
  const logs = LAWS[law](parameters, cells);
  let sum = 0;
  for (let k = 0; k < logs.length; k += 1) if (cells.counts[k]) sum -= cells.counts[k] * logs[k];
  return Number.isFinite(sum) ? sum / cells.total : 1e300;
}

// The power law of largest likelihood: { alpha, error, logs }, with the error of the likelihood's curvature.
function bestPower(cells) {
  const ask = costOf("power", cells);
  const cost = (a) => ask([a]);
  const alpha = least(cost, cells.open ? 1.0001 : -10, 60, 1e-7);
  const h = 1e-3;
  const curvature = (cost(alpha + h) - 2 * cost(alpha) + cost(alpha - h)) / h ** 2;
  return { alpha, error: 1 / Math.sqrt(cells.total * curvature), logs: LAWS.power([alpha], cells) };
}

// Each rival at its best against the power law: { ratio, error, p, logs }; a ratio above 0 is for the power law.
// `error` is Vuong's, the spread of the ratio by value times the root of their number; the law with a cut-off holds the
// power law as a special case: p is that of twice the ratio, and there is no such error.
function compareLaws(cells, power) {
  const s = cells.low.map((x, k) => Math.log(cells.whole ? x / cells.low[0] : Math.sqrt(x * cells.high[k]) / cells.low[0]));
  const moment = (f) => s.reduce((sum, value, k) => sum + cells.counts[k] * f(value), 0) / cells.total;
  const mean = moment((v) => v);
  const variance = Math.max(0, moment((v) => v * v) - mean * mean) + 0.01;
  const width = cells.low.reduce((sum, x, k) => sum + cells.counts[k] * (x - cells.low[0]), 0) / cells.total + 1e-3 * cells.low[0];
  const largest = Math.log(cells.high[cells.high.length - 1] / cells.low[0]);
  const middle = -Math.log(width);
  const starts = {
    lognormal: [[mean / variance, -Math.log(variance)], [1 - power.alpha, -Math.log(variance) - 4]],
    truncated: [[power.alpha, -largest - 3], [Math.max(power.alpha - 1, 0.5), -largest + 1]],
  };
  return Object.fromEntries(Object.keys(RIVALS).map((rival) => {
    const cost = costOf(rival, cells);
    const parameters = rival === "exponential" ? [least((p) => cost([p]), middle - 12, middle + 6, 1e-6)]
      : starts[rival].map((at) => descend(cost, at)).reduce((a, b) => (b.cost < a.cost ? b : a)).at;
    const logs = LAWS[rival](parameters, cells);
    let [ratio, squares] = [0, 0];
    cells.counts.forEach((count, k) => { if (count) ratio += count * (power.logs[k] - logs[k]); });
    cells.counts.forEach((count, k) => { if (count) squares += count * (power.logs[k] - logs[k] - ratio / cells.total) ** 2; });
    const error = Math.sqrt(squares);
    if (rival === "truncated") {
      ratio = Math.min(ratio, 0);
      return [rival, { ratio, error: NaN, p: erfc(Math.sqrt(-ratio)), logs, parameters }];
    }
    if (Math.abs(ratio) < NOTHING && error < NOTHING) return [rival, { ratio: 0, error: 0, p: 1, logs, parameters }];
    return [rival, { ratio, error, p: error > 0 ? erfc(Math.abs(ratio) / error / Math.SQRT2) : 1, logs, parameters }];
  }));
}

// Share of all values at or above each cell of a sample, and the same by a law on a stretch of it.
function survivalOf(counts, below = 0) {
  const found = new Float64Array(counts.length + 1);
  for (let k = counts.length - 1; k >= 0; k -= 1) found[k] = found[k + 1] + counts[k];
  return found.map((value) => value / (found[0] + below));
}
function survivalBy(logs, cells, survival) {
  const above = survival[cells.last + 1];
  const share = survival[cells.first] - above;
  let gone = 0;
  return logs.map((value) => {
    const here = above + share * Math.max(1 - gone, 0);
    gone += Math.exp(value);
    return here;
  });
}
