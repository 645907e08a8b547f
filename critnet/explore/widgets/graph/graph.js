// The graph explorer: drag the threshold and the time, watch the correlation graph. Uses the files before this one.

const PARTNERS = 6;
const CONVENTIONS = [["signed", "signed"], ["absolute", "absolute"], ["fisher", "Fisher"]];
const WORD_OF = { signed: "C \u2265 c", absolute: "|C| \u2265 c", fisher: "|artanh C| \u2265 c" };

function render({ model, el }) {
  const { name, caption, classes, places, peak, start, ...given } = model.get("given");
  const graphs = readGraphs(given);
  const hidden = graphs.size - classes.length;
  const responses = Object.fromEntries(Object.entries(given.responses).map(([key, text]) => [key, numbersOf(text, "<f4")]));

  const layerOf = (i) => {
    let [layer, rest] = [0, i];
    while (rest >= graphs.layers[layer]) rest -= graphs.layers[layer++];
    return layer + 1;
  };
  const nameOf = (i) => (i < hidden ? `neuron ${i} (layer ${layerOf(i)})` : `output ${classes[i - hidden]}`);

  let found; // the graph at hand, its matrix and its course over time
  let triangle;
  let course;
  let placeToTime = () => start.t;
  let hover = null; // the neuron under the pointer, shown before the chosen one

  const view = explorer({
    el, name, kind: "graph", caption, draw, words, table,
    columns: ["t", "definition", "edges", "threshold", "neuron_i", "neuron_j", "correlation"],
    controls: [
      { type: "range", name: "threshold", label: "threshold c", low: 0, high: 1, step: 0.01, start: start.threshold, text: (c) => c.toFixed(2) },
      { type: "steps", name: "t", label: "iteration t", values: graphs.iterations, start: start.t, text: whole },
      { type: "radio", name: "edges", label: "edges", options: CONVENTIONS, start: start.edges },
      { type: "radio", name: "definition", label: "definition", start: start.definition,
        options: Object.keys(given.correlation).map((key) => [key, key.replace("-", " ")]) },
      { type: "select", name: "neuron", label: "neuron", start: "",
        options: [["", "none chosen"], ...Array.from({ length: graphs.size }, (_, i) => [String(i), nameOf(i)])] },
    ],
    body: (id) => bodyOf(id, graphs, classes),
  });
  const { one } = view;
  const picture = graphPicture(one("graph"), graphs, places, (k) => classes[k]);

  const chosen = () => (view.state.neuron === "" ? null : Number(view.state.neuron));
  const seen = () => (hover === null ? chosen() : hover);
  const choose = (neuron) => view.set({ neuron: neuron === null ? "" : String(neuron) });

  function draw({ state, colours }) {
    const now = graphs.iterations.indexOf(state.t);
    triangle = graphs.triangle(state.definition, now);
    found = measured(graphs, triangle, state.edges, state.threshold);
    course = overTime(graphs, state.edges, state.threshold, state.definition);
    picture.draw({ found, triangle, chosen: seen(), colours });
    drawDegrees(one("degrees"), found, colours);
    drawComponents(one("components"), found, colours);
    placeToTime = drawCourse(one("course"), graphs.iterations, course, { now, peak, colours });
    const numbers = {
      edges: whole(found.edges.length),
      signs: `${whole(found.positive)} + ${whole(found.negative)}`,
      joined: `${found.joined} of ${graphs.size}`,
      degree: fixed(found.meanDegree, 2),
      components: whole(found.sizes.length),
      largest: whole(found.sizes[0]),
      survival: fixed(course.survival[now], 4),
    };
    for (const [key, text] of Object.entries(numbers)) view.root.querySelector(`[data-number="${key}"]`).textContent = text;
    showNeuron(colours);
  }

  // ---- words

  function words({ state }) {
    const c = state.threshold.toFixed(2);
    const now = graphs.iterations.indexOf(state.t);
    const several = found.sizes.filter((size) => size > 1);
    const singles = found.sizes.length - several.length;
    const others = several.slice(1);
    return `At iteration ${whole(state.t)}, ${state.definition.replace("-", " ")}, ${
      state.edges === "fisher" ? "Fisher" : state.edges} edges (${WORD_OF[state.edges]}${
      state.edges === "fisher" ? `, that is |C| \u2265 ${fixed(Math.tanh(state.threshold), 3)}` : ""}) at c = ${c}: `
      + (found.edges.length
        ? `${whole(found.edges.length)} edges, ${whole(found.positive)} positive and ${whole(found.negative)} negative, join ${
          found.joined} of ${graphs.size} neurons; mean degree ${fixed(found.meanDegree, 2)}, largest degree ${Math.max(...found.degrees)}. `
        : `no edge among ${graphs.size} neurons; mean degree 0. `)
      + `Components: ${found.sizes.length}, the largest with S1 = ${found.sizes[0]}`
      + (others.length ? `, then ${others.slice(0, 5).join(", ")}${others.length > 5 ? " and smaller ones" : ""}` : "")
      + (several.length && singles ? `, and ${singles} single neuron${singles > 1 ? "s" : ""}` : "")
      + `. Survival probability P(|C| > ${c}) = ${fixed(course.survival[now], 4)}${
        state.definition === "control" ? ", distinct pairs only" : ", the diagonal counted"}. `
      + `Over the ${graphs.iterations.length} iterations here ${peakOf("P", course.survival)} and ${
        peakOf("the mean degree", course.meanDegree)}${peak === null ? "" : `; the paper's dashed peak is at t = ${whole(peak)}`}.`
      + (chosen() === null ? "" : ` ${neuronWords(chosen())}`);
  }

  function peakOf(what, values) {
    const at = largestAt(values);
    if (values[at] === Math.min(...values)) return `${what} is the same throughout`;
    return `${what} is largest at t = ${whole(graphs.iterations[at])}`;
  }

  function neuronWords(i) {
    const { step, values } = responseOf(i);
    const best = largestAt(values);
    return `${capital(nameOf(i))}: ${factsOf(i)}; strongest partners ${partners(i).map((each) =>
      `${nameOf(each.neuron)} ${fixed(each.correlation, 2)}`).join(", ")}. Its mean response at t = ${whole(step)}: ${
      values.map((value, k) => `${classes[k]}: ${fixed(value, 2)}`).join(", ")}; largest for ${classes[best]}.`;
  }

  const capital = (text) => text[0].toUpperCase() + text.slice(1);
  const partners = (i) => partnersOf(graphs, triangle, i, PARTNERS);
  const hubs = () => Array.from({ length: graphs.size }, (_, neuron) => ({ neuron }))
    .sort((a, b) => found.degrees[b.neuron] - found.degrees[a.neuron]).slice(0, Math.min(PARTNERS, graphs.size - 1));
  const factsOf = (i) => `degree ${found.degrees[i]}, in a component of ${found.counts[found.label[i]]}`;

  // Mean response per class at the stored iteration nearest on the logarithmic scale, and its range over all of them.
  function responseOf(i) {
    const distances = given.stored.map((step) => Math.abs(Math.log1p(step) - Math.log1p(view.state.t)));
    const nearest = distances.indexOf(Math.min(...distances));
    const at = (k) => {
      const from = (k * graphs.size + i) * classes.length;
      return Array.from(responses[view.state.definition].subarray(from, from + classes.length));
    };
    const all = given.stored.flatMap((_, k) => at(k));
    return { step: given.stored[nearest], values: at(nearest), range: [Math.min(...all), Math.max(...all)] };
  }

  // ---- one neuron

  // Without one, the neurons with most edges.
  function showNeuron(colours) {
    const i = seen();
    const rows = i === null ? hubs() : partners(i);
    one("neuron-facts").textContent = i === null ? "No neuron is chosen." : `${capital(nameOf(i))}: ${factsOf(i)}.`;
    one("partners-title").textContent = i === null ? "Most edges:" : "Strongest partners:";
    const joined = new Set(found.edges);
    rows.forEach(({ neuron, correlation }, k) => {
      const button = one("partners").children[k].firstElementChild;
      button.dataset.neuron = neuron;
      button.dataset.joined = i !== null && joined.has(pairIndex(graphs.size, i, neuron));
      const [who, value] = button.children;
      who.textContent = nameOf(neuron);
      value.textContent = i === null ? found.degrees[neuron] : fixed(correlation, 2);
      value.className = i === null ? "" : correlation > 0 ? "cx-positive" : "cx-negative";
    });
    one("response").classList.toggle("cg-empty", i === null); // on a phone it leaves no gap
    if (i === null) {
      one("response-title").textContent = "Point at a neuron, or choose one, to see its mean response to each class.";
      fitted(one("response"));
      return;
    }
    const { step, values, range } = responseOf(i);
    one("response-title").textContent = `Mean response at t = ${whole(step)}, `
      + (view.state.definition === "control" ? "raw activity" : "standardised in each image");
    drawResponse(one("response"), values, range, classes, colours, colours[view.state.definition]);
  }

  // ---- download: the edges of the graph

  function table({ state }) {
    return found.edges.map((p) => ({
      t: state.t, definition: state.definition, edges: state.edges, threshold: state.threshold,
      neuron_i: graphs.first[p], neuron_j: graphs.second[p], correlation: Number((triangle[p] * UNIT).toFixed(5)),
    }));
  }

  // ---- events on the pictures

  const canvas = one("graph");
  const under = (event, reach) => {
    const box = canvas.getBoundingClientRect();
    return picture.find(event.clientX - box.left, event.clientY - box.top, reach);
  };
  const point = (neuron) => {
    if (hover === neuron) return;
    hover = neuron;
    view.soon();
  };
  canvas.addEventListener("pointermove", (event) => { if (event.pointerType === "mouse") point(under(event, 14)); });
  canvas.addEventListener("pointerleave", () => point(null));
  canvas.addEventListener("click", (event) => {
    const neuron = under(event, 20);
    hover = null;
    choose(neuron === chosen() ? null : neuron);
  });
  canvas.addEventListener("keydown", (event) => {
    if (event.key.startsWith("Arrow")) choose(picture.neighbour(chosen(), event.key));
    else if (event.key === "Escape") choose(null);
    else return;
    event.preventDefault();
  });
  one("partners").addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) choose(Number(button.dataset.neuron));
  });
  const dragged = (event) => {
    const t = placeToTime(event.clientX - one("course").getBoundingClientRect().left);
    if (t !== view.state.t) view.set({ t });
  };
  one("course").addEventListener("pointerdown", (event) => { if (!event.button) dragged(event); });
  one("course").addEventListener("pointermove", (event) => { if (event.buttons & 1) dragged(event); });

  return view.dispose;
}

