"""What every family of networks must do. A new one is tested by being registered."""

import copy
import dataclasses
import importlib
import json
import math
import zipfile

import numpy as np
import pytest
import torch

from draw_core.base.fields import described, setting
from draw_core.base.settings import TrainConfig
from draw_core.cli.settings import with_settings
from draw_core.data.composed.composites import open_composer
from draw_core.data.datasets import load
from draw_core.families.classifier import Classifier
from draw_core.families.classifier_config import ClassifierConfig, ClassifierTraining
from draw_core.families.draw.config import DrawConfig
from draw_core.families.engine import Engine
from draw_core.families.family import ERROR, Family
from draw_core.families.rebuilt import Rebuilt
from draw_core.families.registry import FAMILIES, UnknownFamily, family_of, find
from draw_core.film.description import describe
from draw_core.film.files import load_film, to_npz
from draw_core.learning.train import TrainState, new_model, train
from draw_core.measure.evaluate import evaluate, result_of
from draw_core.runs.config import RunConfig
from tests.support import process
from tests.support.toy_families import ALL, families, register

SHAPE = (1, 9, 8)  # channels, height, width
BATCH = 6
TRAINING = {"steps": 4, "batch_size": BATCH, "learning_rate": 1e-3, "warmup_steps": 0}


@pytest.fixture(autouse=True)
def _with_toys(monkeypatch) -> None:
    register(monkeypatch)


def able(*abilities: str):
    """Those families that can be asked for one of these."""
    found = {name: f for name, f in ALL.items() if f.abilities & set(abilities)}
    return pytest.mark.parametrize("family", found.values(), ids=found)


@pytest.fixture(scope="module")
def images() -> torch.Tensor:
    """Dark pages with a bright bar somewhere."""
    source = torch.Generator().manual_seed(0)
    images = torch.zeros(24, *SHAPE, dtype=torch.uint8)
    for image, column in zip(images, torch.randint(0, 7, (24,), generator=source), strict=True):
        image[:, 2:7, column : column + 2] = 230
    return images


@pytest.fixture(scope="module")
def labels(images) -> torch.Tensor:
    """Whether the bar stands in the left half."""
    columns = images.float().sum(dim=(1, 2))
    return (columns[:, :4].sum(dim=1) < columns[:, 4:].sum(dim=1)).long()


def small(family: Family):
    """The network of the quickest preset, for small images of two kinds."""
    return next(iter(family.presets.values())).model_for(*SHAPE).answering(2)


def ready(family: Family, images: torch.Tensor, labels: torch.Tensor):
    """A network, pixels, and what it is given beside them."""
    model = new_model(small(family), images, seed=1)
    x, source = (images[:BATCH] > 127).float(), torch.Generator().manual_seed(3)
    return model, x, family.load_engine().given(model, x, labels[:BATCH], source)


def how(family: Family, **changes) -> TrainConfig:
    """How a network of this family is trained here."""
    return family.training(**{**TRAINING, **changes})


# ---- what it says of itself


@families
def test_a_configuration_goes_to_json_and_back(family):
    for preset in family.presets.values():
        assert type(preset.model) is family.config
        assert type(preset.training) is family.training
        assert family.config.from_dict(json.loads(preset.model.to_json())) == preset.model
        assert family.training.from_dict(json.loads(preset.training.to_json())) == preset.training
        run = RunConfig("a name", "strokes", preset.model, preset.training, preset=preset.name)
        assert RunConfig.from_json(run.to_json()) == run
        assert family_of(preset.model) is family


@families
def test_what_is_said_of_it_is_complete(family):
    assert family.title
    assert family.about.endswith(".")
    assert family.presets
    for config in (family.config, family.training):
        for field in described(config):
            assert field.label
            assert not field.group or field.meaning.endswith(".")
            assert not field.needs or field.needs in {f.name for f in dataclasses.fields(config)}
    for name, preset in family.presets.items():
        assert preset.name == name
        assert preset.about.endswith(".")
        assert preset.model.summary
        for label, value in preset.model.facts():
            assert label
            assert value
    assert set(small(family).count_parameters()) <= set(family.parts)
    ours, training = ({f.name for f in described(c)} for c in (family.config, family.training))
    assert not ours & training, "a network and its training have a setting of the same name"


