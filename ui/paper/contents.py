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


# Title, paper, do and notice of each, from number 1 on.
_FIGURES = (
    (
        "Digits, painted through a window",
        "Rows of digits in the making, one column per step. A red frame marks what the network "
        "attends to; a thicker frame is a sharper window. Our frame is orange and marks the "
        "window that writes.",
        "Drag along the steps, or press play. Click a frame of the film to enlarge it. The "
        "button Other samples paints new digits.",
        "When is the window smallest? Where does its frame thicken? Does it travel along the "
        "strokes, as a pen would?",
    ),
    (
        "The network, unrolled in time",
        "A usual variational autoencoder (VAE) makes its picture in one go. DRAW repeats the same"
        " chain of parts at every step, remembers between steps, and adds each result to a "
        "canvas.",
        "Click any box. You see its numbers at that step, their shape, and its equation with the "
        "values of the moment. Drag along the steps.",
        "Only the latents z pass from the shaded half of a step to the other half. Dashed lines "
        "lead to the next step: they carry the canvas and the decoder's memory, which aims the "
        "read window where there is one.",
    ),
    (
        "A grid of filters, and three ways to look",
        "A grid of small Gaussian filters lies on the picture. Three patches of 12 × 12 numbers, "
        "all read from one picture, differ in stride (how far apart the points are) and in spread"
        " (how far each point blurs).",
        "Choose one of the four windows: the paper's three, or the small grid. Drag it, or change"
        " its stride δ and spread σ with the sliders. The link below the picture takes it to the "
        "page Attention.",
        "Stride decides how much of the picture fits in. Spread decides how sharp each number of "
        "the patch is. Where both are large, you see the whole picture, blurred.",
    ),
    (
        "Zoom in, and write it back",
        "A patch is read from a picture through the filters. The same filters, transposed, then "
        "write it back on an empty page.",
        "Drag the window, pull a corner to zoom, and pull the dot at its side to blur. The first "
        "and the last of its N × N filters are shown too.",
        "Writing back restores only what the patch has kept: a small, sharp window gives a small,"
        " sharp piece of the picture.",
    ),
    (
        "Glimpses that find a digit in clutter",
        "A classifier looks at large pictures full of scraps of other digits. It sees one coarse "
        "glimpse per step, and after the last one it says which digit is there.",
        "Choose a picture, then drag along its glimpses. You see the window, the patch that it "
        "reads, and what the network believes after each glimpse.",
        "How wide is the first look? When does the window find the digit, and does it close in? "
        "After which glimpse does the belief no longer change?",
    ),
    (
        "Is it only repeating what it saw?",
        "Digits that a network made. Beside the last column stand the training images that are "
        "most like them, pixel by pixel.",
        "Click a digit. The five pictures nearest to it appear, with their distances and with "
        "what differs. They are training images where those are on this machine.",
        "Does the nearest picture have the same strokes, or only a similar shape? A network that "
        "only repeats makes samples far nearer to training images than real test images are.",
    ),
    (
        "The same without attention",
        "Digits in the making by a network that has no window: it writes on the whole canvas at "
        "every step.",
        "Compare both films at the same step. Click a frame to enlarge it.",
        "In which film can you name the digit first? In which one does the whole digit sharpen at"
        " once, and in which one does a part of it change at a time?",
    ),
    (
        "Two digits on one canvas",
        "Pictures with two digits, made by a network that learned from pairs at random places. "
        "Ours first saw pairs anywhere. Then it saw only pairs that are 14 pixels, half a digit, "
        "or more apart in x or in y, so two digits may still touch.",
        "Drag along the steps, and watch where the window is at each step.",
        "Does the window finish one digit before it moves to the other? Nobody told the network "
        "that there are two things.",
    ),
    (
        "Samples in colour",
        "House numbers, made by a network that learned from street photographs (SVHN), and the "
        "training images nearest to the last column.",
        "Click a sample to enlarge it. Where there are steps below it, drag along them to see how "
        "it was painted.",
        "One set of filters serves all three colours. What is right already: light, ground, "
        "shapes, details?",
    ),
    (
        "Colour, step by step",
        "House numbers in the making. The frame marks the window that writes; a thicker frame is "
        "a sharper window.",
        "Drag along the steps. Click a frame to enlarge it.",
        "How does the size of the window change from the first step to the last? Which steps lay "
        "the ground, and which draw details?",
    ),
    (
        "What training costs, over time",
        "The cost on training images and on test images of house numbers, over the course of "
        "training.",
        "Point at a curve to read its values. Drag across a range to enlarge it, and double-click"
        " to go back.",
        "Do both curves fall together? Where the test curve rises while the other still falls, a "
        "network has begun to memorise its training images.",
    ),
    (
        "Photographs, and their neighbours",
        "Small photographs, made by a network that learned from CIFAR-10, and the training images"
        " nearest to the last column.",
        "Click a sample. The five pictures nearest to it appear, with their distances and with "
        "what differs. They are training images where those are on this machine.",
        "Can you name the thing, or only its colours and its light? A blurred picture is near to "
        "many photographs, so its distances are small: near is not the same as copied.",
    ),
)
_TABLES = (
    (
        "Errors in clutter",
        "How often each network names the wrong digit on cluttered pictures of 100 × 100 pixels. "
        "RAM is an earlier network that looks in glimpses of a fixed size.",
        "Point at a dot to read it. Run the command beside a number to check it.",
        "In the paper, networks that look in glimpses err less than one that sees everything at "
        "once, and DRAW, whose window can change its size, errs least. Is it so with ours?",
    ),
    (
        "What a digit costs, in nats",
        "The cost of describing a test digit under each model (its negative log-likelihood). For "
        "DRAW it is an upper bound. Less is better.",
        "Point at a dot to read it. Run the command beside a number to check it.",
        "Here one nat is a big difference: all models of these years lie within ten nats of each "
        "other.",
    ),
    (
        "The networks and their sizes",
        "How many glimpses (steps), hidden units and latents each network of the paper has, and "
        "how many points its windows have per side.",
        "Compare the paper's rows with ours. Each of ours is read from the card beside its "
        "weights.",
        "In the paper, a read window of 2 × 2 points is enough for digits: it can be moved and "
        "zoomed 64 times.",
    ),
)
CONTENTS = (
    *(Entry("figure", number, *words) for number, words in enumerate(_FIGURES, 1)),
    *(Entry("table", number, *words) for number, words in enumerate(_TABLES, 1)),
)
BY_KEY = {entry.key: entry for entry in CONTENTS}
