// The picture of the network: two rows of neurons and the outputs, lit by activity, edges coloured by the sign of their weight.

const SHARES = 24; // steps of strength in which edges are drawn

function networkPicture(canvas, net) {
  const layers = [net.first, net.second, net.outputs];
  let places = []; // places[layer][index] = {x, y}, in CSS pixels
  let radius = 5;

  // Rows from top to bottom; a long row is a zigzag, so that its neurons keep apart on a phone.
  function arrange() {
    const width = canvas.clientWidth || 720;
    const height = canvas.clientHeight || 340;
    const rows = [0.1 * height, 0.5 * height, 0.92 * height];
    places = layers.map((count, layer) => Array.from({ length: count }, (_, i) => {
      const step = width / count;
      return { x: (i + 0.5) * step, y: rows[layer] + (step < 24 ? (i % 2 ? 1 : -1) * Math.max(5, 12 - step / 2) : 0) };
    }));
    radius = Math.min(6, Math.max(3.5, width / Math.max(net.first, net.second) / 2.6));
    return { width, height };
  }

  function lines(context, edges) {
    if (!edges.length) return;
    context.beginPath();
    for (const [layer, source, target] of edges) {
      const from = places[layer - 1][source];
      const to = places[layer][target];
      context.moveTo(from.x, from.y);
      context.lineTo(to.x, to.y);
    }
    context.stroke();
  }

  // view: {kept, mask, first, second, probabilities, chosen, digit, colours}
  function draw(view) {
    const { width, height } = arrange();
    const scale = window.devicePixelRatio || 1;
    if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
      canvas.width = Math.round(width * scale);
      canvas.height = Math.round(height * scale);
    }
    const context = canvas.getContext("2d");
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, width, height);
    const { colours, mask, kept, chosen } = view;
    const signals = [view.first, view.second];
    const tops = signals.map((values) => Math.max(1e-9, ...values));

    // Edges, faint before strong: an edge carries weight times activity of its source.
    const floor = kept.edges > 400 ? 0.02 : kept.edges > 150 ? 0.15 : 0.45;
    const shown = [];
    let strongest = 1e-9;
    for (let layer = 1; layer <= 2; layer++) {
      const flags = layer === 1 ? mask.middle : mask.last;
      const across = layers[layer - 1];
      flags.forEach((flag, at) => {
        if (!flag) return;
        const edge = [layer, at % across, Math.floor(at / across)];
        const carries = (weightOf(net, edge) * signals[layer - 1][edge[1]]) / tops[layer - 1];
        shown.push([Math.abs(carries), edge]);
        strongest = Math.max(strongest, Math.abs(carries));
      });
    }
    // Edges of about one share, one sign and one side of the choice are one path: thousands of calls take too long.
    const paths = Array.from({ length: 4 * (SHARES + 1) }, () => []);
    for (const [carries, edge] of shown) {
      const apart = chosen && !touches(edge, chosen);
      paths[4 * Math.round((SHARES * carries) / strongest) + (apart ? 0 : 2) + (weightOf(net, edge) >= 0 ? 1 : 0)].push(edge);
    }
    paths.forEach((edges, k) => {
      const [share, apart, positive] = [Math.floor(k / 4) / SHARES, k % 4 < 2, k % 2 === 1];
      context.globalAlpha = (floor + (1 - floor) * share * share) * (apart ? 0.4 : 1);
      if (chosen && !apart) context.globalAlpha = 0.35 + 0.65 * share;
      context.lineWidth = 0.8 + 1.6 * share;
      context.strokeStyle = positive ? colours.positive : colours.negative;
      lines(context, edges);
    });
    // As coded a neuron that leads out keeps its weights to all outputs: these act, and are no edges of the sub-graph.
    context.setLineDash([1, 3]);
    context.lineWidth = 1;
    kept.lastMask.forEach((flag, place) => {
      const edge = [2, place % layers[1], Math.floor(place / layers[1])];
      if (!flag || mask.last[place] || (chosen && !touches(edge, chosen))) return;
      context.globalAlpha = kept.acting > 200 ? 0.25 : 0.6;
      context.strokeStyle = weightOf(net, edge) >= 0 ? colours.positive : colours.negative;
      lines(context, [edge]);
    });
    context.setLineDash([]);
    if (chosen) {
      context.setLineDash([2, 5]);
      context.lineWidth = 0.8;
      context.globalAlpha = 0.35;
      context.strokeStyle = colours.ink;
      lines(context, edgesOf(net, chosen).filter((edge) => !isKept(net, mask, edge)));
      context.setLineDash([]);
    }

    // Neurons: filled by activity; hollow and faint where nothing of them is kept.
    const used = [kept.usedFirst, kept.usedSecond, kept.usedOutput];
    layers.forEach((count, layer) => {
      for (let i = 0; i < count; i++) {
        const { x, y } = places[layer][i];
        const size = layer === 2 ? radius * 1.6 : radius;
        context.globalAlpha = 1;
        context.beginPath();
        context.arc(x, y, size, 0, 2 * Math.PI);
        context.fillStyle = colours.page;
        context.fill();
        const lit = layer === 2 ? view.probabilities[i] : used[layer][i] ? signals[layer][i] / tops[layer] : 0;
        context.globalAlpha = Math.sqrt(Math.max(0, lit));
        context.fillStyle = colours.ink;
        context.fill();
        context.globalAlpha = used[layer][i] ? 0.9 : 0.3;
        context.lineWidth = layer === 2 && i === view.digit ? 2.5 : 1;
        context.strokeStyle = colours.ink;
        context.stroke();
        if (chosen && chosen.layer === layer && chosen.index === i) {
          context.globalAlpha = 1;
          context.lineWidth = 2.5;
          context.strokeStyle = colours.focus;
          context.beginPath();
          context.arc(x, y, size + 3, 0, 2 * Math.PI);
          context.stroke();
        }
      }
    });
    context.globalAlpha = 1;
  }

  // What lies under a point: a neuron, else an edge of `candidates` within five pixels, else null.
  function find(x, y, candidates) {
    let best = { distance: radius + 5 };
    places.forEach((row, layer) => row.forEach((place, index) => {
      const distance = Math.hypot(place.x - x, place.y - y);
      if (distance < best.distance) best = { distance, neuron: { layer, index } };
    }));
    if (best.neuron) return best;
    best = { distance: 5 };
    for (const edge of candidates) {
      const from = places[edge[0] - 1][edge[1]];
      const to = places[edge[0]][edge[2]];
      const dx = to.x - from.x;
      const dy = to.y - from.y;
      const along = Math.min(1, Math.max(0, ((x - from.x) * dx + (y - from.y) * dy) / (dx * dx + dy * dy)));
      const distance = Math.hypot(from.x + along * dx - x, from.y + along * dy - y);
      if (distance < best.distance) best = { distance, edge };
    }
    return best.edge ? best : null;
  }

  // The neuron that an arrow key leads to.
  function neighbour(chosen, key) {
    if (!chosen) return { layer: 0, index: 0 };
    const { layer, index } = chosen;
    if (key === "ArrowLeft") return { layer, index: (index + layers[layer] - 1) % layers[layer] };
    if (key === "ArrowRight") return { layer, index: (index + 1) % layers[layer] };
    const next = Math.min(2, Math.max(0, layer + (key === "ArrowDown" ? 1 : -1)));
    return { layer: next, index: Math.min(layers[next] - 1, Math.floor(((index + 0.5) / layers[layer]) * layers[next])) };
  }

  return { draw, find, neighbour };
}

const touches = ([layer, source, target], { layer: at, index }) =>
  (layer - 1 === at && source === index) || (layer === at && target === index);

// Every edge of the full network at a neuron, the strongest first.
function edgesOf(net, { layer, index }) {
  const edges = [];
  if (layer === 0) for (let j = 0; j < net.second; j++) edges.push([1, index, j]);
  if (layer === 1) for (let i = 0; i < net.first; i++) edges.push([1, i, index]);
  if (layer === 1) for (let k = 0; k < net.outputs; k++) edges.push([2, index, k]);
  if (layer === 2) for (let j = 0; j < net.second; j++) edges.push([2, j, index]);
  return edges.sort((a, b) => Math.abs(weightOf(net, b)) - Math.abs(weightOf(net, a)));
}