@pytest.mark.parametrize(("name", "kind"), [("data", str), ("read_size", bool), ("z_size", float)])
def test_a_setting_with_the_name_of_another_option_is_refused(name, kind):
    """The options of all families are those of one command."""
    field = setting(1, "label", "Meaning.", group="Network")
    other = dataclasses.make_dataclass("Other", [(name, kind, field)])

    def command(*, data: str | None = None, **settings):
        """Trains."""

    with pytest.raises(TypeError, match=f"{name} of Other needs another name"):
        with_settings(DrawConfig, other)(command)


@families
def test_what_names_pictures_is_asked_and_judged_by_it(family):
    classifies = family.classifies
    assert classifies == isinstance(family.load_engine(), Classifier)
    assert classifies == issubclass(family.config, ClassifierConfig)
    assert classifies == issubclass(family.training, ClassifierTraining)
    assert classifies == (family.objective is ERROR) == ("generate" not in family.abilities)


@families
def test_it_is_described_without_torch(family):
    module = importlib.import_module(family.config.__module__).__name__
    assert not process.imported(module) & {"torch", "numpy", "streamlit"}


def test_a_family_that_is_not_known_is_named():
    with pytest.raises(UnknownFamily, match="of the kind 'gan', which this version does not know"):
        find("gan")


@families
def test_numbers_of_a_preset_lie_within_their_limits(family):
    for preset in family.presets.values():
        for config in (preset.model, preset.training):
            for field in described(config):
                value = getattr(config, field.name)
                if field.kind in ("whole", "number") and value is not None:
                    assert field.low <= value <= field.high


# ---- what it computes


@families
def test_its_parameters_are_counted(family, images, labels):
    model, _, _ = ready(family, images, labels)
    counted = sum(p.numel() for p in model.parameters())
    assert sum(small(family).count_parameters().values()) == counted


@families
def test_its_costs_are_finite_and_of_each_image(family, images, labels):
    model, x, given = ready(family, images, labels)
    engine = family.load_engine()
    nll, kl, surrogate, measures = engine.terms(model, x, given)
    assert nll.shape == (BATCH,)
    assert kl.shape == (small(family).latent_steps, BATCH)
    assert nll.isfinite().all()
    assert kl.isfinite().all()
    alone = engine.terms(model, x[2:3], given[:, 2:3])
    torch.testing.assert_close(alone.nll, nll[2:3])
    torch.testing.assert_close(alone.kl, kl[:, 2:3])
    assert len(measures) == len(family.measures)
    for all_of_them, one in zip(
        (surrogate, *measures), (alone.surrogate, *alone.measures), strict=True
    ):
        if all_of_them is not None:
            torch.testing.assert_close(one, all_of_them[2:3])


def trainings(family: Family) -> list[TrainConfig]:
    """As it is trained by default, and with all limits that only this family has at their least."""
    inherited = {field.name for field in dataclasses.fields(TrainConfig)}
    own = [field for field in described(family.training) if field.name not in inherited]
    least = {field.name: field.low for field in own if field.kind in ("whole", "number")}
    return [how(family), how(family, **least)]


def add(gradients, model, x, given):
    """What is told, and the gradients, in one vector each."""
    model.zero_grad()
    told = gradients(x, given)
    grads = [torch.zeros_like(p) if p.grad is None else p.grad for p in model.parameters()]
    return torch.cat([v.flatten() for v in told]), torch.cat([g.flatten() for g in grads]).clone()


@families
def test_the_gradient_that_trains_it_is_that_of_autograd(family, images, labels):
    model, x, given = ready(family, images, labels)
    engine, model, x = family.load_engine(), model.double(), x.double()
    given = given.double() if given.is_floating_point() else given  # noise, or kinds

    def by_terms(x, given):
        """Of the terms alone, which know no limits."""
        nll, kl, surrogate, measures = engine.terms(model, x, given)
        (nll + kl.sum(dim=0) if surrogate is None else surrogate).mean().backward()
        return [v.detach() for v in (nll.mean(), kl.mean(dim=1), *(m.mean() for m in measures))]

    for training in (None, *trainings(family)):
        fast = engine.gradients(model, BATCH, None, training)
        plain = Engine.gradients(engine, model, BATCH, None, training)
        told, ours = add(fast, model, x, given)
        assert ours.abs().max() > 0
        for other in (plain, by_terms)[: 2 if training is None else 1]:
            told_there, theirs = add(other, model, x, given)
            torch.testing.assert_close(told, told_there, rtol=1e-9, atol=0)
            torch.testing.assert_close(ours, theirs, rtol=0, atol=1e-9 * theirs.abs().max().item())


