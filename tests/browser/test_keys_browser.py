"""Keys mean the same on every keyboard, and the browser's own stay the browser's."""

import re

from playwright.sync_api import expect

from tests.support import browser as machine

UI = machine.ROOT / "ui"
CTRL, ALT, META, SHIFT, ALT_GRAPH = (
    {name: True} for name in ("ctrlKey", "altKey", "metaKey", "shiftKey", "modifierAltGraph")
)


def test_no_script_reads_keys_in_another_way():
    scripts = [path for path in UI.rglob("*.js") if path != UI / "kit/keys.js"]
    own = re.compile(r"event\.(key|code|keyCode|which)\b")
    assert [p.name for p in scripts if own.search(p.read_text(encoding="utf-8"))] == []


# ---- the pad


PRESS = """
(element, [key, code, options]) => {
  const all = { key, code, bubbles: true, composed: true, cancelable: true, ...options };
  return !element.dispatchEvent(new KeyboardEvent("keydown", all));
}
"""


def test_letters_and_brackets_of_any_keyboard_work_the_pad(pad_url, visit):
    page = visit(pad_url, has_stage=False).page
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
        ("ArrowLeft", "ArrowLeft", ALT), ("[", "BracketLeft", META), (";", "KeyZ", {}),
        (".", "KeyE", {}), ("z", "KeyZ", {"isComposing": True}), ("ż", "KeyZ", ALT_GRAPH),
        ("z", "KeyZ", CTRL | ALT),
    ]:  # fmt: skip
        assert not press(key, code, **options), key
    expect(undo).to_be_enabled()
    expect(size).to_have_value("2")
