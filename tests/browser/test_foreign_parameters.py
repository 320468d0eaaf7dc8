"""Parameters of an address that are not ours stay in it, whatever a page writes beside them."""

import re
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.support.visitor import Visitor

FOREIGN = [
    ("embed", "true"),
    ("embed_options", "show_padding"),
    ("embed_options", "light_theme"),
    ("utm_source", "class"),
    ("other", "a b&c=1"),
]
QUERY = "embed=true&embed_options=show_padding&embed_options=light_theme&utm_source=class"
QUERY += "&other=a%20b%26c%3D1"


def _foreign(visitor: Visitor) -> list[tuple[str, str]]:
    names = {name for name, _ in FOREIGN}
    return [one for one in parse_qsl(urlsplit(visitor.page.url).query) if one[0] in names]


@pytest.mark.parametrize(
    ("path", "own", "key"),
    [
        ("", "step", "End"),
        ("Generate", "step", "End"),
        ("Reconstruct", "step", "End"),
        ("Attention", "gx", ""),
        ("Train", "preset", ""),
        ("Compare", "step", "End"),
        ("Paper", "step", "End"),
    ],
)
def test_every_page_keeps_what_others_say_in_its_address(visit, home, path, own, key):
    visitor = visit("about:blank", has_stage=False)
    page = visitor.page
    page.goto(f"{home}/{path}?{QUERY}", wait_until="commit", timeout=60_000)
    if path == "Attention":
        page.locator(".lab [data-ref=image]").first.wait_for()
        page.get_by_role("button", name="Gaps").click()
    if key:
        button = page.get_by_role("button", name=re.compile("^(Play|Pause)$")).first
        button.wait_for(timeout=60_000)
        page.keyboard.press(key)
    page.wait_for_url(re.compile(rf"[?&]{own}="), wait_until="commit", timeout=60_000)
    assert _foreign(visitor) == FOREIGN


def test_turning_to_another_figure_takes_only_our_own_parameters_away(visit, home):
    visitor = visit(f"{home}/Paper?figure=1&seed=3&step=2&sample=2&{QUERY}", has_stage=False)
    page = visitor.page
    page.locator('[data-chosen="1"]').wait_for()
    page.get_by_role("tab", name="Figure 4", exact=False).click()
    page.wait_for_url(re.compile("figure=4"))
    shown = dict(parse_qsl(urlsplit(page.url).query))
    assert "seed" not in shown
    assert "step" not in shown
    assert "sample" not in shown
    assert _foreign(visitor) == FOREIGN
    link = page.locator("[data-ref=toLab]")
    link.wait_for()
    target = urlsplit(link.evaluate("(element) => element.href"))
    assert target.path == "/Attention"
    asked = parse_qsl(target.query)
    assert asked[:3] == FOREIGN[:3]
    assert {name for name, _ in asked[3:]} == {"image", "n", "gx", "gy", "delta", "sigma", "gamma"}