@pytest.mark.parametrize("family", FAMILIES.values(), ids=FAMILIES)
def test_rounded_factors_change_its_gradient_by_their_precision_only(family, images, labels):
    model, x, given = ready(family, images, labels)
    engine = family.load_engine()
    for training in trainings(family):
        exact, rounded = (
            add(engine.gradients(model, BATCH, dtype, training), model, x, given)[1]
            for dtype in (torch.float32, torch.bfloat16)
        )
        difference = (rounded - exact).norm() / exact.norm()
        assert 1e-5 < difference < 0.05  # bfloat16 has 8 bits


@families
def test_an_update_moves_every_group_by_its_share(family, images, labels):
    """Adam's first step is the rate along every gradient, however long, but for the smallest."""
    model, x, given = ready(family, images, labels)
    for training in trainings(family):
        state = TrainState(copy.deepcopy(model), training)
        groups = state.engine.groups(state.model, training)
        shares = {p: group["share"] for group in groups for p in group["params"]}
        assert set(shares) == set(state.model.parameters())
        nll, kl, *_ = state.engine.gradients(state.model, BATCH, None, training)(x, given)
        before = [p.detach().clone() for p in state.model.parameters()]
        state.update(nll + kl.sum(), rate := 1e-2, training.grad_clip)
        for parameter, start in zip(state.model.parameters(), before, strict=True):
            gradient = torch.zeros_like(start) if parameter.grad is None else parameter.grad
            step = rate * shares[parameter] * gradient / (gradient.abs() + 1e-8)
            torch.testing.assert_close(start - parameter, step, rtol=1e-3, atol=1e-6)


@able("generate")
def test_an_importance_weight_is_that_of_the_terms_on_average(family, images, labels):
    """E log w is minus the bound: L_x + L_z, whose KL is exact, differs by noise of mean 0."""
    model, x, _ = ready(family, images, labels)
    engine = family.load_engine()
    draws = 300
    noise = engine.noise(model, draws * BATCH, torch.Generator().manual_seed(0))
    with torch.no_grad():
        terms, log_weight = engine.log_weights(model, x.repeat(draws, 1, 1, 1), noise)
    costs = terms.nll.double() + terms.kl.sum(dim=0).double()
    gap = (costs + log_weight).view(draws, BATCH)
    error = gap.std(dim=0) / math.sqrt(draws)
    assert (gap.mean(dim=0).abs() <= 5 * error + 1e-6).all()


@pytest.mark.trains
@families
def test_training_lowers_the_cost_and_goes_on_as_if_never_stopped(family, images, labels):
    config = how(family, steps=40, learning_rate=3e-3)

    def start():
        return TrainState(new_model(small(family), images, seed=0), config)

    whole = start()
    losses = [metrics.loss for metrics in train(whole, images, labels)]
    assert np.mean(losses[-6:]) < np.mean(losses[:6])

    first, second = start(), start()
    for metrics in train(first, images, labels):
        if metrics.step == 8:
            break
    second.load_tensors(first.tensors())
    list(train(second, images, labels))
    for one, other in zip(whole.model.parameters(), second.model.parameters(), strict=True):
        assert torch.equal(one, other)


@able("generate")
def test_its_bound_is_measured_and_importance_sampling_lowers_it(family, images, labels):
    model, _, _ = ready(family, images, labels)
    bound = evaluate(model, images, iwae=20, samples=3)
    assert bound.images == len(images)
    assert bound.nll_bound == pytest.approx(bound.L_x + bound.L_z)
    assert len(bound.kl) == small(family).latent_steps
    assert bound.iwae <= bound.nll_bound + 3 * bound.standard_error + 1e-6


