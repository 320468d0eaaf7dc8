// The random numbers of PyTorch on a processor: the same seed gives the same noise as there.
//
// torch.Generator is the Mersenne Twister of Matsumoto and Nishimura (1998), and torch.randn makes two
// normal numbers of two uniform ones (Box and Muller, 1958), in blocks of sixteen.

const LENGTH = 624;
const BLOCK = 16;

/** 32 random bits at a call. @param {number} seed */
function twister(seed) {
  const state = new Uint32Array(LENGTH);
  state[0] = seed;
  for (let i = 1; i < LENGTH; i++) {
    state[i] = Math.imul(1812433253, state[i - 1] ^ (state[i - 1] >>> 30)) + i;
  }
  let at = LENGTH;
  return () => {
    if (at === LENGTH) {
      for (let i = 0; i < LENGTH; i++) {
        const y = (state[i] & 0x80000000) | (state[(i + 1) % LENGTH] & 0x7fffffff);
        state[i] = state[(i + 397) % LENGTH] ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
      }
      at = 0;
    }
    let y = state[at++];
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    return (y ^ (y >>> 18)) >>> 0;
  };
}

/** So many standard normal numbers. More of the same seed begin with the same ones, block by block.
 * @param {number} count @param {number} seed 0 to 2^32 - 1 */
export function standardNormal(count, seed) {
  const bits = twister(seed);
  const numbers = Float32Array.from({ length: BLOCK * Math.ceil(count / BLOCK) }, () => (bits() & 0xffffff) * 2 ** -24);
  for (let from = 0; from < numbers.length; from += BLOCK) {
    for (let i = from, k = from + BLOCK / 2; i < from + BLOCK / 2; i++, k++) {
      const radius = Math.sqrt(-2 * Math.log(1 - numbers[i]));
      const angle = 2 * Math.PI * numbers[k];
      numbers[i] = radius * Math.cos(angle);
      numbers[k] = radius * Math.sin(angle);
    }
  }
  return numbers.subarray(0, count);
}

/** The noise [B, T, Z] of a batch, image by image, as draw_core/nets/noise.py draws it.
 * @param {{ num_steps: number, z_size: number }} config @param {number} batch @param {number} seed */
export const noiseOf = ({ num_steps: T, z_size: Z }, batch, seed) => standardNormal(batch * T * Z, seed);
