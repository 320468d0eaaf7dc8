// Numbers in one block of memory, and the products of weights with them, in WebAssembly.

import { PRODUCT } from "./product_code.js";

const BYTES = 4;
const ALIGNED = 4; // numbers that are multiplied at once
const PAGE = 65536; // bytes, in which memory is counted

/** @param {number} count @param {number} [by] */
export const padded = (count, by = ALIGNED) => by * Math.ceil(count / by);

/** In how many columns so many images are computed: one alone, several by eight. @param {number} batch */
export const columns = (batch) => (batch === 1 ? 1 : padded(batch, 8));

/** @typedef {{ weight: Float32Array, bias: Float32Array, outs: number, ins: number }} Affine rows of W are
 * padded to a multiple of four numbers, and their count as well */

export class Memory {
  /** @param {number} numbers how many it has room for, each piece padded
   * @throws {WebAssembly.CompileError} where a browser has no SIMD */
  constructor(numbers) {
    this.memory = new WebAssembly.Memory({ initial: Math.ceil((numbers * BYTES) / PAGE) });
    const code = Uint8Array.from(atob(PRODUCT), (letter) => letter.charCodeAt(0));
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(code), { env: { memory: this.memory } });
    this.products = /** @type {Record<"one" | "many", (...numbers: number[]) => void>} */ (
      /** @type {unknown} */ (exports)
    );
    this.end = 0;
  }

  /** The next piece of so many numbers, all 0. @param {number} count */
  take(count) {
    const piece = new Float32Array(this.memory.buffer, this.end, count);
    this.end += padded(count) * BYTES;
    return piece;
  }

  /** Several layers with the same input, or inputs that are laid one after the other, as one product.
   * @param {Tensor[][]} weights rows of blocks, each [outs, ins] @param {Tensor[]} biases of each row of blocks
   * @returns {Affine} */
  affine(weights, biases) {
    const ins = weights[0].reduce((sum, { shape }) => sum + shape[1], 0);
    const outs = weights.reduce((sum, [{ shape }]) => sum + shape[0], 0);
    const weight = this.take(padded(outs) * padded(ins));
    const bias = this.take(padded(outs));
    let row = 0;
    weights.forEach((blocks, k) => {
      bias.set(biases[k].data, row);
      for (let r = 0; r < blocks[0].shape[0]; r++, row++) {
        let at = row * padded(ins);
        for (const { shape, data } of blocks) {
          weight.set(data.subarray(r * shape[1], (r + 1) * shape[1]), at);
          at += shape[1];
        }
      }
    });
    return { weight, bias, outs, ins };
  }

  /** y = W x + b for every column: x [ins, columns] and y [outs, columns] are pieces of this memory.
   * @param {Affine} affine @param {Float32Array} x @param {Float32Array} y @param {number} columns */
  multiply({ weight, bias, outs, ins }, x, y, columns) {
    const at = [weight.byteOffset, bias.byteOffset, x.byteOffset, y.byteOffset, padded(outs), padded(ins)];
    if (columns === 1) this.products.one(...at);
    else this.products.many(...at, columns);
  }
}
