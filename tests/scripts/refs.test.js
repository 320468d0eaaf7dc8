// Every element that a script asks for by its data-ref stands in the markup of its component.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import test from "node:test";

const UI = new URL("../../ui/", import.meta.url).pathname;
const text = (path) => readFileSync(join(UI, path), "utf8");
const markup = (path) => text(path).replace(/<!-- ([\w/]+\.html) -->/g, (_, name) => markup(name));

// A script and all that it imports.
function modules(path, found = new Set()) {
  if (found.has(path)) return found;
  found.add(path);
  for (const [, to] of text(path).matchAll(/from "(\.[\w./]+)"/g)) modules(join(dirname(path), to), found);
  return found;
}

// refs.name, but not refs.name?., and const { name, ... } = ... refs.
function asked(script) {
  const direct = [...script.matchAll(/\brefs\.(\w+)\b(?!\?)/g)].map(([, name]) => name);
  const taken = [...script.matchAll(/const \{([^{}]+)\} = [\w.]*\brefs;/g)].flatMap(([, names]) => names.split(","));
  return [...direct, ...taken.map((name) => name.split(":")[0].trim()).filter(Boolean)];
}

const components = readdirSync(UI, { recursive: true }).filter(
  (path) => path.endsWith(".js") && text(path).includes("export default component("),
);
const offered = (path) =>
  [...markup(path.replace(/js$/, "html")).matchAll(/data-ref="(\w+)"/g)].map(([, name]) => name);

test("there are components of all kinds", () => {
  assert.ok(components.length >= 12);
});

for (const path of components) {
  test(`${path} asks only for what is in its markup`, () => {
    const missing = [...modules(path)].flatMap((module) => {
      // A module of another component may ask for more, in parts that are not used here.
      const hosts = components.filter((host) => host === path || dirname(host) === dirname(module));
      const there = new Set(hosts.flatMap(offered));
      return asked(text(module)).filter((name) => !there.has(name));
    });
    assert.ok([...modules(path)].flatMap((module) => asked(text(module))).length > 2);
    assert.deepEqual(missing, []);
  });
}
