"""A process of an embedded cluster, its scheduler or its worker.

What it is to be comes as one line of JSON on its standard input, so that the credentials of the
cluster stand neither on a command line nor in a variable nor in a file.
"""

import json
import sys

from draw_core.jobs import settings


def main() -> None:
    """Runs until it is told to end."""
    settings.use_own()
    from distributed.cli.dask_spec import main as run

    line = sys.stdin.readline()  # all that takes long is imported by now
    if line:  # else the server is gone
        spec = json.loads(line)
        run([*spec.pop("arguments"), "--spec", json.dumps(spec)], "dask spec")


if __name__ == "__main__":
    main()
