"""The choice of images: what there is, how to get it, what it looks like."""

import dataclasses
from collections.abc import Callable

import streamlit as st

from draw_core.data.registry import (
    COMPOSITES,
    DATASETS,
    FOLDER_PREFIX,
    DataError,
    Dataset,
    describe,
    is_available,
    nearly_there,
    pinned,
)
from ui.kit import page
from ui.kit.text import data_url, plain
from ui.models import cache, privacy
from ui.train import address, downloads, machine, preview as train_preview, upload as train_upload
from ui.train.advice import Facts

_PREVIEW_WAIT_S = 1.0
_STRIP_HEIGHT = 60


def choose(on_change: Callable[[], None]) -> bool:
    """The choice of a data set; returns whether it can be trained on now.

    Args:
        on_change: is called when another one was chosen.
    """
    data = address.DATA
    # A choice made here is told to the browser; any other is where its radio button begins.
    changed = train_upload.just_imported()
    if changed:
        data.put(changed)
        on_change()
    options = [*DATASETS, *privacy.my_sets(), train_upload.OWN]
    if data.get() not in options:
        if is_available(data.get()) and privacy.may_see(data.get()):
            options.insert(-1, data.get())
        else:  # uploaded images that were deleted meanwhile
            changed = address.default_data()
            data.put(changed)
            on_change()
    name = st.radio(
        "Which images should it learn from?",
        options,
        index=0 if changed else address.position(data, options),
        key=data.key,
        format_func=_title,
        captions=[_caption(name) for name in options],
        horizontal=True,
        on_change=on_change,
        width="stretch",
        persist_state="session",
    )
    if name == train_upload.OWN:
        with st.container(border=True):
            train_upload.show()
        return False
    if is_available(name):
        preview(name)
        train_upload.offer_deletion(name)
        return True
    _offer_download(DATASETS["mnist"] if name in COMPOSITES else describe(name))
    return False


def facts(name: str) -> Facts:
    """What advice needs to know of a data set and of this machine."""
    here = machine.this()
    facts = Facts(
        name, None, memory=here.memory, bfloat16=here.precision == "bfloat16", cores=here.cores
    )
    try:
        dataset = describe(name)
    except DataError:
        return facts
    drawn = dataset.shape[0] == 1
    return dataclasses.replace(
        facts, train_images=dataset.sizes.train, held_images=dataset.held, drawn=drawn
    )


def preview(name: str) -> None:
    """A strip of training images, as soon as there is something to read them with."""
    cache.warm_up()
    wait = None if train_preview.at_once(name) else _PREVIEW_WAIT_S
    st.fragment(_preview, run_every=wait)(name)


def _preview(name: str) -> None:
    height = describe(name).shape[1] + 4 if name in COMPOSITES else _STRIP_HEIGHT
    with page.boundary(), st.container(key="train_preview", height=height, border=False):
        if not train_preview.at_once(name):
            st.caption("Some of the images appear here in a moment.")
            return
        try:
            picture = train_preview.strip(name)
        except DataError as error:
            st.warning(plain(str(error)), icon=":material/warning:")
            return
        st.image(data_url(picture), width="content", alt="Some of the training images")


# Where the digits of a composite stand, for those who choose.
_PLACES = {
    "two_digits": "anywhere",
    "two_digits_apart": "14 pixels apart or more",
    "cluttered": "one among scraps",
}


def _title(name: str) -> str:
    if name == train_upload.OWN:
        return "**Your own**"
    return f"**{plain(describe(name).title, 40)}**"


def _caption(name: str) -> str:
    if name == train_upload.OWN:
        return "upload a zip archive of pictures"
    # With the digits of MNIST also where its files are broken.
    name = pinned(name, prefer_mnist=not is_available(name))
    dataset = describe(name)
    channels, height, width = dataset.shape
    kind = f"{height}×{width}, colour" if channels > 1 else f"{height}×{width}"
    size = f"{dataset.sizes.train:,} images, {kind}"
    if not is_available(name):
        return f"{size}  \n{_megabytes(dataset)} to download"
    if dataset.is_composed:
        kind, _, digits = name.partition(":")
        return f"{size}  \n{_PLACES[kind]}, of {describe(digits).title}"
    where = "on this server" if dataset.needs_download else "drawn by a program"
    return f"{size}  \n{'uploaded' if name.startswith(FOLDER_PREFIX) else where}"


def _megabytes(dataset: Dataset) -> str:
    return f"{(dataset.download_bytes or 0) / 1e6:.0f} MB"


def _offer_download(dataset: Dataset) -> None:
    """A button that fetches the images, then its progress, then what went wrong if it did."""
    active = downloads.state(dataset.name)
    if active is not None and active.running:
        st.fragment(_progress, run_every=0.5)(dataset.name, dataset.title)
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            f"Download {dataset.title} ({_megabytes(dataset)})",
            icon=":material/download:",
            key="train_download",
            on_click=downloads.start,
            args=(dataset.name,),
        )
        st.markdown(f"{dataset.how} {plain(dataset.source)}. Licence: {plain(dataset.licence)}.")
    if wrong := nearly_there(dataset.name):
        st.warning(plain(wrong, 600), icon=":material/warning:")
    if active is not None and active.error:
        st.error(plain(active.error), icon=":material/cloud_off:")


def _progress(name: str, title: str) -> None:
    with page.boundary():
        active = downloads.state(name)
        if active is None or not active.running:
            st.rerun()
        share = active.done / active.total if active.total else 0.0
        st.progress(
            min(1.0, share),
            f"Downloading {title}: {active.done / 1e6:.0f} of {active.total / 1e6:.0f} MB. It goes "
            "on if you leave this page.",
        )
