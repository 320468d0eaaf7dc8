"""What is painted on Generate."""

from dataclasses import asdict, dataclass

from ui.kit import seeds, state

SEED = seeds.setting()
N = state.whole_number("n", 16, 1, state.MAX_SAMPLES)
TEMPERATURE = state.number("temperature", 1.0, state.MAX_TEMPERATURE, state.TEMPERATURE_STEP)


@dataclass(frozen=True)
class Asked:
    """How many samples, of which seed, and how bold."""

    n: int
    seed: int
    temperature: float

    @classmethod
    def of(cls, said: object) -> "Asked | None":
        """What a browser says is asked, which may be anything; None unless it could be."""
        if not isinstance(said, dict):
            return None
        n, seed = N.parse(str(said.get("n"))), SEED.parse(str(said.get("seed")))
        temperature = TEMPERATURE.parse(str(said.get("temperature")))
        if n is None or seed is None or temperature is None:
            return None
        return cls(n, seed, temperature)

    @classmethod
    def now(cls) -> "Asked":
        """As the settings stand."""
        return cls(N.get(), SEED.get(), TEMPERATURE.get())

    def keep(self) -> None:
        """Makes the settings these."""
        N.put(self.n)
        SEED.put(self.seed)
        TEMPERATURE.put(self.temperature)

    def link(self, model: str) -> dict[str, str]:
        """What the address shall say."""
        values = asdict(self) | {"temperature": f"{self.temperature:g}"}
        return {"model": model, **{name: str(value) for name, value in values.items()}}
