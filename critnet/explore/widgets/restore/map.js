// The map of the two weight matrices: which weights are critical, redundant or neither, and which are set back.

// Where a weight is drawn: its row and column in the map, W3 below W2, both with their sources across.
function cellOf(place, { first, second }) {
  const behind = place - second * first;
  return behind < 0
    ? { row: Math.floor(place / first), column: place % first }
    : { row: second + 2 + Math.floor(behind / second), column: behind % second };
}

function drawMap(canvas, { net, roles, places, count }, colours) {
  const { context, width, height } = fitted(canvas);
  const rows = net.second + 2 + net.outputs;
  const [left, top] = [26, 16];
  const cell = Math.min((width - left - 2) / Math.max(net.first, net.second), (height - top - 2) / rows);
  const gap = cell > 4 ? 1 : 0.5;
  const square = (place, inset) => {
    const { row, column } = cellOf(place, net);
    const [x, y, side] = [left + column * cell + inset, top + row * cell + inset, cell - gap - 2 * inset];
    context.fillRect(x, y, side, side);
  };
  context.globalAlpha = 0.28;
  context.fillStyle = colours.other;
  roles.forEach((role, place) => { if (!role) square(place, 0); });
  context.globalAlpha = 1;
  for (const role of ["critical", "redundant"]) {
    context.fillStyle = colours[role];
    roles.forEach((own, place) => { if (own === role) square(place, 0); });
  }
  context.fillStyle = colours.ink;
  for (let k = 0; k < count; k += 1) square(places[k], cell * 0.22);
  context.fillStyle = colours.soft;
  context.textBaseline = "bottom";
  context.fillText("W2: from the first layer (across) to the second (down)", 0, top - 3);
  context.textBaseline = "top";
  context.fillText("W3", 0, top + (net.second + 2) * cell);
}
