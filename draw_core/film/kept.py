"""Answers about a film that are kept for as long as it lives, because a film never changes."""

import functools
from collections.abc import Callable
from typing import TypeVar
from weakref import WeakKeyDictionary

from draw_core.film.film import Film

Answer = TypeVar("Answer")


def kept(ask: Callable[[Film], Answer]) -> Callable[[Film], Answer]:
    """The same function, which computes its answer once for each film."""
    answers: WeakKeyDictionary[Film, Answer] = WeakKeyDictionary()

    @functools.wraps(ask)
    def asked(film: Film) -> Answer:
        try:
            return answers[film]
        except KeyError:
            return answers.setdefault(film, ask(film))

    return asked
