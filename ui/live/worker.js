// The worker of a page: networks run here, beside what the page paints.

import { parseSafetensors } from "../kit/safetensors.js";
import { Draw } from "./draw.js";
import { handsOf } from "./hand.js";
import { trace } from "./trace.js";

/** What a network is to paint.
 * @typedef {{ noise: Float32Array, images?: Float32Array | null, edits?: import("./hand.js").Edit[] }} Question
 *   noise: [B, T, Z] standard normal, for new pictures z itself; images: [B, C, H, W] in [0, 1] to rebuild, or
 *   none to paint new ones; edits: what a hand changes in some of the steps
 * @typedef {{ url: string, whole?: string, config: import("./draw.js").Config }} Network where its weights are,
 *   and where those of the whole network are, if only half of it is asked for; that serves if it is here
 * @typedef {Question & Network} Asked */

/** Lets messages come in between two parts of an answer. */
const pause = () =>
  new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve(null);
    };
    port2.postMessage(null);
  });

/** Answers { id, asked } with { id, from, made } for each part, then { id, end: true }, or with { id, fault };
 * { id, stop: true } ends it early. Without noise the network is only loaded.
 * @param {any} scope of the worker */
export default function serve(scope) {
  /** @type {Map<string, Promise<Draw>>} */ const networks = new Map();
  /** @type {Set<number>} */ const going = new Set();
  /** @param {number} id @param {Network & Partial<Question>} asked
   * @param {number} atOnce images that are made, and sent, together */
  async function answer(id, { url: half, whole = "", config, noise, images, edits = [] }, atOnce) {
    const url = networks.has(whole) ? whole : half;
    if (!networks.has(url)) networks.set(url, load(url, config));
    const network = await /** @type {Promise<Draw>} */ (networks.get(url));
    if (!noise) return;
    const each = config.num_steps * config.z_size;
    for (let from = 0; from * each < noise.length; from += atOnce) {
      if (from) await pause();
      if (!going.has(id)) return;
      const part = (/** @type {Float32Array} */ all, /** @type {number} */ size) =>
        all.subarray(from * size, (from + atOnce) * size);
      const seen = images ? part(images, network.pixels) : null;
      const made = trace(network, part(noise, each), seen, handsOf(edits, network.shape));
      const buffers = [made.logits, ...Object.values(made.tensors).map(({ data }) => data)];
      scope.postMessage({ id, from, made }, [...new Set(buffers.map(({ buffer }) => buffer))]);
    }
  }
  scope.onmessage = async (/** @type {MessageEvent} */ { data: { id, asked, atOnce, stop } }) => {
    if (stop) {
      going.delete(id);
      return;
    }
    going.add(id);
    try {
      await answer(id, asked, atOnce);
      scope.postMessage({ id, end: true });
    } catch (fault) {
      networks.delete(asked.url);
      networks.delete(asked.whole);
      scope.postMessage({ id, fault: String(fault) });
    }
    going.delete(id);
  };
}

/** @param {string} url @param {import("./draw.js").Config} config */
async function load(url, config) {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`The weights did not come: ${response.status}.`);
  return new Draw(config, parseSafetensors(new Uint8Array(await response.arrayBuffer())).tensors);
}
