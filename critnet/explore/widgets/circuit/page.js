// The page of the circuit explorer: its controls and elements, and how it names neurons and writes numbers.

const HINT = "Draw with mouse or finger. Keys: arrows move, space paints a dot, Enter puts the pen down or lifts it.";

const times = (factor) => {
  if (!Number.isFinite(factor)) return "nothing is kept";
  return `${factor >= 100 ? whole(Math.round(factor)) : factor.toFixed(factor >= 10 ? 1 : 2)}\u00d7`;
};

// A neuron { layer, index } as an address writes it: hidden ones count through both layers.
const keyOf = (net, { layer, index }) => (layer === 2 ? `output-${index}` : String(layer * net.first + index));

function neuronOf(net, key) {
  if (!key) return null;
  const output = key.match(/^output-(\d+)$/);
  if (output) return { layer: 2, index: Number(output[1]) };
  const layer = Number(key) < net.first ? 0 : 1;
  return { layer, index: Number(key) - layer * net.first };
}

// Edges as an address writes them: 1-3-20.2-20-7, layer, source and target counted from 0 within their layer.
const editsOf = (edges) => edges.map((edge) => edge.join("-")).join(".");
const edgesOfEdits = (text) => (text ? text.split(".").map((edge) => edge.split("-").map(Number)) : []);

function editsFit(net, text) {
  return text === "" || text.split(".").every((edge) => {
    if (!/^[12]-\d+-\d+$/.test(edge)) return false;
    const [layer, source, target] = edge.split("-").map(Number);
    const sizes = [net.first, net.second, net.outputs];
    return source < sizes[layer - 1] && target < sizes[layer];
  });
}

// A drawing as an address writes it: the packed pixels, in the letters of base64 that an address leaves alone.
function drawingOf(pixels) {
  return btoa(String.fromCharCode(...pack(pixels))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=/g, "");
}

function pixelsOf(text, length) {
  if (text === BLANK) return new Uint8Array(length);
  const bytes = bytesOf(text.replace(/-/g, "+").replace(/_/g, "/"));
  return unpackedLength(bytes) === length ? unpack(bytes, length) : null;
}

const BLANK = "blank"; // a page without ink as an image, which an empty pad is not; no drawing reads so

function drawingFits(net, text) {
  return text === "" || text === BLANK || (/^[A-Za-z0-9_-]+$/.test(text) && text.length % 4 !== 1 && pixelsOf(text, net.inputs) !== null);
}

// What is on the pad.
function imageWords(state, now) {
  if (now.empty) return "The pad is empty: there is nothing to answer.";
  if (state.drawing === BLANK) return "A blank page, without any ink.";
  if (!state.drawing) return `Test image ${state.number} of digit ${state.picked}.`;
  const { down, right } = now.moved;
  const moves = [[right, "right", "left"], [down, "down", "up"]].filter(([by]) => by)
    .map(([by, plus, minus]) => `${Math.abs(by)} ${by > 0 ? plus : minus}`);
  return `A drawing, ${moves.length ? `moved ${moves.join(" and ")} to its centre of mass` : "centred as it is"}.`;
}

