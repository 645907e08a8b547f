// The network of the circuit explorer: weights, masks, answers and scores. No page, no drawing.

const MEAN = Math.fround(0.1307);
const STD = Math.fround(0.3081);
// Grey value to the network's input, rounded as the training data were.
const INPUT_OF = Float64Array.from({ length: 256 }, (_, p) =>
  Math.fround(Math.fround(Math.fround(p / 255) - MEAN) / STD));

function readNetwork(bytes, [inputs, first, second, outputs]) {
  const values = new Float32Array(bytes.slice().buffer);
  let at = 0;
  const take = (length) => values.subarray(at, (at += length));
  const net = { inputs, first, second, outputs };
  net.W1 = take(first * inputs);
  net.b1 = take(first);
  net.W2 = take(second * first);
  net.b2 = take(second);
  net.W3 = take(outputs * second);
  net.b3 = take(outputs);
  // By pixel, and what an image without ink gives: most pixels of an image have none.
  net.byPixel = new Float64Array(inputs * first);
  net.blank = Float64Array.from(net.b1);
  for (let i = 0; i < first; i++) {
    for (let p = 0; p < inputs; p++) {
      net.byPixel[p * first + i] = net.W1[i * inputs + p];
      net.blank[i] += net.W1[i * inputs + p] * INPUT_OF[0];
    }
  }
  return net;
}

// Activity of the first layer for n images: it does not change when edges behind it are pruned.
function firstLayer(net, pixels) {
  const n = pixels.length / net.inputs;
  const activity = new Float64Array(n * net.first);
  for (let x = 0; x < n; x++) {
    const row = activity.subarray(x * net.first, (x + 1) * net.first);
    row.set(net.blank);
    for (let p = 0; p < net.inputs; p++) {
      const ink = pixels[x * net.inputs + p];
      if (!ink) continue;
      const more = INPUT_OF[ink] - INPUT_OF[0];
      for (let i = 0, at = p * net.first; i < net.first; i++) row[i] += more * net.byPixel[at + i];
    }
    for (let i = 0; i < net.first; i++) if (row[i] < 0) row[i] = 0;
  }
  return activity;
}

// Grey values from bytes in which a run of background is 0 and its length.
function unpack(bytes, length) {
  const pixels = new Uint8Array(length);
  for (let b = 0, at = 0; b < bytes.length; b++) {
    if (bytes[b]) pixels[at++] = bytes[b];
    else at += bytes[++b];
  }
  return pixels;
}

// What `unpack` undoes.
function pack(pixels) {
  const bytes = [];
  for (let p = 0; p < pixels.length;) {
    let run = 0;
    while (run < 255 && p + run < pixels.length && !pixels[p + run]) run += 1;
    if (run) bytes.push(0, run);
    else bytes.push(pixels[p]);
    p += run || 1;
  }
  return bytes;
}

// How many grey values the bytes hold; NaN where a run has no length.
function unpackedLength(bytes) {
  let length = 0;
  for (let b = 0; b < bytes.length; b++) length += bytes[b] ? 1 : bytes[++b] || NaN;
  return length;
}

// ---- masks: which edges are kept; middle[j * first + i], last[k * second + j]

function fullMask(net) {
  return { middle: new Uint8Array(net.W2.length).fill(1), last: new Uint8Array(net.W3.length).fill(1) };
}

function emptyMask(net) {
  return { middle: new Uint8Array(net.W2.length), last: new Uint8Array(net.W3.length) };
}

const copyMask = (mask) => ({ middle: mask.middle.slice(), last: mask.last.slice() });

function maskOf(net, edges) {
  const mask = emptyMask(net);
  for (const [layer, source, target] of edges) {
    if (layer === 1) mask.middle[target * net.first + source] = 1;
    else mask.last[target * net.second + source] = 1;
  }
  return mask;
}

// The edges with the largest |weight|, layer 1 by source and target, then layer 2; of equal ones the first.
function ranking(net) {
  const edges = [];
  for (let i = 0; i < net.first; i++) for (let j = 0; j < net.second; j++) edges.push([1, i, j]);
  for (let j = 0; j < net.second; j++) for (let k = 0; k < net.outputs; k++) edges.push([2, j, k]);
  return edges.sort((a, b) => Math.abs(weightOf(net, b)) - Math.abs(weightOf(net, a))); // stable
}

function weightOf(net, [layer, source, target]) {
  return layer === 1 ? net.W2[target * net.first + source] : net.W3[target * net.second + source];
}

function isKept(net, mask, [layer, source, target]) {
  return Boolean(layer === 1 ? mask.middle[target * net.first + source] : mask.last[target * net.second + source]);
}

function setEdge(net, mask, [layer, source, target], kept) {
  if (layer === 1) mask.middle[target * net.first + source] = kept ? 1 : 0;
  else mask.last[target * net.second + source] = kept ? 1 : 0;
}

// Whether a weight between layers acts; as coded, more than the edges to outputs do.
const acts = (net, kept, [layer, source, target]) => (layer === 1 ? kept.middleMask[target * net.first + source] === 1
  : kept.lastMask[target * net.second + source] === 1);

