// Random numbers of explorers: from a whole seed, the same in every browser.

// Numbers in [0, 1) (mulberry32).
function generator(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

// Standard normal numbers, in pairs (Box and Muller).
function gaussians(count, seed) {
  const random = generator(seed);
  const found = new Float64Array(count + (count % 2));
  for (let k = 0; k < found.length; k += 2) {
    const [radius, angle] = [Math.sqrt(-2 * Math.log(1 - random())), 2 * Math.PI * random()];
    found[k] = radius * Math.cos(angle);
    found[k + 1] = radius * Math.sin(angle);
  }
  return found.subarray(0, count);
}