function circuitControls(net, graphs, stages, start, highest) {
  const digits = Array.from({ length: net.outputs }, (_, k) => [String(k), String(k)]);
  const layers = [[net.first, "first layer"], [net.second, "second layer"], [net.outputs, "output"]];
  const neurons = layers.flatMap(([count, label], layer) => Array.from({ length: count }, (_, index) => {
    const key = keyOf(net, { layer, index });
    return [key, layer === 2 ? `output ${index}` : `neuron ${key} (${label})`];
  }));
  return [
    { type: "select", name: "digit", label: "digit T", options: digits, start: String(start.digit) },
    { type: "select", name: "graph", label: "sub-graph", start: start.graph,
      options: [["full", "full network"], ...graphs.map(({ key, label }) => [key, label]), ["strongest", "strongest weights"]] },
    ...(stages.length ? [{ type: "steps", name: "stage", place: "either", label: "stage of the search", values: stages, start: stages[stages.length - 1] }] : []),
    { type: "range", name: "count", place: "either", label: "edges kept", low: 1, high: net.W2.length + net.W3.length, step: 1, start: start.count, text: whole },
    { type: "radio", name: "outputs", label: "weights to outputs", start: start.definition,
      options: [["as-coded", "all (as coded)"], ["control", "edges only (control)"]] },
    { type: "select", name: "picked", place: "stored", label: "or test image of", options: digits, start: String(start.picked) },
    { type: "range", name: "number", place: "stored", label: "number", low: 1, high: start.images, step: 1, start: 1 },
    { type: "select", name: "neuron", place: "choice", label: "neuron", options: [["", "none chosen"], ...neurons], start: "" },
    ...forceControls(net, highest, start.images, digits),
    { type: "text", name: "edits", label: "edges changed", start: "", fits: (text) => editsFit(net, text) },
    { type: "text", name: "drawing", label: "drawing", start: "", fits: (text) => drawingFits(net, text) },
  ];
}

function circuitBody(id, net) {
  const row = (key, text) => `<tr data-row="${key}"><th scope="row">${text}</th><td></td><td></td></tr>`;
  return `
<div class="cc-either" data-part="either"></div>
<div class="cc-top">
<div class="cc-draw" data-part="stored">
<canvas data-part="pad" class="cc-pad" tabindex="0" role="application" aria-label="Drawing pad, 28 by 28"
 aria-describedby="${id("hint")}"></canvas>
<p class="cx-small" id="${id("hint")}" data-part="hint">${HINT}</p>
<div class="cc-buttons"><button type="button" data-part="clear">clear the pad</button>
<button type="button" data-part="blank">blank page</button></div>
</div>
<table class="cc-table"><thead><tr><td></td><th scope="col">sub-graph</th><th scope="col">full network</th></tr></thead><tbody>
${row("answer", "answer (probability)")}${row("logit", 'logit of <span class="cc-T"></span>')}
${row("recall", 'recall of <span class="cc-T"></span>')}${row("false-positives", "false positives among the others")}
${row("edges", "edges (layer 1\u20132, 2\u2013output)")}${row("neurons", "hidden neurons")}
${row("weights", "weights kept, with inputs")}${row("reduction", "reduction, with inputs")}
${row("by-edges", "reduction, by edges alone")}
</tbody></table>
</div>
<canvas data-part="network" class="cc-network" tabindex="0" role="application" aria-describedby="${id("keys")}"
 aria-label="The network: ${net.first} and ${net.second} hidden neurons, ${net.outputs} outputs"></canvas>
${barsMarkup("bars", "Logit and probability of each digit", net.outputs, 2)}
<p class="cx-small cc-legend"><span class="cx-positive">positive</span> and <span class="cx-negative">negative</span> weights; dotted: no edge
of the sub-graph, and yet kept as coded; a neuron is as dark as it is active, bright on a dark page; bars: probability, the dashed line that of the full network.</p>
<p class="cx-small cc-legend">Stored test images of each digit that are called <span class="cc-T"></span>; dashed: by the full network.</p>
${barsMarkup("accepted", "Stored test images of each digit that get the answer T", net.outputs, 1)}
<p class="cx-small cx-screen" id="${id("keys")}">Choose a neuron, then click an edge to prune or restore it. Keys on the picture: arrows
choose, Enter prunes or restores the neuron, Escape lets go.</p>
<div class="cc-edit cx-screen"><div data-part="choice"></div>
<button type="button" data-part="prune" disabled>Prune the neuron</button>
<button type="button" data-part="undo">undo</button>
<button type="button" data-part="undo-all">undo all</button>
</div>
<p data-part="facts" class="cx-small cc-facts"></p>
<div class="cx-screen">${FORCE_BODY}</div>
<ul data-part="edges" class="cc-edges cx-screen" tabindex="0" aria-label="Edges of the neuron, the strongest first; pressed: kept"></ul>`;
}
