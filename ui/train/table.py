"""The table of everything that can be set for a training: symbol, meaning and limits."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Kind = Literal["whole", "number", "switch", "choice"]


@dataclass(frozen=True)
class Field:
    """One setting.

    Attributes:
        name: of the field of a configuration, and of the parameter of an address.
        group: heading under which the form shows it.
        kind: what its value is.
        symbol: as plain text, which a screen reader can read; empty where there is none.
        label: two or three words.
        meaning: what it is and what changes with it.
        low, high: limits of a number.
        options: of a choice, with what each means.
    """

    name: str
    group: str
    kind: Kind
    symbol: str
    label: str
    meaning: str
    low: float = 0
    high: float = 0
    step: float = 1
    options: Mapping[str, str] | None = None


NETWORK, WINDOWS, LEARNING = "The network", "Its windows", "How it learns"
LENGTH, MACHINE = "How long", "The machine"

FIELDS = {
    field.name: field
    for field in [
        Field(
            "num_steps",
            NETWORK,
            "whole",
            "T",
            "steps",
            "How often the network looks at the image and adds a stroke. More steps paint more "
            "finely; time and memory grow in proportion.",
            1,
            1024,
        ),
        Field(
            "z_size",
            NETWORK,
            "whole",
            "z",
            "latent numbers per step",
            "How many random numbers steer one stroke. They carry everything that the encoder "
            "tells the decoder.",
            1,
            8192,
        ),
        Field(
            "enc_size",
            NETWORK,
            "whole",
            "hᵉⁿᶜ",
            "encoder units",
            "Memory of the LSTM that looks at the image while the network learns. It is not needed "
            "to paint new images.",
            1,
            16384,
            16,
        ),
        Field(
            "dec_size",
            NETWORK,
            "whole",
            "hᵈᵉᶜ",
            "decoder units",
            "Memory of the LSTM that paints: what it knows of the strokes so far.",
            1,
            16384,
            16,
        ),
        Field(
            "initial_canvas",
            NETWORK,
            "choice",
            "c₀",
            "first canvas",
            "What the network begins to paint on.",
            options={
                "blank": "dark: one learned value",
                "data_mean": "the mean of the training images",
            },
        ),
        Field(
            "read_attention",
            WINDOWS,
            "switch",
            "",
            "Read through a window",
            "On: the encoder sees a small grid of points that it moves and zooms. Off: it sees the "
            "whole image at every step.",
        ),
        Field(
            "read_size",
            WINDOWS,
            "whole",
            "N",
            "points per side, reading",
            "The encoder sees N × N numbers of the image in one step.",
            1,
            1024,
        ),
        Field(
            "write_attention",
            WINDOWS,
            "switch",
            "",
            "Write through a window",
            "On: the decoder paints a small patch where its window stands. Off: it paints on every "
            "pixel at every step.",
        ),
        Field(
            "write_size",
            WINDOWS,
            "whole",
            "N",
            "points per side, writing",
            "The patch of one stroke has N × N numbers.",
            1,
            1024,
        ),
        Field(
            "max_write_side",
            WINDOWS,
            "number",
            "",
            "widest window, writing",
            "The largest side of the window, as a share of the page's: 0.3 makes it a pen that has "
            "to travel. 0 sets no bound, as in the paper.",
            0,
            1,
            0.05,
        ),
        Field(
            "binarisation",
            LEARNING,
            "choice",
            "x",
            "pixels",
            "How a grey value becomes a training pixel. The results of the paper are for black and "
            "white pixels.",
            options={
                "bernoulli": "black or white, drawn anew each time",
                "threshold": "black or white, cut at half",
                "grey": "grey, as they are",
            },
        ),
        Field(
            "batch_size",
            LEARNING,
            "whole",
            "B",
            "images per update",
            "The gradient is the mean over these images.",
            1,
            100_000,
        ),
        Field(
            "learning_rate",
            LEARNING,
            "number",
            "η",
            "learning rate",
            "The largest step of the Adam optimiser; it falls to zero towards the end along half a "
            "cosine.",
            1e-6,
            1.0,
            5e-4,
        ),
        Field(
            "warmup_steps",
            LEARNING,
            "whole",
            "",
            "warm-up updates",
            "The learning rate rises from zero over so many updates. This keeps the first, largest "
            "gradients from doing harm.",
            0,
            1_000_000,
            100,
        ),
        Field(
            "grad_clip",
            LEARNING,
            "number",
            "|g|",
            "gradient limit",
            "A longer gradient is shortened to this length, so that one bad batch cannot ruin the "
            "weights.",
            1e-3,
            1e6,
            1.0,
        ),
        Field(
            "steps",
            LENGTH,
            "whole",
            "",
            "updates at most",
            "Training ends after so many updates of the weights, or when the time is up.",
            1,
            10_000_000,
            1000,
        ),
        Field(
            "seconds",
            LENGTH,
            "number",
            "",
            "seconds at most",
            "Training ends after so many seconds of work on the weights. 0 sets no limit.",
            0,
            10_000_000,
            30,
        ),
        Field(
            "seed",
            LENGTH,
            "whole",
            "",
            "seed",
            "Names all random numbers: first weights, order of the images, noise. The same seed "
            "with the same settings trains the same network; under a limit of seconds nearly so, "
            "because the learning rate then follows the clock.",
            0,
            2**31 - 1,
        ),
        Field(
            "precision",
            MACHINE,
            "choice",
            "",
            "precision",
            "The bits of the numbers that are multiplied; sums always have 32. 16 are faster on "
            "processors that have them.",
            options={
                "float32": "32 bits",
                "bfloat16": "16 bits (bfloat16)",
            },
        ),
        Field(
            "threads",
            MACHINE,
            "whole",
            "",
            "threads",
            "Processor cores for this training. 0 takes all but one, so that the pages stay quick.",
            0,
            256,
        ),
        Field(
            "compiled",
            MACHINE,
            "switch",
            "",
            "Compile first",
            "Translates the whole network before it trains. That takes minutes, which do not "
            "count as time of training, and pays off in trainings of an hour or more. Pause and "
            "stop act only after it.",
        ),
    ]
}
