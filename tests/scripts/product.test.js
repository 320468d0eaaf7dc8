// The code of the matrix product is what its source compiles to: `npm run product` renews it.

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import test from "node:test";
import { fileURLToPath } from "node:url";

import asc from "assemblyscript/asc";

const FOLDER = fileURLToPath(new URL("../../ui/live/", import.meta.url));
const OPTIONS = ["-O3", "--runtime", "stub", "--enable", "simd", "--importMemory", "--noAssert"];
const PRODUCT = `${FOLDER}product_code.js`;

test("the compiled product is that of its source", async () => {
  const files = { "product.ts": readFileSync(`${FOLDER}product.ts`, "utf8") };
  let code = "";
  const { error, stderr } = await asc.main(["product.ts", ...OPTIONS, "--outFile", "product.wasm"], {
    readFile: (name) => files[name] ?? null,
    writeFile: (_, bytes) => {
      code = Buffer.from(bytes).toString("base64");
    },
    listFiles: () => [],
  });
  assert.equal(error, null, stderr.toString());
  const text = `// product.ts as \`npm run product\` compiled it.\n\nexport const PRODUCT =\n  "${code}";\n`;
  if (process.env.WRITE) writeFileSync(PRODUCT, text);
  assert.equal(readFileSync(PRODUCT, "utf8"), text);
});
