"""The linker of the components' scripts."""

from pathlib import Path

import pytest

from ui.kit import linker
from ui.kit.linker import LinkError, linked

COMPONENT = "export default function () {}\n"


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Writes scripts into a folder ``ui`` of the test's own."""
    monkeypatch.setattr(linker, "ROOT", tmp_path)
    linker.read.cache_clear()

    def files(**texts: str) -> None:
        for name, text in texts.items():
            path = tmp_path / f"{name.replace('__', '/')}.js"
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")

    yield files
    linker.read.cache_clear()


def test_a_script_is_its_modules_in_order_of_use(write):
    write(
        a__main='// Why.\n\nimport { one } from "../kit/one.js";\n'
        'import {\n  Two,\n} from "./two.js";\n\n'
        "export default function () {\n  // said\n  return new Two(one); // kept\n}\n",
        a__two='import { one } from "../kit/one.js";\n\n/**\n * A class.\n */\n'
        "export class Two {\n  /** @type {any} */ y;\n  x = /** @type {number} */ (one);\n}\n",
        kit__one="/** @type {number} */\nexport const one = 1;\n"
        "export async function unused() {}\n",
    )
    assert linked("a/main.js") == (
        "const one = 1;\nasync function unused() {}\n"
        "class Two {\n  y;\n  x = (one);\n}\n"
        "export default function () {\n  return new Two(one); // kept\n}\n"
    )


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ({"a__main": "export const x = 1;\n"}, "a/main.js has no default export"),
        (
            {"a__main": f'import {{ x }} from "../b/c.js";\n{COMPONENT}'},
            "there is no b/c.js, which a/main.js imports",
        ),
        (
            {"a__main": f'import {{ x, y }} from "./b.js";\n{COMPONENT}', "a__b": "const y = 1;\n"},
            "a/main.js imports x, y, which a/b.js does not export",
        ),
        (
            {
                "a__main": f'import {{ x }} from "./b.js";\nlet hidden = 2;\n{COMPONENT}',
                "a__b": "export const x = 1;\nfunction hidden() {}\n",
            },
            "hidden is declared in a/b.js and in a/main.js",
        ),
        (
            {
                "a__main": f'import {{ x }} from "./b.js";\n{COMPONENT}',
                "a__b": 'import { y } from "./c.js";\nexport const x = 1;\n',
                "a__c": 'import { x } from "./b.js";\nexport const y = 1;\n',
            },
            "import each other: a/b.js -> a/c.js -> a/b.js",
        ),
        (
            {
                "a__main": f'import {{ x }} from "./b.js";\n{COMPONENT}',
                "a__b": f"export const x = 1;\n{COMPONENT}",
            },
            "a/b.js is a component; a/main.js cannot import it",
        ),
        ({"a__main": f'import {{ x }} from "../../b.js";\n{COMPONENT}'}, "which lies outside"),
        ({"a__main": f"const [x, y] = [1, 2];\n{COMPONENT}"}, "several names at once: const"),
        ({"a__main": f"let x = 1, y = 2;\n{COMPONENT}"}, "several names at once: let x = 1, y"),
        ({"a__main": f"const x = `\n// kept?\n`;\n{COMPONENT}"}, "in a template, after: const x"),
        ({"a__main": f'import * as b from "./b.js";\n{COMPONENT}'}, "does not know: import"),
        ({"a__main": f'import {{ x as y }} from "./b.js";\n{COMPONENT}', "a__b": ""}, "x as y"),
        ({"a__main": f"export {{ x }};\n{COMPONENT}"}, "does not know: export"),
    ],
)
def test_what_cannot_be_linked_is_named_with_its_file(write, texts, message):
    write(**texts)
    with pytest.raises(LinkError) as caught:
        linked("a/main.js")
    assert message in str(caught.value)


def test_every_component_can_be_linked():
    """Also those that no page registers yet; registering would fail at the start of the app."""
    ui = Path(linker.__file__).parents[1]
    scripts = {path.relative_to(ui).as_posix(): path.read_text() for path in ui.rglob("*.js")}
    components = [path for path, text in scripts.items() if "\nexport default " in text]
    assert len(components) >= 15
    used: set[str] = set()

    def follow(path: str) -> None:
        used.add(path)
        for other in linker.read(path).imports:
            follow(other)

    for path in components:
        linked(path)
        follow(path)
    assert used == set(scripts), "a script that no component uses"
