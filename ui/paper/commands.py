"""The command lines that make the models which the figures show, all in this place.

Each is printed where its model is missing, with where its images are. Several lines are run one
after the other. Where a model is shipped, tests hold them against what its card says.
"""

_TRAIN = "python -m draw_core train --preset ten-minutes"
_RUN = "runs/mnist-two-digits"


def _classifier(family: str, name: str) -> str:
    return (
        f"python -m draw_core train --family {family} --preset paper --run-dir runs/{name} "
        f"--data cluttered:mnist --digits 58000\npython -m draw_core publish runs/{name} {name}"
    )


# By the names of the shipped models.
SHIPPED = {
    "mnist-no-attention": (
        f"{_TRAIN} --data mnist --name mnist-no-attention --seconds 0 --steps 30000 "
        "--batch-size 100 --num-steps 32 --z-size 32 --initial-canvas blank --learning-rate 4e-3 "
        "--warmup-steps 500 --no-read-attention --no-write-attention"
    ),
    "mnist-two-digits": (
        f"{_TRAIN} --run-dir {_RUN} --data two_digits:mnist --seconds 0 --steps 16000 "
        "--batch-size 64 --num-steps 24 --z-size 32 --read-size 7 --initial-canvas blank "
        "--learning-rate 4e-3 --warmup-steps 500\n"
        f"python -m draw_core train --resume --run-dir {_RUN} --steps 50000\n"
        f"python -m draw_core train --resume --run-dir {_RUN} --data two_digits_apart:mnist "
        "--steps 80000\n"
        f"python -m draw_core train --resume --run-dir {_RUN} --steps 100000"
    ),
    "cluttered-classifier": _classifier("glimpse", "cluttered-classifier"),
    "cluttered-baseline": _classifier("conv", "cluttered-baseline"),
    "cifar-colour": (
        f"{_TRAIN} --data cifar10 --name cifar-colour --seconds 0 --steps 8000 "
        "--batch-size 64 --num-steps 16 --enc-size 400 --dec-size 400 --z-size 64 --read-size 5 "
        "--write-size 5 --learning-rate 2e-3 --warmup-steps 500"
    ),
}
# Any model with windows.
ATTENTION = _TRAIN
CLASSIFIERS = f"{SHIPPED['cluttered-classifier']}\n{SHIPPED['cluttered-baseline']}"
HOUSE_NUMBERS = f"{_TRAIN} --data svhn --name svhn"

ALL = (ATTENTION, *SHIPPED.values(), CLASSIFIERS, HOUSE_NUMBERS)
