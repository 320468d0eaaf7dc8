// The DRAW network (eqs 1-18), as draw_core/families/draw/model.py has it, on typed arrays.
//
// Vectors of several images lie side by side, [units, columns]; pictures and patches image by image.

import { decodeWindow, filterRows, readPatch, writeBack } from "../kit/window.js";
import { columns, Memory, padded } from "./memory.js";

/** The configuration of a DRAW network, as its card has it.
 * @typedef {{ height: number, width: number, channels: number, num_steps: number, z_size: number,
 *   enc_size: number, dec_size: number, read_size: number, write_size: number, read_attention: boolean,
 *   write_attention: boolean, initial_canvas: string, max_write_side: number | null }} Config */

const sigmoid = (/** @type {number} */ x) => 1 / (1 + Math.exp(-x));

/** The weights of a network, joined to the products of a step. */
export class Draw {
  /** @param {Config} config @param {Tensors} weights of its checkpoint; those of the half that looks at
   * images may be left out @param {number} most images at once */
  constructor(config, weights, most = 64) {
    this.config = config;
    const { height, width, channels, enc_size: E, dec_size: D, z_size: Z } = config;
    this.shape = { channels, height, width };
    this.pixels = channels * height * width;
    this.readLength = 2 * (config.read_attention ? channels * config.read_size ** 2 : this.pixels); // eqs 17, 27
    this.writeLength = config.write_attention ? channels * config.write_size ** 2 : this.pixels; // eqs 18, 28
    // The largest stride of a bounded window; see DrawConfig.
    this.maxDelta = config.max_write_side && (config.max_write_side * Math.max(height, width)) / config.write_size;
    this.weights = weights;
    this.most = most;
    const inputs = [this.readLength + D + E, E, Z + D, D, D];
    const outputs = [4 * E, 2 * Z, 4 * D, this.writeLength + 5, 5];
    const pad = (/** @type {number} */ n) => padded(n) + 4;
    const ofWeights = inputs.reduce((sum, ins, k) => sum + pad(ins) * pad(outputs[k]) + pad(outputs[k]), 0);
    const ofState = [...inputs, ...outputs, E, D].reduce((sum, n) => sum + pad(n), 0);
    this.memory = new Memory(ofWeights + ofState * columns(most));
    this.decoder = this.lstm("decoder");
    this.write = this.heads(config.write_attention ? ["write_content", "write_window"] : ["write_content"]);
    this.eye =
      "encoder.weight_ih" in weights
        ? {
            encoder: this.lstm("encoder"),
            posterior: this.heads(["posterior"]),
            window: config.read_attention ? this.heads(["read_window"]) : null,
          }
        : null;
    this.end = this.memory.end; // of the weights
  }

  /** @param {string} name */
  lstm(name) {
    const [ih, hh] = ["ih", "hh"].map((part) => this.weights[`${name}.bias_${part}`]);
    const bias = {
      shape: ih.shape,
      data: ih.data.map((/** @type {number} */ v, /** @type {number} */ k) => v + hh.data[k]),
    };
    return this.memory.affine([[this.weights[`${name}.weight_ih`], this.weights[`${name}.weight_hh`]]], [bias]);
  }

  /** @param {string[]} names */
  heads(names) {
    const parts = (/** @type {string} */ part) => names.map((name) => this.weights[`${name}.${part}`]);
    return this.memory.affine(
      parts("weight").map((weight) => [weight]),
      parts("bias"),
    );
  }
}

/** What a hand may change in a step: the patch of an image in place, and the window, which it returns.
 * @typedef {(image: number, window: FilmWindow | null, patch: Float32Array) => FilmWindow | null} Hand */

