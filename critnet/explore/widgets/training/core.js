// A network 784-h-h-10 that trains: ReLU, softmax cross-entropy, plain SGD, as critnet.training; numbers only, no page.
//
// Four fifths of the pixels are background. With the value b of background, x = b + e, where e is 0 there: W x = b S + W e
// with S the sums of the rows of W. The gradient of W is b g + a sum over e, and its first part, the same for all pixels,
// is kept apart: W[:, j] = V[:, j] + u. So forward, backward and update touch only pixels with ink.

const [INPUTS, CLASSES] = [784, 10];
const [MEAN, STD] = [0.1307, 0.3081];
const GREYS = 15; // levels of ink above background
const BACKGROUND = -MEAN / STD;

// Images from a mask, a bit a pixel, and levels 1 to 15 of the pixels with ink, two a byte (low half first).
// { count, start, pixel, extra, label }: those of image n are at start[n] to start[n + 1] of pixel and extra.
function digitsOf(mask, levels, label) {
  const count = label.length;
  const start = new Int32Array(count + 1);
  const pixel = [];
  for (let n = 0; n < count; n += 1) {
    for (let j = 0; j < INPUTS; j += 1) if (mask[n * (INPUTS / 8) + (j >> 3)] & (1 << (j & 7))) pixel.push(j);
    start[n + 1] = pixel.length;
  }
  const extra = Float64Array.from(pixel, (_, k) => ((levels[k >> 1] >> (4 * (k & 1))) & 15) / GREYS / STD);
  return { count, start, pixel: Uint16Array.from(pixel), extra, label };
}

// A network from its weights in one row: W1, b1, W2, b2, W3, b3, row by row, as critnet.training.mlp.flatten.
function networkOf(hidden, flat) {
  const h = hidden;
  let at = 0;
  const take = (n) => Float64Array.from(flat.slice(at, at += n));
  const W1 = take(h * INPUTS);
  const network = { h, V: new Float64Array(h * INPUTS), u: new Float64Array(h), sum: new Float64Array(h), b1: take(h), W2: take(h * h), b2: take(h), W3: take(CLASSES * h), b3: take(CLASSES) };
  for (let i = 0; i < h; i += 1) {
    for (let j = 0; j < INPUTS; j += 1) {
      network.V[j * h + i] = W1[i * INPUTS + j];
      network.sum[i] += W1[i * INPUTS + j];
    }
  }
  return network;
}

// The weights of a network in the order of `networkOf`.
function flatOf({ h, V, u, b1, W2, b2, W3, b3 }) {
  const W1 = new Float64Array(h * INPUTS);
  for (let i = 0; i < h; i += 1) for (let j = 0; j < INPUTS; j += 1) W1[i * INPUTS + j] = V[j * h + i] + u[i];
  return [W1, b1, W2, b2, W3, b3].flatMap((part) => Array.from(part));
}

// Xavier uniform, biases 0; of its own random numbers, not those of critnet.training.
function freshNetwork(hidden, seed) {
  const random = generator(seed);
  const flat = [];
  for (const [n, m] of [[INPUTS, hidden], [hidden, hidden], [hidden, CLASSES]]) {
    const reach = Math.sqrt(6 / (n + m));
    for (let k = 0; k < n * m; k += 1) flat.push(reach * (2 * random() - 1));
    for (let k = 0; k < m; k += 1) flat.push(0);
  }
  return networkOf(hidden, flat);
}

// Activity of one image: both hidden layers and the raw outputs, into a1, a2 and z.
function forwardOne(network, digits, n, a1, a2, z) {
  const { h, V, u, sum, b1, W2, b2, W3, b3 } = network;
  let total = 0;
  for (let i = 0; i < h; i += 1) a1[i] = b1[i] + BACKGROUND * sum[i];
  for (let k = digits.start[n]; k < digits.start[n + 1]; k += 1) {
    const e = digits.extra[k];
    const row = digits.pixel[k] * h;
    total += e;
    for (let i = 0; i < h; i += 1) a1[i] += e * V[row + i];
  }
  for (let i = 0; i < h; i += 1) a1[i] = Math.max(0, a1[i] + total * u[i]);
  for (let i = 0; i < h; i += 1) {
    let value = b2[i];
    for (let k = 0; k < h; k += 1) value += W2[i * h + k] * a1[k];
    a2[i] = Math.max(0, value);
  }
  for (let c = 0; c < CLASSES; c += 1) {
    let value = b3[c];
    for (let k = 0; k < h; k += 1) value += W3[c * h + k] * a2[k];
    z[c] = value;
  }
}

