// Keys mean the same on every keyboard, and the browser's own stay the browser's.

import assert from "node:assert/strict";
import test from "node:test";

import { commandKey, plainKey } from "../../ui/kit/keys.js";

// What a keyboard types in these places, and which key of the page is meant: the last sign.
const LAYOUTS = {
  Russian: {
    KeyZ: "яz",
    KeyE: "уe",
    KeyS: "ыs",
    KeyN: "тn",
    KeyP: "зp",
    KeyY: "нy",
    BracketLeft: "х[",
    BracketRight: "ъ]",
  },
  "Russian, capitals": { KeyZ: "Яz", KeyE: "Уe", BracketLeft: "Х[", BracketRight: "Ъ]" },
  Ukrainian: { KeyS: "іs", BracketRight: "ї]" },
  Serbian: { KeyZ: "ѕz", KeyY: "зy", BracketLeft: "ш[", BracketRight: "ђ]" },
  Greek: { KeyZ: "ζz", KeyE: "εe", KeyS: "σs", KeyN: "νn", KeyP: "πp", BracketLeft: "[[" },
  "Greek, other signs": { KeyQ: ";;", KeyW: "ςw", BracketRight: "]]" },
  Hebrew: { KeyZ: "זz", KeyE: "קe", KeyS: "דs", KeyN: "מn", KeyP: "פp" },
  "Hebrew, mirrored brackets": { BracketLeft: "]]", BracketRight: "[[" },
  Arabic: { KeyZ: "ئz", KeyE: "ثe", KeyS: "سs", KeyN: "ىn", KeyP: "حp", BracketLeft: "ج[", BracketRight: "د]" },
  "Arabic, with Shift": { KeyS: "ٍs", KeyE: "ُe" },
  "Arabic, a ligature": { KeyB: "لاb" },
  Persian: { Digit0: "۰0", BracketLeft: "ج[", BracketRight: "چ]" },
  Devanagari: { KeyZ: "ेz", BracketLeft: "ड[", BracketRight: "़]" },
  Thai: { KeyS: "หs", Minus: "ข-", Equal: "ช=", BracketLeft: "บ[", BracketRight: "ล]" },
  Georgian: { KeyZ: "ზz" },
  Armenian: { KeyZ: "զz" },
  Korean: { KeyZ: "ㅋz" },
  Japanese: { KeyZ: "つz" },
  German: { KeyY: "zz", KeyZ: "yy", BracketLeft: "üü", BracketRight: "++", Minus: "ßß" },
  French: { KeyW: "zz", KeyZ: "ww", KeyM: ",,", Digit0: "àà", Equal: "==" },
  Dvorak: {
    Semicolon: "ss",
    Slash: "zz",
    KeyZ: ";;",
    KeyE: "..",
    KeyS: "oo",
    KeyD: "ee",
    KeyL: "nn",
    KeyN: "bb",
    KeyR: "pp",
    KeyP: "ll",
    BracketLeft: "//",
    BracketRight: "==",
    Minus: "[[",
  },
  Colemak: { KeyK: "ee", KeyE: "ff", KeyP: ";;", KeyR: "pp" },
  Bépo: { BracketLeft: "zz", KeyN: "’’", KeyW: "éé" },
  Turkish: { KeyI: "ıı" },
  Polish: { KeyZ: "zz" },
  US: { KeyZ: "Zz", BracketLeft: "[[", BracketRight: "]]", Space: "  ", Equal: "++", Digit0: "00" },
};

// Key, place, modifiers; what it is alone, what it is as a command.
const COMBINATIONS = [
  ["[", "Digit8", { ctrlKey: true, altKey: true, modifierAltGraph: true }, "[", ""], // German, Windows
  ["]", "Digit9", { ctrlKey: true, altKey: true }, "]", ""],
  ["[", "Digit8", { modifierAltGraph: true }, "[", ""], // German, Linux
  ["[", "Digit5", { altKey: true }, "[", ""], // German, Mac
  ["]", "Minus", { modifierAltGraph: true }, "]", ""], // French
  ["€", "KeyE", { ctrlKey: true, altKey: true, modifierAltGraph: true }, "", ""],
  ["ż", "KeyZ", { modifierAltGraph: true }, "", ""], // Polish
  ["Ω", "KeyZ", { altKey: true }, "", ""], // Mac
  ["z", "KeyZ", { altKey: true }, "", ""],
  ["я", "KeyZ", { altKey: true }, "", ""],
  ["ArrowLeft", "ArrowLeft", { altKey: true }, "", ""], // back
  ["[", "BracketLeft", { metaKey: true }, "", "["], // back, on a Mac
  ["[", "BracketLeft", { metaKey: true, altKey: true }, "", ""],
  ["z", "KeyZ", { ctrlKey: true }, "", "z"],
  ["я", "KeyZ", { ctrlKey: true }, "", "z"],
  ["Я", "KeyZ", { ctrlKey: true, shiftKey: true }, "", "z"],
  ["ζ", "KeyZ", { metaKey: true }, "", "z"],
  ["z", "KeyW", { ctrlKey: true }, "", "z"], // French
  [";", "KeyZ", { ctrlKey: true }, "", ";"], // Dvorak
  ["н", "KeyY", { ctrlKey: true }, "", "y"],
  ["s", "KeyS", { ctrlKey: true }, "", "s"],
  ["z", "KeyZ", { ctrlKey: true, altKey: true }, "", ""],
  ["Dead", "BracketLeft", {}, "Dead", ""], // French, Spanish
  ["Unidentified", "KeyZ", {}, "z", ""],
  ["z", "", {}, "z", ""],
  ["z", "KeyZ", { isComposing: true }, "", ""],
  ["z", "KeyZ", { ctrlKey: true, isComposing: true }, "", ""],
  ["Process", "KeyZ", { keyCode: 229 }, "", ""],
  ["Enter", "NumpadEnter", {}, "Enter", ""],
  ["ArrowDown", "Numpad2", { shiftKey: true }, "ArrowDown", ""],
  ["+", "NumpadAdd", {}, "+", ""],
];

// A pressed key as the browser tells of it.
const pressed = (key, code, { modifierAltGraph = false, ...options } = {}) => ({
  key,
  code,
  keyCode: 0,
  isComposing: false,
  ctrlKey: false,
  altKey: false,
  metaKey: false,
  getModifierState: (name) => name === "AltGraph" && modifierAltGraph,
  ...options,
});

for (const [layout, places] of Object.entries(LAYOUTS)) {
  test(`a key is meant by what it types or else by its place: ${layout}`, () => {
    for (const [code, signs] of Object.entries(places)) {
      const all = [...signs];
      const meant = all.pop();
      const event = pressed(all.join(""), code);
      assert.deepEqual([plainKey(event), commandKey(event)], [meant, ""], code);
    }
  });
}

test("combinations are the browser's", () => {
  for (const [key, code, options, alone, command] of COMBINATIONS) {
    const event = pressed(key, code, options);
    const message = `${key} ${code} ${JSON.stringify(options)}`;
    assert.deepEqual([plainKey(event), commandKey(event)], [alone, command], message);
  }
});
