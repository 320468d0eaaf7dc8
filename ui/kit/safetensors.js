// The safetensors bytes that Python sends to every component: the JSON text that stands in their
// metadata, and the arrays as { shape, data }.

/** @typedef {{ shape: number[], data: any }} Tensor
 * @typedef {Record<string, Tensor>} Tensors */

/** @type {Record<string, new (buffer: ArrayBufferLike) => Uint8Array | Float32Array>} */
const ARRAY_TYPES = { U8: Uint8Array, F32: Float32Array };

/** @param {Uint8Array} bytes @returns {{ meta: any, tensors: Tensors }} */
export function parseSafetensors(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = 8 + Number(view.getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, start)));
  const [text] = Object.values(header.__metadata__);
  delete header.__metadata__;
  /** @type {Tensors} */ const tensors = {};
  for (const [name, { dtype, shape, data_offsets: place }] of Object.entries(header)) {
    const [from, to] = place;
    const data = bytes.slice(start + from, start + to); // a copy is always aligned
    tensors[name] = { shape, data: new ARRAY_TYPES[dtype](data.buffer) };
  }
  return { meta: JSON.parse(text), tensors };
}
