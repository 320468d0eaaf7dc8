// The matrix product of a layer, y = W x + b, four numbers at a time (WebAssembly SIMD).
//
// Compiled by `npm run product` into product_code.js. Arrays lie in one memory; arguments are byte
// addresses, multiples of 16. Rows of W have `ins` numbers, a multiple of 4.

/** One image: x [ins], y [outs], a multiple of 4. */
export function one(w: usize, bias: usize, x: usize, y: usize, outs: i32, ins: i32): void {
  const row: usize = <usize>ins << 2;
  for (let r = 0; r < outs; r += 4) {
    let a = f32x4.splat(0);
    let b = f32x4.splat(0);
    let c = f32x4.splat(0);
    let d = f32x4.splat(0);
    let at = w + <usize>r * row;
    for (let k: usize = 0; k < row; k += 16, at += 16) {
      const v = v128.load(x + k);
      a = f32x4.add(a, f32x4.mul(v128.load(at), v));
      b = f32x4.add(b, f32x4.mul(v128.load(at + row), v));
      c = f32x4.add(c, f32x4.mul(v128.load(at + 2 * row), v));
      d = f32x4.add(d, f32x4.mul(v128.load(at + 3 * row), v));
    }
    // The sums of the four lanes of each, in one vector: the transpose, added up.
    const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 2, 6), v128.shuffle<f32>(a, b, 1, 5, 3, 7));
    const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 4, 2, 6), v128.shuffle<f32>(c, d, 1, 5, 3, 7));
    const all = f32x4.add(v128.shuffle<f64>(ab, cd, 0, 2), v128.shuffle<f64>(ab, cd, 1, 3));
    const to = <usize>r << 2;
    v128.store(y + to, f32x4.add(all, v128.load(bias + to)));
  }
}

/** Many images: x [ins, batch], y [outs, batch]; outs a multiple of 4, batch of 8. */
export function many(w: usize, bias: usize, x: usize, y: usize, outs: i32, ins: i32, batch: i32): void {
  const row: usize = <usize>ins << 2;
  const line: usize = <usize>batch << 2;
  for (let r = 0; r < outs; r += 4) {
    const from = w + <usize>r * row;
    const b = bias + (<usize>r << 2);
    for (let n: usize = 0; n < line; n += 32) {
      let a0 = v128.load32_splat(b);
      let b0 = v128.load32_splat(b + 4);
      let c0 = v128.load32_splat(b + 8);
      let d0 = v128.load32_splat(b + 12);
      let a1 = a0;
      let b1 = b0;
      let c1 = c0;
      let d1 = d0;
      let v = x + n;
      let at = from;
      for (let k = 0; k < ins; k++, at += 4, v += line) {
        const p = v128.load(v);
        const q = v128.load(v + 16);
        const wa = v128.load32_splat(at);
        a0 = f32x4.add(a0, f32x4.mul(wa, p));
        a1 = f32x4.add(a1, f32x4.mul(wa, q));
        const wb = v128.load32_splat(at + row);
        b0 = f32x4.add(b0, f32x4.mul(wb, p));
        b1 = f32x4.add(b1, f32x4.mul(wb, q));
        const wc = v128.load32_splat(at + 2 * row);
        c0 = f32x4.add(c0, f32x4.mul(wc, p));
        c1 = f32x4.add(c1, f32x4.mul(wc, q));
        const wd = v128.load32_splat(at + 3 * row);
        d0 = f32x4.add(d0, f32x4.mul(wd, p));
        d1 = f32x4.add(d1, f32x4.mul(wd, q));
      }
      let to = y + <usize>r * line + n;
      v128.store(to, a0);
      v128.store(to + 16, a1);
      to += line;
      v128.store(to, b0);
      v128.store(to + 16, b1);
      to += line;
      v128.store(to, c0);
      v128.store(to + 16, c1);
      to += line;
      v128.store(to, d0);
      v128.store(to + 16, d1);
    }
  }
}
