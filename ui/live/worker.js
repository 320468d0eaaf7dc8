// The worker of a page: networks run here, beside what the page paints.

import { parseSafetensors } from "../kit/safetensors.js";
import { Draw } from "./draw.js";
import { noiseOf } from "./generator.js";
import { trace } from "./trace.js";

/** One question: which network, with which noise, sees which image.
 * @typedef {{ url: string, config: import("./draw.js").Config, seed: number | null, image: Float32Array | null }} Asked
 *   seed null: z = mu */

/** Answers { id, asked } with { id, made } or { id, fault }.
 * @param {any} scope of the worker */
export default function serve(scope) {
  /** @type {Map<string, Promise<Draw>>} */ const networks = new Map();
  /** @param {Asked} asked */
  async function answer({ url, config, seed, image }) {
    if (!networks.has(url)) networks.set(url, load(url, config));
    const network = await /** @type {Promise<Draw>} */ (networks.get(url));
    if (!image) return null;
    const noise = noiseOf(config, 1, seed ?? 0);
    if (seed === null) noise.fill(0);
    return trace(network, noise, image);
  }
  scope.onmessage = async (/** @type {MessageEvent<{ id: number, asked: Asked }>} */ { data: { id, asked } }) => {
    try {
      const made = await answer(asked);
      const buffers = made ? [made.logits, ...Object.values(made.tensors).map(({ data }) => data)] : [];
      scope.postMessage({ id, made }, [...new Set(buffers.map(({ buffer }) => buffer))]);
    } catch (fault) {
      networks.delete(asked.url);
      scope.postMessage({ id, fault: String(fault) });
    }
  };
}

/** @param {string} url @param {import("./draw.js").Config} config */
async function load(url, config) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`The weights did not come: ${response.status}.`);
  return new Draw(config, parseSafetensors(new Uint8Array(await response.arrayBuffer())).tensors, 1);
}