// What a mask keeps besides its edges, and the weights that act. While a circuit grows, a neuron that leads out has its bias.
function masked(net, mask, allOutputs, growing = false) {
  const { first, second, outputs } = net;
  const usedFirst = new Uint8Array(first);
  const usedSecond = new Uint8Array(second);
  const fed = new Uint8Array(second); // only where an edge leads to it does a neuron keep its bias, and so say anything
  const leadsOut = new Uint8Array(second);
  const usedOutput = new Uint8Array(outputs);
  const W2 = new Float64Array(net.W2.length);
  const W3 = new Float64Array(net.W3.length);
  const lastMask = new Uint8Array(net.W3.length);
  let middle = 0;
  let last = 0;
  for (let j = 0; j < second; j++) {
    for (let i = 0; i < first; i++) {
      if (!mask.middle[j * first + i]) continue;
      usedFirst[i] = usedSecond[j] = fed[j] = 1;
      W2[j * first + i] = net.W2[j * first + i];
      middle += 1;
    }
    for (let k = 0; k < outputs; k++) {
      if (!mask.last[k * second + j]) continue;
      leadsOut[j] = usedSecond[j] = usedOutput[k] = 1;
      if (growing) fed[j] = 1;
      last += 1;
    }
  }
  for (let k = 0; k < outputs; k++) {
    for (let j = 0; j < second; j++) {
      if (!(allOutputs ? leadsOut[j] : mask.last[k * second + j])) continue;
      lastMask[k * second + j] = 1;
      W3[k * second + j] = net.W3[k * second + j];
    }
  }
  const count = (flags) => flags.reduce((sum, flag) => sum + flag, 0);
  const all = net.W1.length + net.W2.length + net.W3.length;
  const edges = middle + last;
  const weights = net.inputs * count(usedFirst) + edges;
  return {
    W2, W3, middleMask: mask.middle, lastMask, acting: count(lastMask), usedFirst, usedSecond, fed, usedOutput, leadsOut, middle, last, edges, weights, all,
    neurons: [count(usedFirst), count(usedSecond)], byEdges: all / edges, reduction: all / weights,
  };
}

// Second layer and logits of the masked network for n images, given their first layer. `force`, if any, holds one hidden
// neuron at a value: { layer, index, value }.
function answers(net, kept, activity, force = null) {
  const { first, second, outputs } = net;
  const n = activity.length / first;
  const hidden = new Float64Array(n * second);
  const logits = new Float64Array(n * outputs);
  const feeds = Array.from({ length: second }, (_, j) => {
    const from = [];
    for (let i = 0; i < first; i++) if (kept.W2[j * first + i] !== 0) from.push(i);
    return Int32Array.from(from);
  });
  if (force && force.layer === 0) {
    activity = activity.slice();
    for (let x = 0; x < n; x++) activity[x * first + force.index] = force.value;
  }
  for (let x = 0; x < n; x++) {
    const a = x * first;
    if (force && force.layer === 1) hidden[x * second + force.index] = force.value;
    for (let j = 0; j < second; j++) {
      if (!kept.fed[j] || (force && force.layer === 1 && force.index === j)) continue;
      let sum = net.b2[j];
      const from = feeds[j];
      const row = j * first;
      for (let f = 0; f < from.length; f++) sum += kept.W2[row + from[f]] * activity[a + from[f]];
      hidden[x * second + j] = sum > 0 ? sum : 0;
    }
    for (let k = 0; k < outputs; k++) {
      let sum = net.b3[k];
      for (let j = 0; j < second; j++) sum += kept.W3[k * second + j] * hidden[x * second + j];
      logits[x * outputs + k] = sum;
    }
  }
  return { hidden, logits };
}

function largest(values, from, length) {
  let best = 0;
  for (let k = 1; k < length; k++) if (values[from + k] > values[from + best]) best = k;
  return best;
}

function classes(net, logits) {
  return Uint8Array.from({ length: logits.length / net.outputs }, (_, x) => largest(logits, x * net.outputs, net.outputs));
}

function scoreOf(predicted, labels, digit) {
  const found = { hits: 0, inside: 0, wrong: 0, outside: 0 };
  predicted.forEach((answer, x) => {
    const inside = labels[x] === digit;
    found[inside ? "inside" : "outside"] += 1;
    if (answer === digit) found[inside ? "hits" : "wrong"] += 1;
  });
  return { ...found, recall: found.hits / found.inside, falsePositives: found.wrong / found.outside };
}

function softmax(logits) {
  const top = Math.max(...logits);
  const parts = Array.from(logits, (value) => Math.exp(value - top));
  const sum = parts.reduce((a, b) => a + b, 0);
  return parts.map((part) => part / sum);
}

// Move an image by whole pixels so that its centre of mass comes to (14, 14), where those of MNIST are.
function centred(pixels) {
  let mass = 0;
  let rows = 0;
  let columns = 0;
  pixels.forEach((ink, p) => {
    mass += ink;
    rows += ink * Math.floor(p / 28);
    columns += ink * (p % 28);
  });
  if (!mass) return { pixels, down: 0, right: 0 };
  const down = Math.round(14 - rows / mass);
  const right = Math.round(14 - columns / mass);
  const moved = new Uint8Array(pixels.length);
  pixels.forEach((ink, p) => {
    const row = Math.floor(p / 28) + down;
    const column = (p % 28) + right;
    if (row >= 0 && row < 28 && column >= 0 && column < 28) moved[row * 28 + column] = ink;
  });
  return { pixels: moved, down, right };
}
