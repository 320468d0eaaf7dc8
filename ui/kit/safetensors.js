// The safetensors bytes that Python sends to every component: the JSON text that stands in their
// metadata, and the arrays as { shape, data }.

/** @typedef {{ shape: number[], data: any }} Tensor
 * @typedef {Record<string, Tensor>} Tensors */

/** A number in half precision, of its bits. @param {number} h */
function half(h) {
  const [exponent, fraction] = [(h >> 10) & 31, h & 1023];
  const size = exponent ? (1 + fraction / 1024) * 2 ** (exponent - 15) : fraction * 2 ** -24;
  return h >> 15 ? -size : size;
}

/** @type {Record<string, (buffer: ArrayBuffer) => Uint8Array | Int32Array | Float32Array>} */
const ARRAYS = {
  U8: (buffer) => new Uint8Array(buffer),
  I32: (buffer) => new Int32Array(buffer),
  F16: (buffer) => Float32Array.from(new Uint16Array(buffer), half),
  F32: (buffer) => new Float32Array(buffer),
};

/** @param {Uint8Array} bytes @returns {{ meta: any, tensors: Tensors }} */
export function parseSafetensors(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = 8 + Number(view.getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, start)));
  const [text = "null"] = Object.values(header.__metadata__ ?? {}); // a checkpoint has none
  delete header.__metadata__;
  /** @type {Tensors} */ const tensors = {};
  for (const [name, { dtype, shape, data_offsets: place }] of Object.entries(header)) {
    const [from, to] = place;
    const data = bytes.slice(start + from, start + to); // a copy is always aligned
    tensors[name] = { shape, data: ARRAYS[dtype](data.buffer) };
  }
  return { meta: JSON.parse(text), tensors };
}
