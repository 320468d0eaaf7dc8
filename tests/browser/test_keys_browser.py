"""Keys mean the same on every keyboard, and the browser's own stay the browser's."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support import browser as machine
from ui.kit.linker import read

pytestmark = pytest.mark.browser

UI = machine.ROOT / "ui"
PAD = machine.ROOT / "tests" / "support" / "apps" / "pad.py"
UNDO, ERASER, SLOW, NEXT, BEFORE = "KeyZ", "KeyE", "KeyS", "KeyN", "KeyP"
LEFT, RIGHT = "BracketLeft", "BracketRight"

# What a keyboard types in these places, and which key of the page is meant.
LAYOUTS = {
    "Russian": {UNDO: "яz", ERASER: "уe", SLOW: "ыs", NEXT: "тn", BEFORE: "зp", "KeyY": "нy"}
    | {LEFT: "х[", RIGHT: "ъ]"},
    "Russian, capitals": {UNDO: "Яz", ERASER: "Уe", LEFT: "Х[", RIGHT: "Ъ]"},
    "Ukrainian": {SLOW: "іs", RIGHT: "ї]"},
    "Serbian": {UNDO: "ѕz", "KeyY": "зy", LEFT: "ш[", RIGHT: "ђ]"},
    "Greek": {UNDO: "ζz", ERASER: "εe", SLOW: "σs", NEXT: "νn", BEFORE: "πp", LEFT: "[["},
    "Greek, other signs": {"KeyQ": ";;", "KeyW": "ςw", RIGHT: "]]"},
    "Hebrew": {UNDO: "זz", ERASER: "קe", SLOW: "דs", NEXT: "מn", BEFORE: "פp"},
    "Hebrew, mirrored brackets": {LEFT: "]]", RIGHT: "[["},
    "Arabic": {UNDO: "ئz", ERASER: "ثe", SLOW: "سs", NEXT: "ىn", BEFORE: "حp"}
    | {LEFT: "ج[", RIGHT: "د]"},
    "Arabic, with Shift": {SLOW: "\N{ARABIC KASRATAN}s", ERASER: "\N{ARABIC DAMMA}e"},
    "Arabic, a ligature": {"KeyB": "لاb"},
    "Persian": {"Digit0": "۰0", LEFT: "ج[", RIGHT: "چ]"},
    "Devanagari": {UNDO: "\N{DEVANAGARI VOWEL SIGN E}z", LEFT: "ड["}
    | {RIGHT: "\N{DEVANAGARI SIGN NUKTA}]"},
    "Thai": {SLOW: "หs", "Minus": "ข-", "Equal": "ช=", LEFT: "บ[", RIGHT: "ล]"},
    "Georgian": {UNDO: "ზz"},
    "Armenian": {UNDO: "զz"},
    "Korean": {UNDO: "ㅋz"},
    "Japanese": {UNDO: "つz"},
    "German": {"KeyY": "zz", UNDO: "yy", LEFT: "üü", RIGHT: "++", "Minus": "ßß"},
    "French": {"KeyW": "zz", UNDO: "ww", "KeyM": ",,", "Digit0": "àà", "Equal": "=="},
    "Dvorak": {"Semicolon": "ss", "Slash": "zz", UNDO: ";;", ERASER: "..", SLOW: "oo", "KeyD": "ee"}
    | {"KeyL": "nn", NEXT: "bb", "KeyR": "pp", BEFORE: "ll"}
    | {LEFT: "//", RIGHT: "==", "Minus": "[["},
    "Colemak": {"KeyK": "ee", ERASER: "ff", BEFORE: ";;", "KeyR": "pp"},
    "Bépo": {LEFT: "zz", NEXT: "’’", "KeyW": "éé"},
    "Turkish": {"KeyI": "ıı"},
    "Polish": {UNDO: "zz"},
    "US": {UNDO: "Zz", LEFT: "[[", RIGHT: "]]", "Space": "  ", "Equal": "++", "Digit0": "00"},
}  # fmt: skip

CTRL, ALT, META, SHIFT, ALT_GRAPH = (
    {name: True} for name in ("ctrlKey", "altKey", "metaKey", "shiftKey", "modifierAltGraph")
)
# key, place, modifiers -> what it is alone, what it is as a command.
COMBINATIONS = [
    ("[", "Digit8", CTRL | ALT | ALT_GRAPH, "[", ""),  # German, Windows
    ("]", "Digit9", CTRL | ALT, "]", ""),
    ("[", "Digit8", ALT_GRAPH, "[", ""),  # German, Linux
    ("[", "Digit5", ALT, "[", ""),  # German, Mac
    ("]", "Minus", ALT_GRAPH, "]", ""),  # French
    ("€", "KeyE", CTRL | ALT | ALT_GRAPH, "", ""),
    ("ż", "KeyZ", ALT_GRAPH, "", ""),  # Polish
    ("Ω", "KeyZ", ALT, "", ""),  # Mac
    ("z", "KeyZ", ALT, "", ""),
    ("я", "KeyZ", ALT, "", ""),
    ("ArrowLeft", "ArrowLeft", ALT, "", ""),  # back
    ("[", "BracketLeft", META, "", "["),  # back, on a Mac
    ("[", "BracketLeft", META | ALT, "", ""),
    ("z", "KeyZ", CTRL, "", "z"),
    ("я", "KeyZ", CTRL, "", "z"),
    ("Я", "KeyZ", CTRL | SHIFT, "", "z"),
    ("ζ", "KeyZ", META, "", "z"),
    ("z", "KeyW", CTRL, "", "z"),  # French
    (";", "KeyZ", CTRL, "", ";"),  # Dvorak
    ("н", "KeyY", CTRL, "", "y"),
    ("s", "KeyS", CTRL, "", "s"),
    ("z", "KeyZ", CTRL | ALT, "", ""),
    ("Dead", "BracketLeft", {}, "Dead", ""),  # French, Spanish
    ("Unidentified", "KeyZ", {}, "z", ""),
    ("z", "", {}, "z", ""),
    ("z", "KeyZ", {"isComposing": True}, "", ""),
    ("z", "KeyZ", CTRL | {"isComposing": True}, "", ""),
    ("Process", "KeyZ", {"keyCode": 229}, "", ""),
    ("Enter", "NumpadEnter", {}, "Enter", ""),
    ("ArrowDown", "Numpad2", SHIFT, "ArrowDown", ""),
    ("+", "NumpadAdd", {}, "+", ""),
]

ASK = """
([key, code, options]) => {
  const event = new KeyboardEvent("keydown", { key, code, ...options });
  return [plainKey(event), commandKey(event)];
}
"""


@pytest.fixture(scope="module")
def keys(chromium: Browser) -> Iterator[Page]:
    """A page that knows the functions of keys.js."""
    page = chromium.new_page()
    page.add_script_tag(content=read("kit/keys.js").body)
    yield page
    page.close()


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_key_is_meant_by_what_it_types_or_else_by_its_place(keys, layout):
    for code, (*typed, meant) in LAYOUTS[layout].items():
        key = "".join(typed)
        assert keys.evaluate(ASK, [key, code, {}]) == [meant, ""], (key, code)


@pytest.mark.parametrize(("key", "code", "options", "alone", "command"), COMBINATIONS)
def test_combinations_are_the_browsers(keys, key, code, options, alone, command):
    assert keys.evaluate(ASK, [key, code, options]) == [alone, command]


def test_no_script_reads_keys_in_another_way():
    scripts = [path for path in UI.rglob("*.js") if path != UI / "kit/keys.js"]
    own = re.compile(r"event\.(key|code|keyCode|which)\b")
    assert [p.name for p in scripts if own.search(p.read_text(encoding="utf-8"))] == []


# ---- the pad


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with machine.Server(PAD, tmp_path_factory.mktemp("pad") / "log") as server:
        yield server.url


PRESS = """
(element, [key, code, options]) => {
  const all = { key, code, bubbles: true, composed: true, cancelable: true, ...options };
  return !element.dispatchEvent(new KeyboardEvent("keydown", all));
}
"""


def test_letters_and_brackets_of_any_keyboard_work_the_pad(url, visit):
    page = visit(url, has_stage=False).page
    page.locator(".pad[data-drawn]").wait_for()
    paper = page.get_by_role("application", name="Drawing pad")
    undo, redo = (page.get_by_role("button", name=name) for name in ("Undo", "Redo"))
    size = page.get_by_label("Thickness of the brush")

    def press(key: str, code: str, **options: bool) -> bool:
        """Whether the pad took the key for itself."""
        return paper.evaluate(PRESS, [key, code, options])

    for key in (" ", "ArrowRight", " "):
        assert press(key, key)
    expect(undo).to_be_enabled()
    for back, again in ((("я", {}), ("н", {})), (("я", CTRL), ("Я", CTRL | SHIFT))):
        assert press(back[0], "KeyZ", **back[1])
        expect(undo).to_be_disabled()
        assert press(again[0], "KeyZ" if again[1] else "KeyY", **again[1])
        expect(redo).to_be_disabled()
        expect(undo).to_be_enabled()
    assert press("ε", "KeyE")
    expect(page.get_by_label("Eraser")).to_be_checked()
    assert press("פ", "KeyP")
    expect(page.get_by_label("Pen", exact=True)).to_be_checked()
    thickness = [
        ("х", "BracketLeft", {}, "1"),
        ("]", "Digit9", CTRL | ALT | ALT_GRAPH, "2"),
        ("[", "Digit5", ALT, "1"),
        ("د", "BracketRight", {}, "2"),
        ("[", "Minus", {}, "1"),
        ("]", "Equal", {}, "2"),
    ]
    for key, code, options, value in thickness:
        assert press(key, code, **options), key
        expect(size).to_have_value(value)
    for key, code, options in [
        ("s", "KeyS", CTRL), ("ы", "KeyS", CTRL), ("p", "KeyP", META), ("е", "KeyT", CTRL),
        ("ArrowLeft", "ArrowLeft", ALT), ("[", LEFT, META), (";", "KeyZ", {}), (".", "KeyE", {}),
        ("z", "KeyZ", {"isComposing": True}), ("ż", "KeyZ", ALT_GRAPH), ("z", "KeyZ", CTRL | ALT),
    ]:  # fmt: skip
        assert not press(key, code, **options), key
    expect(undo).to_be_enabled()
    expect(size).to_have_value("2")
