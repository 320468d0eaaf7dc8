"""What the page Paper holds, in the paper's order: each figure and table with its words.

All words are our own. A module of this package with the name of an entry shows it: see
:mod:`ui.paper.shell`.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Entry:
    """A figure or a table of the paper.

    Attributes:
        kind, number: as in the paper.
        title: what ours is called.
        paper: what the paper's shows, in our words.
        do: what to do with ours.
        notice: what to see in it.
    """

    kind: Literal["figure", "table"]
    number: int
    title: str
    paper: str
    do: str
    notice: str

    @property
    def key(self) -> str:
        """What an address calls it: ``"5"`` or ``"table2"``."""
        return str(self.number) if self.kind == "figure" else f"table{self.number}"

    @property
    def name(self) -> str:
        """What the paper calls it."""
        return f"{self.kind.title()} {self.number}"

    @property
    def module(self) -> str:
        """The module of this package that shows it."""
        return f"{self.kind}_{self.number}"


CONTENTS = (
    Entry(
        "figure",
        1,
        "A moving window paints digits",
        "Rows of digits in the making, a step per column. A frame marks what the network attends "
        "to; a thicker frame is a sharper window. Theirs is red, ours orange.",
        "Drag along the steps or press play. Click a frame of the film to enlarge it; ask for "
        "other samples.",
        "Does the window shrink while it paints, and when is it smallest? Where does its frame "
        "thicken? Does it travel along the strokes, as a pen would?",
    ),
    Entry(
        "figure",
        2,
        "The network, unrolled in time",
        "A usual variational autoencoder (VAE) makes its picture in one go. DRAW repeats the same "
        "chain, remembers between steps, and adds each result to a canvas.",
        "Click any box to see its tensor at that step, its shape, and its equation with the "
        "numbers of the moment. Drag along the steps.",
        "Only z passes from the shaded half of a step to the other. The canvas and the memory of "
        "the decoder go back to the next (dashed). Where there is a read window, that memory aims "
        "it.",
    ),
    Entry(
        "figure",
        3,
        "A grid of filters, and three ways to look",
        "A grid of small Gaussian filters lies on the picture. Three 12 × 12 patches of the same "
        "picture differ in stride (distance of the points) and spread (blur).",
        "Choose one of the four windows, the paper's three or the small grid. Drag it, or change "
        "stride δ and spread σ with the sliders. Take it to the page Attention for more.",
        "Stride decides how much of the picture fits in; spread decides how sharp each number of "
        "the patch is. Both large: the whole picture, blurred.",
    ),
    Entry(
        "figure",
        4,
        "Zoom in, and write it back",
        "A patch read from a picture through the filters, and what the same filters, transposed, "
        "make of the patch on an empty page.",
        "Drag the window, pull a corner to zoom, pull the dot to blur. The first and the last of "
        "its N × N filters are shown too.",
        "Writing back undoes reading only as far as the patch has kept something: a sharp, small "
        "window gives a sharp, small piece of the picture.",
    ),
    Entry(
        "figure",
        5,
        "Glimpses that find a digit in clutter",
        "A classifier on large pictures full of scraps of other digits. It sees one small glimpse "
        "per step and says at the end which digit is there.",
        "Choose a picture, then drag along its glimpses: the window, the patch, and what the "
        "network believes after each.",
        "How wide is the first look? When does the window find the digit, and does it close in? "
        "After which glimpse does the belief no longer change?",
    ),
    Entry(
        "figure",
        6,
        "Is it only repeating what it saw?",
        "Digits that the network made, and beside the last column the training images most like "
        "them, pixel by pixel.",
        "Click a digit: its five nearest training images appear, with their distances and with "
        "what differs.",
        "Has the nearest image the same strokes, or only a similar shape? The samples of a network "
        "that only repeats lie far nearer to training images than real test images do.",
    ),
    Entry(
        "figure",
        7,
        "The same without attention",
        "Digits in the making by a network that has no window and writes on the whole canvas at "
        "every step.",
        "Compare both films at the same step. Click a frame to enlarge it.",
        "In which film can you name the digit first? Which one sharpens everywhere at once, and "
        "in which does something small go along the lines?",
    ),
    Entry(
        "figure",
        8,
        "Two digits on one canvas",
        "Pictures with two digits, generated by a network trained on pairs at random places. Ours "
        "saw pairs anywhere, then only pairs 14 pixels apart or more, sideways or up and down: "
        "half the width of a digit, so that they may still touch.",
        "Drag along the steps and watch where the window spends them.",
        "Does the window finish one digit before it moves to the other? Nobody told the network "
        "that there are two things.",
    ),
    Entry(
        "figure",
        9,
        "Samples in colour",
        "Generated house numbers from street photographs (SVHN), and the training images nearest "
        "to the last column.",
        "Click a sample; if the training images are on this machine, the nearest appear beside it.",
        "One set of filters serves all three colours. What is right already: light, ground, "
        "shapes, details?",
    ),
    Entry(
        "figure",
        10,
        "Colour, step by step",
        "House numbers in the making. The frame marks the writing window, its thickness the "
        "sharpness.",
        "Drag along the steps, click a frame to enlarge it.",
        "How does the window's size change from the first step to the last? Which step lays the "
        "ground, and which draw details?",
    ),
    Entry(
        "figure",
        11,
        "What training costs, over time",
        "The cost on training and on validation images of house numbers, over the course of "
        "training.",
        "Point at a curve to read its values; drag a range to enlarge it, double-click to go back.",
        "Do both curves fall together? Where the test curve turns up while the other falls, a "
        "network begins to memorise its training images.",
    ),
    Entry(
        "figure",
        12,
        "Photographs, and their neighbours",
        "Small photographs (CIFAR-10) by the network, and the training images nearest to the last "
        "column.",
        "Click a sample; if the training images are on this machine, its five nearest appear with "
        "their distances.",
        "Can you name the thing, or only its colours and light? A blurred picture is near to many "
        "photographs, so its distances are small: near is not the same as copied.",
    ),
    Entry(
        "table",
        1,
        "Errors in clutter",
        "How often each network names the wrong digit on cluttered 100 × 100 pictures. RAM is an "
        "earlier network that looks in glimpses; theirs have a fixed size.",
        "Point at a dot to read it. The command prints our number again.",
        "In the paper, networks that look in glimpses err less than one that looks at everything, "
        "and DRAW, whose window can change its size, errs least. Is it so with ours?",
    ),
    Entry(
        "table",
        2,
        "What a digit costs, in nats",
        "The cost of describing a test digit (negative log-likelihood) under each model; for DRAW "
        "an upper bound on it. Less is better.",
        "Point at a dot to read it. The command prints our number again.",
        "A nat less per digit is much at this end of the scale: all models of these years lie "
        "within ten.",
    ),
    Entry(
        "table",
        3,
        "The networks and their sizes",
        "How many glimpses, hidden units and latents each network of the paper has, and how many "
        "points its windows have per side.",
        "Compare the paper's rows with ours; each of ours is read from the card beside its "
        "weights.",
        "In the paper a read window of 2 × 2 points does for digits: it can be moved and zoomed "
        "64 times.",
    ),
)
BY_KEY = {entry.key: entry for entry in CONTENTS}
