// The correlation graph in the browser: edges, degrees, components, survival, exactly as critnet.neurons counts them.
// A correlation is a whole number of units; weights are monotone in it, so a threshold is a whole number, too.

const UNIT = 1 / 32767;
const FULL = 32767;
const FISHER_CLIP = 0.999999;

// The matrices: upper triangles row by row, iteration by iteration, one such stack a definition.
function readGraphs({ correlation, iterations, layers }) {
  const size = layers.reduce((sum, count) => sum + count, 0);
  const pairs = (size * (size - 1)) / 2;
  const [first, second] = [new Int16Array(pairs), new Int16Array(pairs)];
  for (let i = 0, at = 0; i < size; i += 1) {
    for (let j = i + 1; j < size; j += 1, at += 1) {
      first[at] = i;
      second[at] = j;
    }
  }
  const stacks = Object.fromEntries(Object.entries(correlation).map(([key, text]) => [key, numbersOf(text, "<i2")]));
  const triangle = (definition, k) => stacks[definition].subarray(k * pairs, (k + 1) * pairs);
  const kept = {}; // sorted once: a threshold is then found in a dozen steps
  const sorted = (definition, k, both) => {
    kept[`${definition} ${k} ${both}`] ||= (both ? triangle(definition, k).map(Math.abs) : triangle(definition, k).slice()).sort();
    return kept[`${definition} ${k} ${both}`];
  };
  return { size, pairs, first, second, iterations, layers, triangle, sorted };
}

const pairIndex = (size, i, j) => (i < j ? i * size - (i * (i + 1)) / 2 + j - i - 1 : pairIndex(size, j, i));

const weightOf = (convention, correlation) =>
  (convention === "fisher" ? Math.atanh(Math.min(correlation, FISHER_CLIP)) : correlation);

// The smallest whole number >= 1 whose weight reaches the threshold (or, `strictly`, exceeds it); FULL + 1 if none does.
function firstUnit(convention, threshold, strictly = false) {
  let [low, high] = [1, FULL + 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    const weight = weightOf(convention, middle * UNIT);
    if (strictly ? weight > threshold : weight >= threshold) high = middle;
    else low = middle + 1;
  }
  return low;
}

// Which pairs are joined at a threshold, and what follows: { edges (indices of pairs), positive, negative, degrees,
// meanDegree, label (component of each neuron), sizes (of components, largest first), joined (neurons with an edge) }.
function measured(graphs, triangle, convention, threshold) {
  const { size, pairs, first, second } = graphs;
  const least = firstUnit(convention, threshold);
  const both = convention !== "signed";
  const edges = [];
  const degrees = new Int32Array(size);
  const parent = Int32Array.from({ length: size }, (_, i) => i);
  const rootOf = (i) => {
    while (parent[i] !== i) {
      parent[i] = parent[parent[i]];
      i = parent[i];
    }
    return i;
  };
  let positive = 0;
  for (let p = 0; p < pairs; p += 1) {
    if (!(triangle[p] >= least || (both && -triangle[p] >= least))) continue;
    edges.push(p);
    if (triangle[p] > 0) positive += 1;
    degrees[first[p]] += 1;
    degrees[second[p]] += 1;
    parent[rootOf(first[p])] = rootOf(second[p]);
  }
  const label = Int32Array.from(parent, (_, i) => rootOf(i));
  const counts = new Int32Array(size);
  label.forEach((root) => { counts[root] += 1; });
  return {
    edges, positive, negative: edges.length - positive, degrees, label, counts,
    meanDegree: (2 * edges.length) / size,
    sizes: [...counts].filter((count) => count > 0).sort((a, b) => b - a),
    joined: degrees.reduce((sum, degree) => sum + (degree > 0), 0),
  };
}

// How many of an iteration's correlations, or of their absolute values, are `least` (in units) or more.
function edgeCount(graphs, definition, k, least, both) {
  const sorted = graphs.sorted(definition, k, both);
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle] >= least) high = middle;
    else low = middle + 1;
  }
  return sorted.length - low;
}

// P(|C| > c): as coded of all ordered pairs, the diagonal counted; as the control of distinct pairs. The diagonal is 1.
function survivalOf(graphs, definition, k, threshold) {
  const { size, pairs } = graphs;
  const found = edgeCount(graphs, definition, k, firstUnit("absolute", threshold, true), true);
  if (definition === "control") return found / Math.max(pairs, 1);
  return (2 * found + (threshold < 1 ? size : 0)) / size ** 2;
}

// Survival probability and mean degree at one threshold, iteration by iteration.
function overTime(graphs, convention, threshold, definition) {
  const least = firstUnit(convention, threshold);
  return {
    survival: graphs.iterations.map((_, k) => survivalOf(graphs, definition, k, threshold)),
    meanDegree: graphs.iterations.map((_, k) =>
      (2 * edgeCount(graphs, definition, k, least, convention !== "signed")) / graphs.size),
  };
}

// The neurons most strongly correlated with one, in absolute value: [{ neuron, correlation }], equals in their order.
function partnersOf({ size }, triangle, neuron, count) {
  return Array.from({ length: size }, (_, other) => other)
    .filter((other) => other !== neuron)
    .map((other) => ({ neuron: other, units: triangle[pairIndex(size, neuron, other)] }))
    .sort((a, b) => Math.abs(b.units) - Math.abs(a.units) || a.neuron - b.neuron)
    .slice(0, count)
    .map(({ neuron: other, units }) => ({ neuron: other, correlation: units * UNIT }));
}

const largestAt = (values) => values.indexOf(Math.max(...values));
