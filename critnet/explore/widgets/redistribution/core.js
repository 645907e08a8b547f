// The redistribution model and its exact laws: the numbers of critnet.dynamics.redistribution, of lynn and of
// linear_bin_slope in critnet.statistics.tails; no page here.

// Sums of the strengths up to each pair, as shares of all.
function ladderOf(strength) {
  let sum = 0;
  const ladder = Float64Array.from(strength, (value) => (sum += value));
  return ladder.map((value) => value / sum);
}

// The first rung above `share`.
function rungOf(ladder, share) {
  let [low, high] = [0, ladder.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (ladder[middle] > share) high = middle;
    else low = middle + 1;
  }
  return low;
}

// How many pairs have 0, 1, 2 ... units, over all samples. `warm` steps by preference for the strengths, then a sample
// after each `between` steps by `preference`: "correlation", "constant" or "weight".
function redistributed({ ladder, units, pruned, probability, preference, warm, samples, between, seed }) {
  const random = generator(seed);
  const pairs = ladder.length;
  const place = Int32Array.from({ length: units }, () => rungOf(ladder, random()));
  const struck = new Int32Array(pairs).fill(-1); // the last step at which a pair was pruned
  const lost = new Int32Array(units);
  const fresh = new Int32Array(units);
  const [weight, occurs] = [new Int32Array(pairs), new Float64Array(units + 1)];
  for (let step = 0; step < warm + samples * between; step += 1) {
    for (let k = 0; k < pruned;) {
      const pair = Math.floor(random() * pairs);
      if (struck[pair] === step) continue;
      struck[pair] = step;
      k += 1;
    }
    let number = 0;
    for (let k = 0; k < units; k += 1) if (struck[place[k]] === step) lost[number++] = k;
    const follow = step < warm ? "correlation" : preference;
    for (let k = 0; k < number; k += 1) {
      if (random() >= probability || follow === "constant" || (follow === "weight" && number === units)) {
        fresh[k] = Math.floor(random() * pairs);
      } else if (follow === "correlation") {
        fresh[k] = rungOf(ladder, random());
      } else { // to prefer a pair by its weight is to follow a unit that is still there, whichever
        do fresh[k] = place[Math.floor(random() * units)]; while (struck[fresh[k]] === step);
      }
    }
    for (let k = 0; k < number; k += 1) place[lost[k]] = fresh[k];
    if (step < warm || (step - warm + 1) % between) continue;
    weight.fill(0);
    for (let k = 0; k < units; k += 1) weight[place[k]] += 1;
    for (let pair = 0; pair < pairs; pair += 1) occurs[weight[pair]] += 1;
  }
  let last = units;
  while (!occurs[last]) last -= 1;
  return Array.from(occurs.subarray(0, last + 1));
}

// ln P(s), s = 0 ... largest, of preference for the weight; geometric at p = 0.
function logLaw(largest, p, mean) {
  const fresh = (1 - p) * mean;
  const law = [-Math.log1p(fresh)];
  for (let s = 1; s <= largest; s += 1) law.push(law[s - 1] + Math.log(p * (s - 1) + fresh) - Math.log1p(p * s + fresh));
  return law;
}

// P(s) of a preference that does not follow the weights: each pair geometric, about a mean of its own.
function mixedLaw(largest, p, mean, strength) {
  const total = strength.reduce((sum, value) => sum + value, 0);
  const law = new Float64Array(largest + 1);
  for (const value of strength) {
    const own = mean * (1 - p + p * value * strength.length / total);
    let share = 1 / (1 + own);
    for (let s = 0; s <= largest; s += 1, share *= own / (1 + own)) law[s] += share / strength.length;
  }
  return Array.from(law);
}

const LARGEST_P = 0.999;

// P_C by maximum likelihood of the exact law, by golden section; 0 where none is better.
function fitLynn(occurs) {
  const mean = occurs.reduce((sum, n, s) => sum + n * s, 0) / occurs.reduce((sum, n) => sum + n, 0);
  const cost = (p) => -logLaw(occurs.length - 1, p, mean).reduce((sum, value, s) => sum + (occurs[s] ? occurs[s] * value : 0), 0);
  const golden = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [0, LARGEST_P];
  let [a, b] = [high - golden * (high - low), low + golden * (high - low)];
  let [atA, atB] = [cost(a), cost(b)];
  while (high - low > 1e-8) {
    if (atA <= atB) {
      [high, b, atB] = [b, a, atA];
      a = high - golden * (high - low);
      atA = cost(a);
    } else {
      [low, a, atA] = [a, b, atB];
      b = low + golden * (high - low);
      atB = cost(b);
    }
  }
  const best = (low + high) / 2;
  return cost(0) <= cost(best) ? 0 : best;
}

// The authors' line: shares of a hundred equal bins from 0 to the most units, logarithms of those with pairs from the
// second bin on, least squares. { slope, intercept, centres, shares }, natural logarithms; NaN with one bin.
function linearBins(occurs, bins = 100) {
  const most = occurs.length - 1;
  const total = occurs.reduce((sum, n) => sum + n, 0);
  const edge = (k) => (k === bins ? most : k * (most / bins));
  const counts = new Float64Array(bins);
  occurs.forEach((n, s) => {
    let k = Math.min(bins - 1, Math.floor(s * (bins / most)));
    if (s < edge(k)) k -= 1; // rounding, as numpy.histogram mends it
    else if (k < bins - 1 && s >= edge(k + 1)) k += 1;
    counts[k] += n;
  });
  const used = [...counts.keys()].filter((k) => k > 0 && counts[k] > 0);
  const [centres, shares] = [used.map((k) => (edge(k) + edge(k + 1)) / 2), used.map((k) => counts[k] / total)];
  const [x, y] = [centres.map(Math.log), shares.map(Math.log)];
  const meanOf = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [mx, my] = [meanOf(x), meanOf(y)];
  const slope = x.reduce((sum, at, k) => sum + (at - mx) * (y[k] - my), 0) / x.reduce((sum, at) => sum + (at - mx) ** 2, 0);
  return { slope, intercept: my - slope * mx, centres, shares };
}
