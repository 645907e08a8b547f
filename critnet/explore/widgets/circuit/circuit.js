// The circuit explorer: draw a digit, prune and restore edges, watch the answers. Uses the files before this one.

function render({ model, el }) {
  const { name, weights, sizes, pixels, graphs, stages, start, caption, ...given } = model.get("given");
  const net = readNetwork(bytesOf(weights), sizes);
  const labels = Uint8Array.from(given.labels);
  const images = unpack(bytesOf(pixels), labels.length * net.inputs);
  const ofDigit = Array.from({ length: net.outputs }, (_, digit) =>
    [...labels.keys()].filter((x) => labels[x] === digit));
  const everyFirst = firstLayer(net, images);
  const full = masked(net, fullMask(net), true);
  const ofFull = answers(net, full, everyFirst);
  const fullClasses = classes(net, ofFull.logits);
  const strongest = ranking(net);

  let history = []; // edits before each change
  let at = null; // what is computed of the sub-graph: { key, mask, kept, hidden, free } and, with a neuron held, { holds, force, predicted }
  let now = null; // the answers to the image on the pad
  let listed = null; // the neuron whose edges are listed

  const view = explorer({
    el, name, kind: "circuit", caption, draw, words, table, columns: COLUMNS,
    controls: circuitControls(net, graphs, stages, start, highestOf(everyFirst, ofFull.hidden)), body: (id) => circuitBody(id, net),
  });
  const { one, state } = view;
  const pad = drawingPad(one("pad"), painted);
  const picture = networkPicture(one("network"), net);

  // ---- compute, from the state alone

  const digit = () => Number(state.digit);
  const allOutputs = () => state.outputs === "as-coded";
  const chosen = () => neuronOf(net, state.neuron);
  const edits = () => edgesOfEdits(state.edits);
  const accepted = (predicted) => acceptedOf(predicted, labels, net.outputs, digit());

  const listedGraph = () => graphs.find((graph) => graph.key === state.graph);
  const staged = () => Boolean(listedGraph() && listedGraph().stages);
  const growing = () => staged() && state.stage !== stages[stages.length - 1];
  const label = () => view.input("graph").selectedOptions[0].textContent + (staged() ? `, ${state.stage}` : "");

  function chosenGraph() {
    if (state.graph === "full") return fullMask(net);
    if (state.graph === "strongest") return maskOf(net, strongest.slice(0, state.count));
    const listed = staged() ? listedGraph().edges[stages.indexOf(state.stage)] : listedGraph().edges;
    return maskOf(net, listed.length === 1 ? listed[0] : listed[digit()]);
  }

  function subGraph() {
    const key = JSON.stringify([state.graph, state.stage, state.count, state.digit, state.outputs, state.edits]);
    if (!at || at.key !== key) {
      const mask = chosenGraph();
      for (const edge of edits()) setEdge(net, mask, edge, !isKept(net, mask, edge));
      const kept = masked(net, mask, allOutputs(), growing());
      const { hidden, logits } = answers(net, kept, everyFirst);
      at = { key, mask, kept, hidden, free: classes(net, logits) };
    }
    const holds = JSON.stringify([state.hold, state.neuron, state.level, state.other, state.othernumber]);
    if (at.holds === holds) return;
    const valueOn = (neuron, x) => activityOn(net, at.kept, everyFirst, at.hidden, neuron, x);
    const force = forceOf(state, net, chosen(), labels.length, valueOn, ofDigit);
    Object.assign(at, { holds, force, predicted: force ? classes(net, answers(net, at.kept, everyFirst, force).logits) : at.free });
  }

  // An empty pad asks nothing: the network would answer it all the same, with much confidence.
  function answer() {
    if (state.drawing) pad.show(pixelsOf(state.drawing, net.inputs));
    else pad.show(images.subarray(...[0, 1].map((more) => (ofDigit[Number(state.picked)][state.number - 1] + more) * net.inputs)));
    const moved = state.drawing ? centred(pad.pixels) : { pixels: pad.pixels, down: 0, right: 0 };
    const empty = state.drawing !== BLANK && !pad.pixels.some((ink) => ink);
    const none = new Float64Array(net.outputs).fill(NaN);
    if (empty) {
      now = { empty, moved, first: new Float64Array(net.first), second: new Float64Array(net.second), logits: none,
        probabilities: none, freeLogits: none, own: NaN, fullLogits: none, fullProbabilities: none };
      return;
    }
    const first = firstLayer(net, moved.pixels);
    const { kept, force } = at;
    const [part, free, all] = [answers(net, kept, first, force), answers(net, kept, first), answers(net, full, first)];
    const lit = (value, i) => (force && force.layer === 0 && force.index === i ? force.value : kept.usedFirst[i] ? value : 0);
    now = {
      empty, moved, first: first.map(lit), second: part.hidden, logits: part.logits, freeLogits: free.logits,
      own: force ? activityOn(net, kept, first, free.hidden, force, 0) : NaN, probabilities: softmax(part.logits), fullLogits: all.logits, fullProbabilities: softmax(all.logits),
    };
  }

  // ---- show

  function draw({ root, colours }) {
    subGraph();
    answer();
    pad.draw(colours.ink, colours.focus);
    picture.draw({ ...now, kept: at.kept, mask: at.mask, chosen: chosen(), digit: digit(), colours });
    root.dataset.outputs = state.outputs;
    one("count-row").style.visibility = state.graph === "strongest" ? "" : "hidden"; // keeps its place
    if (stages.length) one("stage-row").style.visibility = staged() ? "" : "hidden";
    showBars();
    const columns = columnsOf();
    root.querySelectorAll("[data-row]").forEach((row) => {
      row.querySelectorAll("td").forEach((cell, c) => { cell.textContent = columns[c][row.dataset.row]; });
    });
    root.querySelectorAll(".cc-T").forEach((place) => { place.textContent = state.digit; });
    showNeuron();
  }

  function showBars() {
    const top = now.empty ? -1 : largest(now.logits, 0, net.outputs);
    writeBars(one("bars"), Array.from(now.logits, (logit, k) => {
      const share = now.probabilities[k];
      return { fill: share, full: now.fullProbabilities[k], top: k === top, texts: [[logit, fixed(logit, 1)], [share, percent(share, 0)]] };
    }), digit());
    const all = accepted(fullClasses);
    writeBars(one("accepted"), accepted(at.predicted).map((count, k) => (
      { fill: count / ofDigit[k].length, full: all[k] / ofDigit[k].length, texts: [[count, whole(count)]] })), digit());
  }

  function columnsOf() {
    return [
      [at.kept, now.logits, now.probabilities, scoreOf(at.predicted, labels, digit())],
      [full, now.fullLogits, now.fullProbabilities, scoreOf(fullClasses, labels, digit())],
    ].map(([size, logits, shares, score]) => {
      const top = largest(logits, 0, net.outputs);
      return {
        answer: now.empty ? "none" : `${top} (${percent(shares[top])})`,
        logit: fixed(logits[digit()], 2),
        recall: `${percent(score.recall)} (${score.hits} of ${score.inside})`,
        "false-positives": `${percent(score.falsePositives)} (${score.wrong} of ${score.outside})`,
        edges: `${whole(size.edges)} (${whole(size.middle)} + ${whole(size.last)})`,
        neurons: `${size.neurons[0]} + ${size.neurons[1]}`,
        weights: whole(size.weights),
        "by-edges": times(size.byEdges),
        reduction: times(size.reduction),
      };
    });
  }

  function words() {
    const T = digit();
    const [part, all] = columnsOf();
    const more = at.kept.acting - at.kept.last;
    const busy = [...now.first.keys()].sort((a, b) => now.first[b] - now.first[a]).filter((i) => now.first[i] > 0);
    const edited = edits().length;
    return `${imageWords(state, now)} The sub-graph, ${label()}${edited ? `, with ${edited} edge${edited > 1 ? "s" : ""} changed` : ""}, has `
      + `${part.edges} edges between ${part.neurons} hidden neurons; `
      + (allOutputs() ? `a neuron that leads out keeps its weights to all outputs, as coded: ${whole(more)} more than its edges. `
        : "its weights are on edges only, the control. ")
      + (now.empty ? "" : `It answers ${part.answer}, logit of ${T}: ${part.logit}; the full network answers ${all.answer}, logit ${all.logit}. `)
      + `Of the ${whole(labels.length)} stored test images it recalls ${part.recall} with digit ${T} and takes `
      + `${part["false-positives"]} of the others for a ${T}; the full network ${all.recall} and ${all["false-positives"]}. `
      + `Of ${ofDigit[T].length} of each digit it calls a ${T}: ${accepted(at.predicted).map((count, k) => `${count} of ${k}`).join(", ")}. `
      + `With the inputs counted it keeps ${part.weights} of ${all.weights} weights, a reduction of ${part.reduction}; `
      + `by edges alone ${part["by-edges"]}. `
      + (busy.length ? `Most active in the first layer: ${busy.slice(0, 3).join(", ")}.` : "No neuron of the first layer is active.")
      + (chosen() ? ` Chosen: ${nameOf(chosen())}, ${factsOf(chosen())}.` : "") + (at.force ? ` ${changed()}` : "");
  }

  function changed() {
    const [before, after] = [[now.freeLogits, at.free], [now.logits, at.predicted]].map(([logits, predicted]) => (
      { answer: largest(logits, 0, net.outputs), logit: logits[digit()], ...scoreOf(predicted, labels, digit()) }));
    return changeWords(nameOf(at.force), at.force, now.own, before, after, digit(), now.empty);
  }

  function table() {
    const image = now.empty ? "empty" : state.drawing ? (state.drawing === BLANK ? "blank page" : "drawing") : `digit ${state.picked} number ${state.number}`;
    const held = at.force ? { neuron_held: nameOf(at.force), held_at: at.force.value } : {};
    const settings = { sub_graph: label(), edges_changed: edits().length, outputs: state.outputs, image, asked: digit(), ...held };
    const [called, freeCalled, fullCalled] = [at.predicted, at.free, fullClasses].map(accepted);
    const edges = strongest.filter((edge) => acts(net, at.kept, edge));
    return circuitRows({ net, at, now, labels, fullClasses, called, freeCalled, fullCalled, settings, edges });
  }

  // ---- the chosen neuron and its edges

  const nameOf = (neuron) => (neuron.layer === 2 ? `output ${neuron.index}` : `neuron ${keyOf(net, neuron)}`);
  const choose = (neuron) => view.set({ neuron: neuron ? keyOf(net, neuron) : "" });

  function factsOf({ layer, index }) {
    const edges = edgesOf(net, { layer, index });
    const left = edges.filter((edge) => isKept(net, at.mask, edge)).length;
    const activity = [now.first, now.second, now.logits][layer][index];
    return `${layer === 2 ? "logit" : "activity"} ${fixed(activity, 2)}, ${left} of ${edges.length} edges kept`;
  }

  function listEdges() {
    const items = (chosen() ? edgesOf(net, chosen()) : []).map((edge) => {
      const [layer, source, target] = edge;
      const item = document.createElement("li");
      const button = document.createElement("button");
      button.type = "button";
      button.dataset.edge = edge.join("-");
      button.textContent = `${nameOf({ layer: layer - 1, index: source })} \u2192 ${nameOf({ layer, index: target })}, `
        + `weight ${fixed(weightOf(net, edge), 2)}`;
      button.addEventListener("click", () => toggle([edge]));
      item.append(button);
      return item;
    });
    one("edges").replaceChildren(...items);
    listed = state.neuron;
  }

  function showNeuron() {
    if (listed !== state.neuron) listEdges();
    const left = chosen() && edgesOf(net, chosen()).some((edge) => isKept(net, at.mask, edge));
    one("prune").disabled = !chosen();
    one("prune").textContent = chosen() ? `${left ? "Prune" : "Restore"} ${nameOf(chosen())}` : "Prune the neuron";
    one("facts").textContent = chosen() ? `${nameOf(chosen())}: ${factsOf(chosen())}` : "No neuron is chosen; its edges would stand here.";
    const hidden = chosen() && chosen().layer < 2;
    for (const [part, hold] of [["level", "value"], ["other", "image"]]) one(part).style.visibility = hidden && state.hold === hold ? "" : "hidden";
    one("changed").textContent = at.force ? changed() : state.hold ? "Choose a neuron of the first or second layer to hold." : "No neuron is held.";
    for (const button of one("edges").querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(isKept(net, at.mask, button.dataset.edge.split("-").map(Number))));
    }
  }

  // ---- changes

  // Prune the edges if any of them is kept, else restore them.
  function toggle(edges, restored = edges) {
    subGraph();
    const prune = edges.some((edge) => isKept(net, at.mask, edge));
    const flipped = new Set(edits().map((edge) => edge.join("-")));
    for (const edge of prune ? edges : restored) {
      const key = edge.join("-");
      if (isKept(net, at.mask, edge) === prune && !flipped.delete(key)) flipped.add(key);
    }
    history.push(state.edits);
    view.set({ edits: [...flipped].join(".") });
    subGraph();
    const [layer, source] = edges[0];
    view.say(prune && edges.length === 1 && layer === 2 && allOutputs() && at.kept.leadsOut[source]
      ? `As coded, neuron ${net.first + source} keeps its weights to all outputs while one of its edges to an output is left.` : "");
  }

  // A neuron comes back with the edges it has in the sub-graph chosen above, or with all where it has none there.
  function toggleNeuron() {
    if (!chosen()) return;
    const edges = edgesOf(net, chosen());
    const there = chosenGraph();
    const before = edges.filter((edge) => isKept(net, there, edge));
    toggle(edges, before.length ? before : edges);
  }

  // The edits are of one sub-graph: with another one they end.
  function begin() {
    history = [];
    state.edits = "";
  }

  function painted(told) {
    if (told) one("hint").textContent = told.row ? `row ${told.row}, column ${told.column}; pen ${told.penDown ? "down" : "up"}` : HINT;
    if (told && !told.painted) return view.soon();
    view.set({ drawing: drawingOf(pad.pixels) });
  }

  // These run before the base hears of the new value.
  for (const key of ["picked", "number"]) view.input(key).addEventListener("input", () => { state.drawing = ""; });
  for (const key of ["graph", "count", ...(stages.length ? ["stage"] : [])]) view.input(key).addEventListener("input", begin);
  view.input("digit").addEventListener("input", () => {
    if (listedGraph() && listedGraph().edges.length > 1) begin();
  });
  one("prune").addEventListener("click", toggleNeuron);
  one("clear").addEventListener("click", () => view.set({ drawing: drawingOf(new Uint8Array(net.inputs)) }));
  one("blank").addEventListener("click", () => view.set({ drawing: BLANK }));
  one("undo").addEventListener("click", () => {
    if (history.length) view.set({ edits: history.pop() });
    else view.say("There is no change to undo.");
  });
  one("undo-all").addEventListener("click", () => {
    if (!state.edits) return view.say("There is no change to undo.");
    history.push(state.edits);
    view.set({ edits: "" });
  });
  one("reset").addEventListener("click", begin);

  const network = one("network");
  network.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    const box = network.getBoundingClientRect();
    const shown = chosen() ? edgesOf(net, chosen()) : strongest.filter((edge) => isKept(net, at.mask, edge));
    const found = picture.find(event.clientX - box.left, event.clientY - box.top, shown);
    if (found && found.edge) return toggle([found.edge]);
    choose(found && keyOf(net, found.neuron) !== state.neuron ? found.neuron : null);
  });
  network.addEventListener("keydown", (event) => {
    if (event.key.startsWith("Arrow")) choose(picture.neighbour(chosen(), event.key));
    else if ((event.key === "Enter" || event.key === " ") && chosen()) toggleNeuron();
    else if (event.key === "Escape") choose(null);
    else return;
    event.preventDefault();
  });
  return view.dispose;
}

export default { render };
