"""A page that plays a reconstruction, which has a KL and a read window."""

import os
from pathlib import Path

import streamlit as st
import torch

import ui.kit.page  # noqa: F401 - its filter of the log
from draw_core.families.draw.film import film_of
from draw_core.store.checkpoint import load_checkpoint
from ui.kit.view import View
from ui.stage.stage import pack, stage

model, card = load_checkpoint(Path(os.environ["DRAW_CHECKPOINTS"]) / "mnist-attention")
images = torch.rand((2, 1, 28, 28), generator=torch.Generator().manual_seed(5))
trace = model(images, torch.Generator().manual_seed(6))
st.title("Reconstruction")
stage(pack(film_of(trace), view=View(0, 0)), key="stage")