function bodyOf(id, graphs, classes) {
  const number = (key, label) => `<div><dt>${label}</dt><dd data-number="${key}"></dd></div>`;
  const keys = id("keys");
  const shapes = graphs.layers.length > 2 ? "Circles: first hidden layer; squares: later ones" : "Circles: hidden layer";
  return `
<div class="cg-top">
<div class="cg-left"><canvas data-part="graph" class="cg-graph" tabindex="0" role="application" aria-describedby="${keys}"
 aria-label="The correlation graph of ${graphs.size} neurons"></canvas></div>
<div class="cg-right">
<dl class="cg-numbers">${number("edges", "edges")}${number("signs",
    '<span class="cx-positive">positive</span> + <span class="cx-negative">negative</span>')}${
  number("joined", "neurons with an edge")}${number("degree", "mean degree")}${number("components", "components")}${
  number("largest", "largest component S<sub>1</sub>")}${number("survival", "P(|C| &gt; c)")}</dl>
<canvas data-part="degrees" class="cg-degrees" role="img" aria-label="Degree distribution; its numbers are in the text below"></canvas>
</div></div>
<p class="cx-small cg-keys">${shapes}; outputs by name; faint: no edge.
<span id="${keys}" class="cx-screen">Point at a neuron, or click to keep it; keys on the picture: arrows walk, Escape lets go.</span></p>
<p class="cx-small">Components, the largest first; thin: single neurons.</p>
<canvas data-part="components" class="cg-components" role="img" aria-label="Component sizes; their numbers are in the text below"></canvas>
<p class="cx-small cg-legend"><span class="cg-survival">survival probability</span> and
<span class="cg-degree">mean degree</span> at this threshold<span class="cx-screen">; click or drag to choose the iteration</span></p>
<canvas data-part="course" class="cg-course" role="img" aria-label="Both over training; the numbers are in the text below"></canvas>
<div class="cg-neuron">
<div><p data-part="neuron-facts"></p><p class="cx-small" data-part="partners-title"></p>
<ol data-part="partners" class="cg-partners">${
  '<li><button type="button"><span></span><b></b></button></li>'.repeat(Math.min(PARTNERS, graphs.size - 1))}</ol></div>
<div><p data-part="response-title" class="cx-small"></p><canvas data-part="response" class="cg-response" role="img"
 aria-label="Mean response to each class; of a chosen neuron its numbers are in the text below"></canvas>
</div></div>`;
}

export default { render };