// Shares of the softmax into p; returns the loss in nats.
function softmax(z, label, p) {
  const top = Math.max(...z);
  let total = 0;
  for (let c = 0; c < CLASSES; c += 1) total += p[c] = Math.exp(z[c] - top);
  for (let c = 0; c < CLASSES; c += 1) p[c] /= total;
  return Math.log(total) - (z[label] - top);
}

const largest = (values) => values.reduce((best, value, k) => (value > values[best] ? k : best), 0);

// One update on the images `batch` (their numbers). Returns the loss and the share of right answers before it, norms of
// the gradient by layer with its biases, the answers, and the signal `back` at the first layer, (images, h).
function sgdStep(network, digits, batch, rate) {
  const { h, V, u, sum, b1, W2, b2, W3, b3 } = network;
  const B = batch.length;
  const [a1, a2, z, p] = [h, h, CLASSES, CLASSES].map((n) => new Float64Array(n));
  const [g1, g2] = [new Float64Array(h), new Float64Array(h)];
  const [dW2, db2, dW3, db3, db1] = [h * h, h, CLASSES * h, CLASSES, h].map((n) => new Float64Array(n));
  const back = new Float64Array(B * h);
  const answers = [];
  let loss = 0;
  for (let m = 0; m < B; m += 1) {
    const label = digits.label[batch[m]];
    forwardOne(network, digits, batch[m], a1, a2, z);
    loss += softmax(z, label, p) / B;
    answers.push(largest(z));
    g2.fill(0);
    for (let c = 0; c < CLASSES; c += 1) {
      const d = (p[c] - (c === label ? 1 : 0)) / B;
      db3[c] += d;
      for (let k = 0; k < h; k += 1) {
        dW3[c * h + k] += d * a2[k];
        g2[k] += d * W3[c * h + k];
      }
    }
    g1.fill(0);
    for (let i = 0; i < h; i += 1) {
      if (!(a2[i] > 0)) continue;
      db2[i] += g2[i];
      for (let k = 0; k < h; k += 1) {
        dW2[i * h + k] += g2[i] * a1[k];
        g1[k] += g2[i] * W2[i * h + k];
      }
    }
    for (let k = 0; k < h; k += 1) {
      if (!(a1[k] > 0)) continue;
      back[m * h + k] = g1[k];
      db1[k] += g1[k];
    }
  }
  const ink = new Float64Array(h * INPUTS); // the gradient of W1 less BACKGROUND db1, pixel by pixel
  for (let m = 0; m < B; m += 1) {
    for (let k = digits.start[batch[m]]; k < digits.start[batch[m] + 1]; k += 1) {
      const e = digits.extra[k];
      const row = digits.pixel[k] * h;
      for (let i = 0; i < h; i += 1) ink[row + i] += e * back[m * h + i];
    }
  }
  const norms = [0, 0, 0];
  for (let j = 0; j < INPUTS; j += 1) for (let i = 0; i < h; i += 1) norms[0] += (ink[j * h + i] + BACKGROUND * db1[i]) ** 2;
  const add = (layer, values) => { for (const value of values) norms[layer] += value * value; };
  add(0, db1);
  for (const values of [dW2, db2]) add(1, values);
  for (const values of [dW3, db3]) add(2, values);
  const move = (values, by) => { for (let k = 0; k < by.length; k += 1) values[k] -= rate * by[k]; };
  move(V, ink);
  for (let i = 0; i < h; i += 1) {
    let all = 0;
    for (let j = 0; j < INPUTS; j += 1) all += ink[j * h + i];
    u[i] -= rate * BACKGROUND * db1[i];
    sum[i] -= rate * (all + INPUTS * BACKGROUND * db1[i]);
  }
  [[b1, db1], [W2, dW2], [b2, db2], [W3, dW3], [b3, db3]].forEach(([values, by]) => move(values, by));
  const right = answers.filter((answer, m) => answer === digits.label[batch[m]]).length / B;
  return { loss, right, answers, gradient: norms.map(Math.sqrt), ink, tilt: db1.map((value) => BACKGROUND * value) };
}

