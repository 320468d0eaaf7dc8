// A film of a network that runs in the browser: the arrays that draw_core/families/draw/film.py keeps,
// by the names of draw_core/film/description.py. A film from the server describes them.

import { sum } from "../kit/number.js";
import { Rollout } from "./draw.js";

/** Everything that a batch of images computed, steps first.
 * @typedef {{ tensors: Tensors, logits: Float32Array,
 *   nll: number, latentLoss: number }} Trace logits of all canvases; L_x and L_z in nats, of all images together */

/** Canvas bytes of logits: see draw_core/film/codecs.py.
 * @param {Float32Array} logits @param {Uint8Array} bytes @param {number} at */
function encode(logits, bytes, at) {
  for (let i = 0; i < logits.length; i++) bytes[at + i] = Math.round(255 / (1 + Math.exp(-logits[i] / 2)));
}

/** All steps of a batch.
 * @param {import("./draw.js").Draw} network
 * @param {Float32Array} noise [B, T, Z] standard normal
 * @param {ArrayLike<number> | null} images [B, C, H, W] in [0, 1] to rebuild, or null to paint new ones
 * @param {(step: number) => import("./draw.js").Hand | undefined} hands of steps 1..T
 * @returns {Trace} */
export function trace(network, noise, images = null, hands = () => undefined) {
  const { config, pixels, shape, readLength, writeLength } = network;
  const { num_steps: T, z_size: Z, dec_size: D, enc_size: E } = config;
  const batch = noise.length / (T * Z);
  const rollout = new Rollout(network, batch);
  const { channels, height, width } = shape;
  const [n, m] = [config.write_size, config.read_size];
  const side = config.write_attention ? [n, n] : [height, width];
  const floats = (/** @type {number[]} */ ...size) => tensor(Float32Array, [T, batch, ...size]);
  /** @type {Tensors} */ const tensors = {
    canvases: tensor(Uint8Array, [T + 1, batch, channels, height, width]),
    write_patches: floats(channels, ...side),
    z: floats(Z),
    memory: tensor(Uint8Array, [T, batch, D]),
  };
  if (config.write_attention) tensors.write_params = floats(5);
  if (images) {
    Object.assign(tensors, { kl: floats(), mu: floats(Z), log_sigma: floats(Z), h_enc: floats(E), h_dec: floats(D) });
    if (config.read_attention) {
      Object.assign(tensors, { read_params: floats(5), read_patches: floats(channels, m, m) });
      tensors.error_patches = floats(channels, m, m);
    }
  }
  const logits = new Float32Array((T + 1) * batch * pixels);
  const keep = (/** @type {number} */ step) => {
    logits.set(rollout.canvas, step * batch * pixels);
    encode(rollout.canvas, tensors.canvases.data, step * batch * pixels);
  };
  keep(0);
  const eps = new Float32Array(batch * Z);
  for (let t = 0; t < T; t++) {
    for (let b = 0; b < batch; b++) eps.set(noise.subarray((b * T + t) * Z, (b * T + t + 1) * Z), b * Z);
    rollout.step(eps, images, hands(t + 1));
    keep(t + 1);
    tensors.write_patches.data.set(rollout.patch, t * batch * writeLength);
    const unit = (/** @type {string} */ name, /** @type {Float32Array} */ from, first = 0, map = same) => {
      const {
        data,
        shape: [, , size],
      } = tensors[name];
      for (let b = 0, at = t * batch * size; b < batch; b++) {
        for (let k = 0; k < size; k++, at++) data[at] = map(from[(first + k) * rollout.columns + b]);
      }
    };
    unit("z", rollout.z);
    unit("memory", rollout.hDec, 0, (h) => Math.round(128 + 127 * h));
    if (config.write_attention) windows(tensors.write_params.data, rollout.writeWindows, t);
    if (!images) continue;
    tensors.kl.data.set(rollout.kl, t * batch);
    unit("mu", rollout.posterior);
    unit("log_sigma", rollout.posterior, Z);
    unit("h_enc", rollout.hEnc);
    unit("h_dec", rollout.hDec);
    if (!config.read_attention) continue;
    windows(tensors.read_params.data, rollout.readWindows, t);
    const half = readLength / 2;
    for (let b = 0; b < batch; b++) {
      const from = b * readLength;
      tensors.read_patches.data.set(rollout.read.subarray(from, from + half), (t * batch + b) * half);
      tensors.error_patches.data.set(rollout.read.subarray(from + half, from + 2 * half), (t * batch + b) * half);
    }
  }
  const nll = images ? missing(rollout.canvas, images) : 0;
  const latentLoss = images ? sum(tensors.kl.data) : 0; // eqs 10, 11
  return { tensors, logits, nll, latentLoss };
}

/** L_x, nats that the pixels still need given the last canvas (eq 9).
 * @param {Float32Array} logits @param {ArrayLike<number>} x */
function missing(logits, x) {
  let nats = 0;
  for (let i = 0; i < logits.length; i++) {
    const c = logits[i];
    nats += Math.max(c, 0) + Math.log1p(Math.exp(-Math.abs(c))) - x[i] * c;
  }
  return nats;
}

const same = (/** @type {number} */ value) => value;

/** @param {Float32ArrayConstructor | Uint8ArrayConstructor} Kind @param {number[]} shape @returns {Tensor} */
const tensor = (Kind, shape) => ({ shape, data: new Kind(shape.reduce((a, b) => a * b, 1)) });

/** @param {Float32Array} data [T, B, 5] @param {(FilmWindow | null)[]} of a step @param {number} t */
function windows(data, of, t) {
  of.forEach((window, b) => {
    if (window)
      data.set([window.gX, window.gY, window.delta, window.sigma ** 2, window.gamma], 5 * (t * of.length + b));
  });
}