/** A batch of images on their way through the steps, each of which overwrites what the last one left. */
export class Rollout {
  /** @param {Draw} network @param {number} batch 1 to the most of the network */
  constructor(network, batch) {
    const { config, memory, weights, pixels } = network;
    const { enc_size: E, dec_size: D, z_size: Z } = config;
    this.network = network;
    this.batch = batch;
    this.columns = columns(batch);
    memory.end = network.end;
    const vectors = (/** @type {number} */ units) => memory.take(padded(units) * this.columns);
    this.hDec = vectors(D);
    this.cellDec = vectors(D);
    this.decoderInput = vectors(Z + D);
    this.decoderGates = vectors(4 * D);
    this.written = vectors(network.writeLength + 5);
    this.z = vectors(Z);
    this.cellEnc = vectors(E);
    this.hEnc = vectors(E);
    this.encoderInput = vectors(network.readLength + D + E);
    this.encoderGates = vectors(4 * E);
    this.posterior = vectors(2 * Z); // mu, then log sigma
    this.aimed = vectors(5);
    this.canvas = new Float32Array(batch * pixels); // c_t, logits
    this.patch = new Float32Array(batch * network.writeLength); // w_t
    this.read = new Float32Array(batch * network.readLength); // r_t: of x, then of x_hat
    /** @type {(FilmWindow | null)[]} */ this.writeWindows = Array(batch).fill(null);
    /** @type {(FilmWindow | null)[]} */ this.readWindows = Array(batch).fill(null);
    this.kl = new Float32Array(batch); // nats
    this.begin(weights);
    this.stroke = new Float64Array(pixels);
    this.error = new Float32Array(pixels);
  }

  /** c_0, h_0 and the cells, all learned. @param {Tensors} weights */
  begin({ initial_canvas: canvas, initial_enc: enc, initial_dec: dec }) {
    const plane = this.network.pixels / this.network.shape.channels;
    const each = canvas.data.length / this.network.shape.channels; // 1, or a pixel each
    for (let i = 0; i < this.canvas.length; i++) {
      const at = i % this.network.pixels;
      this.canvas[i] = canvas.data[each === 1 ? Math.floor(at / plane) : at];
    }
    if (enc) this.fill(enc, this.hEnc, this.cellEnc);
    this.fill(dec, this.hDec, this.cellDec);
  }

  /** The same h and cell for all images. @param {Tensor} initial [2, units] @param {Float32Array} h
   * @param {Float32Array} cell */
  fill({ shape: [, units], data }, h, cell) {
    for (let k = 0; k < units; k++) {
      h.fill(data[k], k * this.columns, (k + 1) * this.columns);
      cell.fill(data[units + k], k * this.columns, (k + 1) * this.columns);
    }
  }

  /** One time step. The same step reconstructs and generates.
   * @param {Float32Array} noise [B, Z] standard normal; z_t itself when generating
   * @param {ArrayLike<number> | null} images [B, C, H, W] in [0, 1] to encode, or null to generate
   * @param {Hand} [hand] changes what is written */
  step(noise, images, hand) {
    const { network, batch, columns, z } = this;
    const { z_size: Z } = network.config;
    if (images) this.encode(images);
    for (let b = 0; b < batch; b++) {
      for (let k = 0; k < Z; k++) {
        const eps = noise[b * Z + k];
        const at = k * columns + b;
        // eqs 6 and 13
        z[at] = images ? this.mu(k, b) + Math.exp(this.logSigma(k, b)) * eps : eps;
      }
    }
    this.decoderInput.set(z);
    this.decoderInput.set(this.hDec.subarray(0, network.config.dec_size * columns), Z * columns);
    network.memory.multiply(network.decoder, this.decoderInput, this.decoderGates, columns);
    this.remember(this.decoderGates, this.hDec, this.cellDec, network.config.dec_size); // eqs 7, 14
    network.memory.multiply(network.write, this.hDec, this.written, columns);
    for (let b = 0; b < batch; b++) this.paint(b, hand); // eqs 8, 15
  }

  mu(/** @type {number} */ k, /** @type {number} */ b) {
    return this.posterior[k * this.columns + b];
  }

  logSigma(/** @type {number} */ k, /** @type {number} */ b) {
    return this.posterior[(this.network.config.z_size + k) * this.columns + b];
  }