// Activity of all images, (2 h + 10, images): first layer, second, raw outputs; and how many are answered right.
function activityOf(network, digits) {
  const { h } = network;
  const n = digits.count;
  const activity = new Float64Array((2 * h + CLASSES) * n);
  const parts = [h, h, CLASSES].map((size) => new Float64Array(size));
  let right = 0;
  for (let m = 0; m < n; m += 1) {
    forwardOne(network, digits, m, ...parts);
    right += largest(parts[2]) === digits.label[m] ? 1 : 0;
    parts.forEach((part, layer) => part.forEach((value, i) => { activity[(layer * h + i) * n + m] = value; }));
  }
  return { activity, right: right / n };
}

// Correlations of M neurons over n images, (M, M), as coded: each image is standardised over its neurons first. The row
// of a neuron that never varies is 0, its diagonal too. With `raw` the activity as it is, the control.
function correlationOf(activity, M, n, raw = false) {
  const values = Float64Array.from(activity);
  for (let m = 0; m < n && !raw; m += 1) {
    let [mean, square] = [0, 0];
    for (let i = 0; i < M; i += 1) mean += values[i * n + m] / M;
    for (let i = 0; i < M; i += 1) square += (values[i * n + m] - mean) ** 2 / M;
    const spread = Math.sqrt(square) || 1;
    for (let i = 0; i < M; i += 1) values[i * n + m] = (values[i * n + m] - mean) / spread;
  }
  const norm = new Float64Array(M);
  for (let i = 0; i < M; i += 1) {
    const row = values.subarray(i * n, (i + 1) * n);
    const first = row[0];
    let [mean, same] = [0, true];
    for (const value of row) {
      mean += value / n;
      same &&= value === first;
    }
    for (let m = 0; m < n; m += 1) row[m] = same ? 0 : row[m] - mean;
    norm[i] = Math.sqrt(row.reduce((total, value) => total + value * value, 0));
  }
  const C = new Float64Array(M * M);
  for (let i = 0; i < M; i += 1) {
    if (!norm[i]) continue;
    C[i * M + i] = 1;
    for (let k = 0; k < i; k += 1) {
      if (!norm[k]) continue;
      let total = 0;
      for (let m = 0; m < n; m += 1) total += values[i * n + m] * values[k * n + m];
      C[i * M + k] = C[k * M + i] = total / norm[i] / norm[k];
    }
  }
  return C;
}

// The sum of the squares of all entries.
const strengthOf = (C) => C.reduce((total, value) => total + value * value, 0);

// Batches of one run: the images in an order drawn anew each time they are used up.
function batches(count, size, seed) {
  const random = generator(seed + 1000003);
  let order = [];
  return () => {
    if (order.length < size) {
      order = Array.from({ length: count }, (_, k) => k);
      for (let k = count - 1; k > 0; k -= 1) {
        const other = Math.floor(random() * (k + 1));
        [order[k], order[other]] = [order[other], order[k]];
      }
    }
    return order.splice(0, size);
  };
}

// A run from the start: `advance(t, until)` trains up to iteration t, as long as `until()` says so; what was measured is
// in `losses` (of each batch, before its update) and `looks` ({ t, strength, accuracy }), at the latest in `now` and `C`.
function trainingRun({ hidden, rate, size, seed }, digits, probe, every = 5) {
  const network = freshNetwork(hidden, seed);
  const next = batches(digits.count, size, seed);
  const M = 2 * hidden + CLASSES;
  const run = { network, losses: [], looks: [], last: null, C: null, now: null, at: 0, batch: null };
  function look() {
    const { activity, right } = activityOf(network, probe);
    run.C = correlationOf(activity, M, probe.count);
    run.now = { t: run.at, strength: strengthOf(run.C), accuracy: right };
  }
  run.advance = (t, until = () => true) => {
    while (run.at < t && until()) {
      run.batch = next();
      run.last = sgdStep(network, digits, run.batch, rate);
      run.losses.push(run.last.loss);
      run.at += 1;
      if (run.at < 20 || run.at % every === 0) {
        look();
        run.looks.push(run.now);
      }
    }
    if (run.now.t !== run.at) look();
    return run.at >= t;
  };
  look();
  run.looks.push(run.now);
  return run;
}
