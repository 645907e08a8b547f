// Interventions of the circuit explorer: one hidden neuron is held at a value, on every image, and what that changes.

const HOLDS = [["", "as it is"], ["zero", "zero"], ["mean", "its mean over the stored images"], ["value", "a value"],
  ["image", "its value on a test image"]];

function forceControls(net, highest, images, digits) {
  return [
    { type: "select", name: "hold", place: "hold", label: "hold the neuron at", options: HOLDS, start: "" },
    { type: "range", name: "level", place: "level", label: "value", low: 0, high: highest, step: 0.1, start: 0, text: (value) => fixed(value, 1) },
    { type: "select", name: "other", place: "other", label: "test image of", options: digits, start: "0" },
    { type: "range", name: "othernumber", place: "other", label: "number of it", low: 1, high: images, step: 1, start: 1 },
  ];
}

const FORCE_BODY = `<div data-part="hold"></div>
<div class="cc-either"><div data-part="level"></div><div class="cc-other" data-part="other"></div></div>
<p data-part="changed" class="cx-small cc-changed"></p>`;

// The largest activity of any hidden neuron, rounded up: how far a value can be set.
const highestOf = (...series) => Math.max(1, Math.ceil(series.reduce((top, values) => values.reduce((a, b) => Math.max(a, b), top), 0)));

// Activity of a hidden neuron on image x in a sub-graph; of one that nothing of is kept, 0.
function activityOn(net, kept, first, hidden, { layer, index }, x) {
  if (layer === 0) return kept.usedFirst[index] ? first[x * net.first + index] : 0;
  return hidden[x * net.second + index];
}

// What the chosen neuron is held at: { layer, index, value }, or null where nothing is held. An output is not held.
function forceOf(state, net, neuron, images, valueOn, ofDigit) {
  if (!state.hold || !neuron || neuron.layer === 2) return null;
  const value = {
    zero: () => 0,
    mean: () => Array.from({ length: images }, (_, x) => valueOn(neuron, x)).reduce((a, b) => a + b, 0) / images,
    value: () => state.level,
    image: () => valueOn(neuron, ofDigit[Number(state.other)][state.othernumber - 1]),
  }[state.hold]();
  return { ...neuron, value };
}

// What holding a neuron changes, in words. `before` and `after`: { answer, logit, recall, falsePositives }.
function changeWords(name, force, own, before, after, digit, empty) {
  const to = (one, two) => (one === two ? `stays ${two}` : `goes from ${one} to ${two}`);
  const here = empty ? "" : ` instead of ${fixed(own, 2)}`;
  const answer = empty ? "" : `the answer ${to(before.answer, after.answer)}, the logit of ${digit} ${to(fixed(before.logit, 2), fixed(after.logit, 2))}; `;
  return `${name} is held at ${fixed(force.value, 2)}${here}: ${answer}on the stored test images the recall of ${digit} ${
    to(percent(before.recall), percent(after.recall))}, the false-positive rate ${to(percent(before.falsePositives), percent(after.falsePositives))}.`;
}
