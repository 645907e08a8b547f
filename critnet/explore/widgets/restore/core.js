// The last two layers of a network, with weights set back to what they were. Numbers only, no page here.

// { W2, b2, W3, b3 } of float32 numbers in a row; the weights W2 and W3 are addressed as one list by `placed`.
function readLayers(values, [first, second, outputs]) {
  let at = 0;
  const take = (length) => Float64Array.from(values.subarray(at, (at += length)));
  return { first, second, outputs, W2: take(second * first), b2: take(second), W3: take(outputs * second), b3: take(outputs) };
}

// The first `count` of the places set back; the others as at the end. Places run through W2 and then W3.
function setBack(net, early, places, count) {
  const [W2, W3] = [net.W2.slice(), net.W3.slice()];
  for (let k = 0; k < count; k += 1) {
    const p = places[k];
    if (p < W2.length) W2[p] = early[p];
    else W3[p - W2.length] = early[p];
  }
  return { ...net, W2, W3 };
}

// How many of a set are set back at a share of it.
const countOf = (share, size) => Math.round(share * size);

// The loss of each image (nats), and how many are answered right. `activity` is of the first layer, image by image.
function lossesOf(net, activity, labels) {
  const { first, second, outputs, W2, b2, W3, b3 } = net;
  const losses = new Float64Array(labels.length);
  const [hidden, logits] = [new Float64Array(second), new Float64Array(outputs)];
  let right = 0;
  for (let x = 0; x < labels.length; x += 1) {
    const from = x * first;
    for (let j = 0, w = 0; j < second; j += 1) {
      let sum = b2[j];
      for (let i = 0; i < first; i += 1, w += 1) sum += W2[w] * activity[from + i];
      hidden[j] = sum > 0 ? sum : 0;
    }
    for (let k = 0, w = 0; k < outputs; k += 1) {
      let sum = b3[k];
      for (let j = 0; j < second; j += 1, w += 1) sum += W3[w] * hidden[j];
      logits[k] = sum;
    }
    const own = logits[labels[x]];
    let largest = -Infinity;
    for (let k = 0; k < outputs; k += 1) if (k !== labels[x] && logits[k] > largest) largest = logits[k];
    let others = 0;
    for (let k = 0; k < outputs; k += 1) if (k !== labels[x]) others += Math.exp(logits[k] - largest);
    const above = largest - own + Math.log(others); // ln of the sum of e^(z_k - z_own) over the others
    losses[x] = above > 30 ? above : Math.log1p(Math.exp(above));
    if (own > largest) right += 1;
  }
  return { losses, right };
}

const meanOf = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

// The share of images with a loss of at least each level.
const shareAbove = (losses, levels) => levels.map((b) => losses.reduce((n, loss) => n + (loss >= b), 0) / losses.length);
