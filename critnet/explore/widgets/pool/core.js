// A pool of sizes and the exponent of its law, by a line through bins that grow and by likelihood. Numbers only.

// The numbers of the circuits that are in: within both ranges (either end first), and of no kind that is left out.
function chosen({ hidden, mobility, kinds }, { sizes, mobilities, out }) {
  const inside = (value, [a, b]) => value >= Math.min(a, b) && value <= Math.max(a, b);
  const kept = [];
  for (let k = 0; k < hidden.length; k += 1) {
    if (inside(hidden[k], sizes) && inside(mobility[k], mobilities) && !out.some((kind) => kinds[kind][k])) kept.push(k);
  }
  return kept;
}

// How much each counts: alike, or so that every model size counts alike.
function weightsOf(kept, hidden, bySize) {
  const number = new Map();
  for (const k of kept) number.set(hidden[k], (number.get(hidden[k]) || 0) + 1);
  return kept.map((k) => (bySize ? 1 / number.get(hidden[k]) : 1));
}

// Density of whole numbers >= 1 in geometric bins; each holds the whole numbers within and counts as wide as they are many.
function densityOf(values, weights, bins) {
  const [low, high] = [Math.min(...values), Math.max(...values) + 1];
  const ends = Array.from({ length: bins + 1 }, (_, k) => Math.ceil(low * (high / low) ** (k / bins) - 1e-9));
  const edges = [...new Set(ends)].sort((a, b) => a - b);
  const counts = new Array(edges.length - 1).fill(0);
  const numbers = new Array(edges.length - 1).fill(0);
  values.forEach((value, k) => {
    let bin = 0;
    while (bin < counts.length - 1 && value >= edges[bin + 1]) bin += 1;
    counts[bin] += weights[k];
    numbers[bin] += 1;
  });
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return counts.map((count, k) => ({
    first: edges[k], last: edges[k + 1] - 1, number: numbers[k],
    centre: Math.sqrt(edges[k] * (edges[k + 1] - 1)), density: count / (edges[k + 1] - edges[k]) / total,
  }));
}

// Least squares of ln density on ln centre over the bins that hold something: { slope, intercept, rSquared }.
function lineThrough(bins) {
  const used = bins.filter(({ density }) => density > 0);
  const [u, v] = [used.map(({ centre }) => Math.log(centre)), used.map(({ density }) => Math.log(density))];
  const mean = (list) => list.reduce((sum, value) => sum + value, 0) / list.length;
  const [mu, mv] = [mean(u), mean(v)];
  const sum = (list) => list.reduce((total, value) => total + value, 0);
  const across = sum(u.map((value) => (value - mu) ** 2));
  if (used.length < 2 || !(across > 0)) return { slope: NaN, intercept: NaN, rSquared: NaN };
  const slope = sum(u.map((value, k) => (value - mu) * (v[k] - mv))) / across;
  const intercept = mv - slope * mu;
  const [left, spread] = [sum(v.map((value, k) => (value - intercept - slope * u[k]) ** 2)), sum(v.map((value) => (value - mv) ** 2))];
  return { slope, intercept, rSquared: spread > 0 ? 1 - left / spread : 1 };
}

// Hurwitz zeta, sum over k >= 0 of (q + k)^-s, s > 1, q >= 1: terms up to q + 12, Euler and Maclaurin for the rest.
function hurwitz(s, q) {
  let sum = 0;
  for (let k = 0; k < 12; k += 1) sum += (q + k) ** -s;
  const a = q + 12;
  let term = s * a ** (-s - 1);
  sum += a ** (1 - s) / (s - 1) + a ** -s / 2 + term / 12;
  term *= (s + 1) * (s + 2) / (a * a);
  sum -= term / 720;
  term *= (s + 3) * (s + 4) / (a * a);
  return sum + term / 30240;
}

// Exponent of largest likelihood of a discrete power law from `least` on: { alpha, error, number }; NaN for too few.
function likeliest(values, weights, least, fewest) {
  let [total, logs, number] = [0, 0, 0];
  const seen = new Set();
  values.forEach((value, k) => {
    if (value < least) return;
    total += weights[k];
    logs += weights[k] * Math.log(value);
    number += 1;
    seen.add(value);
  });
  if (number < fewest || seen.size < 2) return { alpha: NaN, error: NaN, number };
  const cost = (alpha) => Math.log(hurwitz(alpha, least)) + alpha * logs / total;
  let [a, b] = [1.0001, 20]; // the cost is convex: golden section
  const golden = (Math.sqrt(5) - 1) / 2;
  while (b - a > 1e-9) {
    const [c, d] = [b - golden * (b - a), a + golden * (b - a)];
    if (cost(c) < cost(d)) b = d;
    else a = c;
  }
  const alpha = (a + b) / 2;
  const step = 1e-3;
  const curvature = (cost(alpha + step) - 2 * cost(alpha) + cost(alpha - step)) / step ** 2;
  return { alpha, error: 1 / Math.sqrt(number * curvature), number };
}

// Total progeny of a critical branching process: e^-n n^(n-1) / n!, n from 1 to the largest.
function progeny(largest) {
  const found = [];
  let logFactorial = 0;
  for (let n = 1; n <= largest; n += 1) {
    logFactorial += Math.log(n);
    found.push(Math.exp(-n + (n - 1) * Math.log(n) - logFactorial));
  }
  return found;
}
