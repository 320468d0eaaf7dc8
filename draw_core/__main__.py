"""Lets ``python -m draw_core`` run the command line."""

from draw_core.cli import app
from draw_core.cli.common import printable_everywhere

if __name__ == "__main__":
    printable_everywhere()
    app(prog_name="python -m draw_core")
