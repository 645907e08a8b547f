// The page of the circuit explorer: its elements and how it writes numbers.

const HINT = "Draw with mouse or finger. Keys: arrows move, space paints a dot, Enter puts the pen down or lifts it.";

const signed = (number, digits) => number.toFixed(digits).replace("-", "\u2212").replace(/^\u2212(0\.?0*)$/, "$1");
const times = (factor) => {
  if (!Number.isFinite(factor)) return "nothing is kept";
  return `${factor >= 100 ? whole(Math.round(factor)) : factor.toFixed(factor >= 10 ? 1 : 2)}\u00d7`;
};

const options = (pairs, chosen) => pairs.map(([value, text]) =>
  `<option value="${safe(value)}"${String(value) === String(chosen) ? " selected" : ""}>${safe(text)}</option>`).join("");

function skeleton(name, net, graphs, start, caption) {
  const id = (part) => `${safe(name)}--${part}`;
  const digits = Array.from({ length: net.outputs }, (_, k) => [k, k]);
  const select = (part, label, entries) =>
    `<div class="cc-control"><label for="${id(part)}">${label}</label><select id="${id(part)}">${entries}</select></div>`;
  const slider = (part, label, low, high, value) =>
    `<div class="cc-control cc-slider" data-part="${part}-row"><label for="${id(part)}">${label}</label>`
    + `<input type="range" id="${id(part)}" min="${low}" max="${high}" step="1" value="${value}"><output for="${id(part)}">${value}</output></div>`;
  const radio = (value, text) =>
    `<label><input type="radio" name="${id("outputs")}" id="${id(`outputs-${value}`)}"${start.definition === value ? " checked" : ""}>`
    + `<span>${text}</span></label>`;
  const row = (key, text) => `<tr data-row="${key}"><th scope="row">${text}</th><td></td><td></td></tr>`;
  const neurons = [[net.first, 0, "first layer"], [net.second, 1, "second layer"], [net.outputs, 2, "outputs"]];
  const named = neurons.map(([count, layer, label]) =>
    `<optgroup label="${label}">${options(Array.from({ length: count }, (_, i) =>
      [`${layer}-${i}`, layer === 2 ? `output ${i}` : `neuron ${layer * net.first + i}`]))}</optgroup>`).join("");
  const bar = (k) =>
    `<li><span class="cc-bar" aria-hidden="true"><span class="cc-fill"></span><span class="cc-full"></span></span>`
    + `<b>${k}</b><data></data><data></data></li>`;
  return `
<div class="cc-controls">
${select("digit", "digit <i>T</i>", options(digits, start.digit))}
${select("graph", "sub-graph", options([["full", "full network"], ...graphs.map((graph) => [graph.key, graph.label]),
    ["strongest", "strongest weights"]], start.graph))}
${slider("count", "edges kept", 1, net.W2.length + net.W3.length, start.count)}
<fieldset class="cc-control" data-part="outputs"><legend>weights to outputs</legend><div class="cc-choices">${
  radio("as-coded", "all (as coded)")}${radio("control", "edges only (control)")}</div></fieldset>
</div>
<div class="cc-top">
<div class="cc-draw">
<canvas data-part="pad" class="cc-pad" tabindex="0" role="application" aria-label="Drawing pad, 28 by 28"
 aria-describedby="${id("hint")}"></canvas>
<p class="cc-small" id="${id("hint")}" data-part="hint">${HINT}</p>
<button type="button" data-part="clear">clear the pad</button>
${select("picked", "or test image of", options(digits, start.picked))}
${slider("number", "number", 1, start.images, 1)}
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
<ol data-part="bars" class="cc-bars" aria-label="Logit and probability of each digit">${digits.map(([k]) => bar(k)).join("")}</ol>
<p class="cc-small cc-legend"><span class="cc-positive">positive</span> and <span class="cc-negative">negative</span> weights;
a neuron is as dark as it is active, bright on a dark page; bars: probability, the dashed line that of the full network.</p>
<p class="cc-small cc-screen" id="${id("keys")}">Choose a neuron, then click an edge to prune or restore it. Keys on the picture: arrows
choose, Enter prunes or restores the neuron, Escape lets go.</p>
<div class="cc-edit">
${select("neuron", "neuron", `<option value="">none chosen</option>${named}`)}
<button type="button" data-part="undo">undo</button>
<button type="button" data-part="reset">reset</button>
</div>
<div data-part="neuron-row" class="cc-neuron" hidden>
<button type="button" data-part="prune"></button> <span data-part="facts" class="cc-small"></span>
<ul data-part="edges" class="cc-edges" tabindex="0" aria-label="Edges of the neuron, the strongest first; pressed: kept"></ul>
</div>
<p class="cc-note" data-part="note" role="status" hidden></p>
<details class="cc-words"><summary>in words</summary><p data-part="words"></p></details>
<p class="cc-caption">${safe(caption)}</p>
<p class="cc-hidden" data-part="live" aria-live="polite"></p>`;
}
