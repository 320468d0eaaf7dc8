"""Lets ``python -m draw_core`` run the command line."""

from draw_core.cli import app

if __name__ == "__main__":
    app(prog_name="python -m draw_core")
