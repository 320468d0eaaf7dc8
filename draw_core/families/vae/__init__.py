"""The one-shot VAE, which makes a picture at once (Kingma and Welling 2014; Burda et al. 2016)."""

from draw_core.families.family import BOUND, Family
from draw_core.families.vae.config import VaeConfig
from draw_core.families.vae.presets import PRESETS

FAMILY = Family(
    name="vae",
    title="VAE",
    about="It makes the whole picture in one step, from one list of random numbers.",
    symbols=(
        "The network makes a picture at once, from *z* random numbers. Its encoder and its decoder "
        "have two layers of *h* units each. Parameters are the numbers that it learns."
    ),
    config=VaeConfig,
    objective=BOUND,
    presets=PRESETS,
    abilities=frozenset({"generate", "reconstruct"}),
    parts={
        "encoder": "encoder",
        "posterior": "to the latent numbers",
        "decoder": "decoder",
        "canvas": "to the pixels",
    },
    engine="draw_core.families.vae.engine",
    film="draw_core.families.vae.film",
)
