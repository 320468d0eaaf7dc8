"""The page of the loop as a visitor has it: what its colours mean and where its parts are."""

import numpy as np
from playwright.sync_api import Locator, expect

from draw_core.families.draw.engine import ENGINE
from draw_core.families.rebuilt import Rebuilt
from tests.support import browser as machine
from tests.support.apps.loop import picture
from tests.support.visitor import OVERLAY, Visitor

T, SEED = 16, 5
STAGES = ("Error", "Read", "Encode", "Sample", "Decode", "Write", "Add")
PLAIN = {"read_attention": False, "write_attention": False, "num_steps": 1, "channels": 3}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def run_of(seed: int) -> Rebuilt:
    model = machine.pen()
    return ENGINE.reconstruct(model, picture(seed, model.config), "grey", seed)


def signed(pixels: np.ndarray) -> np.ndarray:
    """The values from -1 to 1 of signed colours: the square of how bright they are."""
    positive = pixels[..., 1] / 235
    negative = pixels[..., 2] / 255
    return np.where(negative > positive, -(negative**2), positive**2)


def units(pixels: np.ndarray) -> np.ndarray:
    """The values from -1 to 1 of hidden units: the logarithm of 1 + 10,000 |h| is how bright."""
    positive, negative = pixels[..., 1] / 235, pixels[..., 2] / 255
    size = np.expm1(np.maximum(positive, negative) * np.log1p(1e4)) / 1e4
    return np.where(negative > positive, -size, size)


def contrast(pixels: np.ndarray) -> np.ndarray:
    """To black, as the Web Content Accessibility Guidelines (1.4.11) have it."""
    part = pixels / 255
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    return (linear @ [0.2126, 0.7152, 0.0722] + 0.05) / 0.05


def node_of(visitor: Visitor, name: str) -> Locator:
    return visitor.stage.locator(f"[data-node={name}]")


def window_of(visitor: Visitor, node: str, kind: str) -> dict:
    return node_of(visitor, node).locator(f".window.{kind}").evaluate(OVERLAY)


def expect_stage(visitor: Visitor, stage: int) -> None:
    expect(visitor.stage).to_have_attribute("data-stage", str(stage))


def number_in(text: str) -> float:
    return float(text.replace("\N{MINUS SIGN}", "-"))
