// The pictures of a film: its segments, and what their bytes mean. draw_core/film/segments.py has the same.

/** @typedef {{ values: Float32Array, logits: Float32Array | null }} Codec what each byte means
 * @typedef {{ kind: string, name: string, arrays: Record<string, string>, codec: string, blank: number,
 *   num_steps: number, points: number | null, labels: string[], rule: string | null, unit: string,
 *   caption: string, meaning: string, power: number, texts: string[][] }} Part as describe() says it
 * @typedef {{ numSteps: number, samples: number, channels: number, height: number, width: number,
 *   codec: Codec, bytes: (k: number, sample: number) => Uint8Array,
 *   byte: (k: number, sample: number, i: number) => number, paints: string,
 *   moved?: (values: Float32Array, sample: number) => Float32Array }} Segment byte: one of its bytes; paints: what
 *   a step paints, "" for any part of the canvas; moved: what each step 0..K adds to the values and takes away,
 *   where one pass finds it for all steps */

// A canvas byte q holds round(255 sigmoid(c / 2)): see draw_core/film/codecs.py.
export const BYTE_LOGIT = Float32Array.from({ length: 256 }, (_, q) => {
  const s = Math.min(254.75, Math.max(0.25, q)) / 255;
  return 2 * Math.log(s / (1 - s));
});
export const BYTE_PROBABILITY = BYTE_LOGIT.map((c) => 1 / (1 + Math.exp(-c)));
/** @type {Record<string, Codec>} */
const CODECS = {
  bernoulli: { values: BYTE_PROBABILITY, logits: BYTE_LOGIT },
  plain: { values: Float32Array.from({ length: 256 }, (_, q) => q / 255), logits: null },
};

/** How the pictures of a segment are had of its arrays.
 * @type {Record<string, (part: Part, arrays: Tensors) => Segment>} */
export const SEGMENTS = {
  frames(part, { pixels: { shape, data } }) {
    const [states, samples, ...size] = shape;
    return segment(part, states - 1, samples, size, (k, sample) => slice(data, k * samples + sample, count(size)));
  },
  raster(part, { final, order }) {
    const [samples, ...size] = final.shape;
    const [each, { data }, { blank }] = [count(size), final, part];
    /** @type {Int32Array} */ const steps = order.data; // of each value, or of each pixel in all channels
    const numSteps = steps.reduce((a, b) => Math.max(a, b), 0);
    const isOne = numSteps === steps.filter(Boolean).length;
    const byte = (/** @type {number} */ k, /** @type {number} */ sample, /** @type {number} */ i) =>
      steps[i % steps.length] <= k ? data[sample * each + i] : blank;
    /** @type {Segment["bytes"]} */ const bytes = (k, sample) => {
      const out = new Uint8Array(each);
      for (let i = 0; i < each; i++) out[i] = byte(k, sample, i);
      return out;
    };
    return segment(part, numSteps, samples, size, bytes, {
      byte,
      paints: !isOne ? "some pixels" : order.shape[0] > 1 ? "one value of a pixel" : "one pixel",
      moved(values, sample) {
        const moved = new Float32Array(2 * numSteps + 2);
        for (let i = 0; i < each; i++) {
          const change = values[data[sample * each + i]] - values[blank];
          moved[2 * steps[i % steps.length] + Number(change < 0)] += Math.abs(change);
        }
        return moved.fill(0, 0, 2); // what was given
      },
    });
  },
  still(part, { picture: { shape, data } }) {
    const [samples, ...size] = shape;
    return segment(part, part.num_steps, samples, size, (_, sample) => slice(data, sample, count(size)));
  },
};

/** @param {Part} part @param {number} numSteps @param {number} samples @param {number[]} size
 * @param {Segment["bytes"]} bytes @param {Partial<Segment>} more @returns {Segment} */
function segment({ codec }, numSteps, samples, [channels, height, width], bytes, more = {}) {
  /** @type {Segment["byte"]} */ const byte = (k, sample, i) => bytes(k, sample)[i];
  return { numSteps, samples, channels, height, width, codec: CODECS[codec], bytes, byte, paints: "", ...more };
}

const count = (/** @type {number[]} */ size) => size.reduce((a, b) => a * b, 1);
export const slice = (/** @type {any} */ data, /** @type {number} */ index, /** @type {number} */ each) =>
  data.subarray(index * each, (index + 1) * each);

/** A picture [C, h, w] in another size, each pixel from the one that lies at its centre.
 * @param {Uint8Array} bytes @param {Segment} from @param {Segment} to */
export function resized(bytes, from, to) {
  const out = new Uint8Array(to.channels * to.height * to.width);
  for (let c = 0, i = 0; c < to.channels; c++) {
    const plane = (c % from.channels) * from.height;
    for (let y = 0; y < to.height; y++) {
      const row = (plane + Math.floor(((y + 0.5) * from.height) / to.height)) * from.width;
      for (let x = 0; x < to.width; x++) out[i++] = bytes[row + Math.floor(((x + 0.5) * from.width) / to.width)];
    }
  }
  return out;
}
