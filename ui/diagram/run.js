// One reconstruction in the browser: what a film holds, and the image, its error image, what was
// read, the latents and the hidden states. Steps are 1..T; T leads every shape but
// that of the image, and one sample follows.

import { Film, unpackFilms } from "../player/film.js";
import { BYTE_LOGIT, BYTE_PROBABILITY } from "../player/segments.js";

export class Run extends Film {
  constructor(/** @type {ConstructorParameters<typeof Film>[0]} */ packed) {
    super(packed);
    /** @type {Float32Array} */ this.x = packed.tensors.x.data;
    this.latents = this.units("mu");
    this.informed = Float32Array.from({ length: this.latents }); // nats of each latent, one step
    this.errors = new Float32Array(this.pixels);
  }

  /** How many numbers a vector has. @param {string} name @returns {number} */
  units(name) {
    return this.tensors[name].shape[2];
  }

  /** Row t of a tensor [T, 1, ...]. @param {string} name @param {number} step @returns {Float32Array} */
  row(name, step) {
    const { shape, data } = this.tensors[name];
    const size = data.length / shape[0];
    return data.subarray((step - 1) * size, step * size);
  }

  /** The windows of steps 1..t; none where there is no attention. @param {string} kind @param {number} step */
  path(kind, step) {
    return this.windows(kind, 0).slice(0, step);
  }

  /** The width and height of what is read or written. @param {string} kind @returns {[number, number]} */
  sideOf(kind) {
    const n = this.points(kind);
    return this.has(kind) ? [n, n] : [this.width, this.height];
  }

  /** x_hat_t = x - sigmoid(c_{t-1}) [H, W], mean over channels (eq 3). @param {number} step */
  error(step) {
    const bytes = this.canvas(step - 1, 0);
    const { channels, pixels, errors, x } = this;
    for (let i = 0; i < pixels; i++) {
      let sum = 0;
      for (let c = i; c < channels * pixels; c += pixels) sum += x[c] - BYTE_PROBABILITY[bytes[c]];
      errors[i] = sum / channels;
    }
    return errors;
  }

  // Numbers that the encoder is given from outside: both patches, flattened.
  get readLength() {
    const [rows, columns] = this.sideOf("read");
    return 2 * this.channels * rows * columns;
  }

  /** The largest absolute value of a tensor over all steps, so that colours mean the same at each.
   * @param {string} name */
  most(name) {
    return this.remember(`most ${name}`, () => {
      let most = 1e-6;
      for (const v of this.tensors[name].data) most = Math.max(most, Math.abs(v));
      return most;
    });
  }

  // Of both patches that the window reads: gamma is in them (eq 27).
  get mostRead() {
    return Math.max(this.most("read_patches"), this.most("error_patches"));
  }

  // How far the latents reach over all steps, at least 3: three sigmas of the prior.
  get reach() {
    return this.remember("reach", () => {
      const { mu, log_sigma: logSigma, z } = this.tensors;
      let most = 3;
      for (let i = 0; i < mu.data.length; i++) {
        const side = Math.abs(mu.data[i]) + Math.exp(logSigma.data[i]);
        most = Math.max(most, side, Math.abs(z.data[i]));
      }
      return most;
    });
  }

  /** KL of each latent in a step: (mu^2 + sigma^2 - log sigma^2 - 1) / 2 (eq 10). @param {number} step */
  latentNats(step) {
    const mu = this.row("mu", step);
    const logSigma = this.row("log_sigma", step);
    for (let k = 0; k < this.latents; k++) {
      this.informed[k] = (mu[k] ** 2 + Math.exp(2 * logSigma[k]) - 2 * logSigma[k] - 1) / 2;
    }
    return this.informed;
  }

  /** The latent that carries most in a step, with all its numbers. @param {number} step */
  topLatent(step) {
    const nats = this.latentNats(step);
    let k = 0;
    for (let i = 1; i < nats.length; i++) if (nats[i] > nats[k]) k = i;
    const mu = this.row("mu", step)[k];
    const sigma = Math.exp(this.row("log_sigma", step)[k]);
    const z = this.row("z", step)[k];
    return { k, mu, sigma, z, eps: (z - mu) / sigma, kl: nats[k] };
  }

  /** The pixel whose probability a step changes most, and its logits before and after, of the channel
   * that changes most there. @param {number} step */
  mostPainted(step) {
    const now = this.canvas(step, 0);
    const before = this.canvas(step - 1, 0);
    const change = (/** @type {number} */ i) => Math.abs(BYTE_PROBABILITY[now[i]] - BYTE_PROBABILITY[before[i]]);
    let k = 0;
    for (let i = 1; i < now.length; i++) if (change(i) > change(k)) k = i;
    const pixel = k % this.pixels;
    return {
      x: pixel % this.width,
      y: Math.floor(pixel / this.width),
      before: BYTE_LOGIT[before[k]],
      now: BYTE_LOGIT[now[k]],
    };
  }

  /** What a pixel should become: x there, mean over channels. @param {number} pixel */
  target(pixel) {
    let sum = 0;
    for (let c = 0; c < this.channels; c++) sum += this.x[c * this.pixels + pixel];
    return sum / this.channels;
  }

  /** Whether z is the mean in a step, with no noise. @param {number} step */
  isMean(step) {
    const mu = this.row("mu", step);
    return this.row("z", step).every((z, k) => z === mu[k]);
  }

  /** The unit of h_enc or h_dec that a step changes most; null in step 1, whose h_0 is not sent.
   * @param {string} name @param {number} step */
  mostChanged(name, step) {
    if (step < 2) return null;
    const now = this.row(name, step);
    const before = this.row(name, step - 1);
    let k = 0;
    for (let i = 1; i < now.length; i++) {
      if (Math.abs(now[i] - before[i]) > Math.abs(now[k] - before[k])) k = i;
    }
    return { k, now: now[k], before: before[k] };
  }
}

/** The run that ui/diagram/loop.py packed. @param {Uint8Array} bytes */
export function unpackRun(bytes) {
  const { meta, films: sent } = unpackFilms(bytes);
  return new Run({ meta, ...sent[""] });
}
