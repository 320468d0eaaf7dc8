// What the film of a network is that the browser made: as draw_core/film/description.py says it of the
// same film from the server.

/** @param {import("../../ui/live/draw.js").Config} config @param {boolean} rebuilds whether it was shown an image
 * @returns {import("../../ui/player/film.js").Description} */
export function described(config, rebuilds) {
  const track = (/** @type {string} */ kind, /** @type {string} */ name, /** @type {any} */ more = {}) => {
    const arrays = { [kind === "windows" ? "parameters" : "values"]: `${name}${SUFFIX[kind] ?? ""}` };
    return { kind, name, arrays, ...more };
  };
  const windows = (/** @type {string} */ name, /** @type {number} */ points) =>
    track("windows", name, { points, labels: ["g_x", "g_y", "delta", "sigma2", "gamma"], rule: "gaussian" });
  const { read_attention: reads, write_attention: writes } = config;
  const tracks = [track("patches", "write")];
  if (writes) tracks.push(windows("write", config.write_size));
  if (rebuilds && reads) tracks.push(windows("read", config.read_size));
  if (rebuilds) tracks.push(track("bars", "kl", INFORMATION));
  tracks.push(track("vectors", "z"), track("vectors", "memory"));
  if (rebuilds && reads) tracks.push(track("patches", "read"), track("patches", "error"));
  const inner = rebuilds ? ["mu", "log_sigma", "h_enc", "h_dec"] : [];
  tracks.push(...inner.map((name) => track("vectors", name)));
  const frames = { kind: "frames", codec: "bernoulli", arrays: { pixels: "canvases" } };
  return /** @type {any} */ ({ segments: [frames], tracks });
}

/** @type {Record<string, string>} */ const SUFFIX = { windows: "_params", patches: "_patches" };

const INFORMATION = {
  unit: "nats",
  caption: "Information sent (KL)",
  meaning: "What the encoder tells the decoder in this step. A nat is 1.44 bits.",
  power: 0.5,
};