@able("classify")
def test_its_errors_are_counted(family, images, labels):
    model, _, _ = ready(family, images, labels)
    engine = family.load_engine()
    found = result_of(model, images, labels, "grey")
    answers = engine.answers(model, images / 255)
    wrong = (answers.argmax(dim=-1) != labels).float().mean(dim=1)
    assert found.error == pytest.approx(100 * wrong[-1].item())
    assert found.loss == pytest.approx(
        torch.nn.functional.cross_entropy(answers[-1], labels).item()
    )
    assert len(found.after_glimpse) in (0, small(family).film_steps)
    flipped = result_of(model, images, 1 - labels, "grey")
    assert flipped.error == pytest.approx(100 - found.error)
    with pytest.raises(ValueError, match="more than the 2 kinds"):
        result_of(model, images, labels + 1, "grey")


@able("classify")
def test_what_it_believes_is_what_it_answers(family, images, labels):
    model, x, _ = ready(family, images, labels)
    engine = family.load_engine()
    belief = engine.look(model, x).vectors("belief").values
    expected = engine.answers(model, x).softmax(dim=-1)
    assert np.array_equal(belief, expected.detach().numpy())
    seen = engine.look_at(model, np.rint(255 * x[0].numpy()).astype(np.uint8), "grey")
    assert np.allclose(seen.film.vectors("belief").values[:, 0], belief[:, 0], atol=1e-6)
    assert not isinstance(seen, Rebuilt)  # which has a bound


@able("classify")
def test_composed_pages_come_in_new_arrangements(family):
    engine, training = family.load_engine(), how(family, digits=30)
    composer = open_composer("cluttered:strokes", "train")
    pages, labels = load("cluttered:strokes", "train")
    assert engine.count(pages, training) == 30
    numbers = torch.tensor([5, 7])
    (first, one), (second, other) = (engine.take(pages, labels, k, numbers) for k in (0, 1))
    assert torch.equal(one, other)
    assert not torch.equal(first, second)
    for turn, taken in enumerate((first, second), start=1):
        page = composer.images(turn * composer.count + numbers.numpy())
        assert np.array_equal(taken.numpy(), page)


# ---- what it makes


@able("generate")
def test_more_samples_leave_the_first_alone(family, images, labels):
    model, _, _ = ready(family, images, labels)
    engine = family.load_engine()
    two, five = engine.generate(model, 2, 7), engine.generate(model, 5, 7)
    (arrays, said), (first, said_of_first) = describe(two), describe(five.first(2))
    assert said == said_of_first
    assert arrays.keys() == first.keys()
    for name, array in arrays.items():  # the pictures, and every track
        # On some processors a larger batch is multiplied in another order.
        np.testing.assert_allclose(array, first[name], rtol=1e-4, atol=1e-6, err_msg=name)
    assert not np.array_equal(two.last, engine.generate(model, 2, 8).last)


@able("generate")
def test_samples_that_cannot_be_made_are_refused(family, images, labels):
    model, _, _ = ready(family, images, labels)
    engine = family.load_engine()
    with pytest.raises(ValueError, match="n is 0"):
        engine.generate(model, 0, 0)
    with pytest.raises(ValueError, match="temperature is -1"):
        engine.generate(model, 1, 0, -1.0)


@families
def test_its_films_play_and_are_known_again(family, images, labels, tmp_path):
    model, x, given = ready(family, images, labels)
    config, engine = small(family), family.load_engine()
    repainted = engine.repaint(model, x[:3], given[:, :3])
    made = [engine.generate(model, 3, 0)] if "generate" in family.abilities else []
    for film in (*made, repainted):
        assert film.num_steps >= 1
        assert film.shape == SHAPE
        assert film.is_finite
        (tmp_path / "film.npz").write_bytes(to_npz(film))
        stored = family.fitted(load_film(tmp_path / "film.npz"), config)
        assert stored is not None
        assert np.array_equal(stored.frames(), film.frames())
        with zipfile.ZipFile(tmp_path / "film.npz") as members:
            unpacked = sum(member.file_size for member in members.infolist())
        assert unpacked <= 3 * config.bytes_per_sample() + 4096  # what describes it
    assert (repainted.bars("kl") is not None) == (config.latent_steps > 0)
    other = dataclasses.replace(config, height=config.height + 1)
    assert family.fitted(repainted, other) is None


# ---- cards