  /** Reads the images and the error (eqs 3, 4) and encodes what was read (eqs 1, 2, 5).
   * @param {ArrayLike<number>} images */
  encode(images) {
    const { network, columns, encoderInput } = this;
    const { memory, readLength, config, eye } = network;
    if (!eye) throw new Error("The half of the network that looks at images was not loaded.");
    const { enc_size: E, dec_size: D, z_size: Z } = config;
    if (eye.window) memory.multiply(eye.window, this.hDec, this.aimed, columns); // eq 21
    for (let b = 0; b < this.batch; b++) {
      this.look(images, b);
      for (let k = 0; k < readLength; k++) encoderInput[k * columns + b] = this.read[b * readLength + k];
    }
    encoderInput.set(this.hDec.subarray(0, D * columns), readLength * columns);
    encoderInput.set(this.hEnc.subarray(0, E * columns), (readLength + D) * columns);
    memory.multiply(eye.encoder, encoderInput, this.encoderGates, columns);
    this.remember(this.encoderGates, this.hEnc, this.cellEnc, E);
    memory.multiply(eye.posterior, this.hEnc, this.posterior, columns);
    for (let b = 0; b < this.batch; b++) {
      this.kl[b] = 0;
      for (let k = 0; k < Z; k++) {
        const [mu, logSigma] = [this.mu(k, b), this.logSigma(k, b)];
        this.kl[b] += (mu * mu + Math.exp(2 * logSigma) - 2 * logSigma - 1) / 2; // a term of eq 10
      }
    }
  }

  /** r_t of one image: x, then x_hat = x - sigmoid(c) (eq 3), through the window or whole (eqs 17, 27).
   * @param {ArrayLike<number>} images @param {number} b */
  look(images, b) {
    const { network, error } = this;
    const { pixels, readLength, shape, config } = network;
    const from = b * pixels;
    const x = Float32Array.from({ length: pixels }, (_, i) => images[from + i]);
    for (let i = 0; i < pixels; i++) error[i] = x[i] - sigmoid(this.canvas[from + i]);
    const half = readLength / 2;
    const read = this.read.subarray(b * readLength, (b + 1) * readLength);
    if (!config.read_attention) {
      read.set(x);
      read.set(error, half);
      return;
    }
    const size = config.read_size;
    const window = this.window(this.aimed, 0, b, size, null);
    this.readWindows[b] = window;
    const [fX, fY] = this.filters(window);
    for (const [k, image] of [x, error].entries()) {
      read.set(readPatch(image, shape, fX, fY, size, window.gamma), k * half);
    }
  }

  /** The window that five numbers of a column stand for (eqs 21-24).
   * @param {Float32Array} numbers @param {number} from @param {number} b @param {number} size
   * @param {number | null} maxDelta @returns {FilmWindow} */
  window(numbers, from, b, size, maxDelta) {
    const raw = Array.from({ length: 5 }, (_, k) => numbers[(from + k) * this.columns + b]);
    return { ...decodeWindow(raw, this.network.shape, size, maxDelta), size };
  }

  /** Its filters along x and y (eqs 25, 26). @param {FilmWindow} window @returns {[Float64Array, Float64Array]} */
  filters({ gX, gY, delta, sigma, size }) {
    const { width, height } = this.network.shape;
    return [filterRows(gX, delta, sigma ** 2, size, width), filterRows(gY, delta, sigma ** 2, size, height)];
  }

  /** Adds to one canvas what is written there (eqs 18, 28, 29). @param {number} b @param {Hand} [hand] */
  paint(b, hand) {
    const { network, columns, stroke } = this;
    const { writeLength, pixels, config, shape } = network;
    const patch = this.patch.subarray(b * writeLength, (b + 1) * writeLength);
    for (let k = 0; k < writeLength; k++) patch[k] = this.written[k * columns + b];
    let window = config.write_attention
      ? this.window(this.written, writeLength, b, config.write_size, network.maxDelta)
      : null;
    if (hand) window = hand(b, window, patch);
    this.writeWindows[b] = window;
    const canvas = this.canvas.subarray(b * pixels, (b + 1) * pixels);
    if (window) {
      writeBack(patch, shape, ...this.filters(window), window.size, window.gamma, stroke);
    }
    const change = window ? stroke : patch;
    for (let i = 0; i < pixels; i++) canvas[i] += change[i];
  }

  /** The new h and cell from the sums of input, forget, candidate and output gate.
   * @param {Float32Array} gates @param {Float32Array} h @param {Float32Array} cell @param {number} units */
  remember(gates, h, cell, units) {
    const n = units * this.columns;
    for (let i = 0; i < n; i++) {
      cell[i] = sigmoid(gates[n + i]) * cell[i] + sigmoid(gates[i]) * Math.tanh(gates[2 * n + i]);
      h[i] = sigmoid(gates[3 * n + i]) * Math.tanh(cell[i]);
    }
  }
}
