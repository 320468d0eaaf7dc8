"""What a server does once its visitors have their pages."""

import threading
import time

import pytest

from tests.support.tiny_runs import wait_for
from ui.models.warm_up import WhenQuiet


def test_it_waits_for_the_last_page_and_is_done_once():
    done, shown = [], []
    work = WhenQuiet(lambda: done.append(time.monotonic()), 0.4, 60)
    for _ in range(4):
        shown.append(time.monotonic())
        work.page_shown()
        time.sleep(0.2)
    wait_for(lambda: done)
    assert done[0] - max(when for when in shown if when < done[0]) >= 0.4
    work.page_shown()
    time.sleep(0.6)
    assert len(done) == 1


def test_pages_without_end_do_not_put_it_off_for_ever():
    done = threading.Event()
    work = WhenQuiet(done.set, 0.5, 1.0)
    begun = time.monotonic()
    while not done.is_set() and time.monotonic() < begun + 60:
        work.page_shown()
        time.sleep(0.05)
    assert done.is_set()
    assert time.monotonic() - begun >= 1.0


def test_it_is_done_again_where_it_may_have_ended():
    done = []
    work = WhenQuiet(lambda: done.append(1), 0.0, 0.0, again=True)
    work.page_shown()
    wait_for(lambda: done == [1])
    wait_for(lambda: work.page_shown() or len(done) > 1)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_what_failed_once_is_tried_again():
    tries = []

    def fail() -> None:
        tries.append(1)
        raise OSError("the disk is full")

    work = WhenQuiet(fail, 0.0, 0.0, again=True)
    wait_for(lambda: work.page_shown() or len(tries) > 1)
