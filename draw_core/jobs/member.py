"""A process of an embedded cluster, its scheduler or its worker.

What it is to be comes as one line of JSON on its standard input, so that the credentials of the
cluster stand neither on a command line nor in a variable. Dask hands them to OpenSSL in files of a
folder that only this user can read, and removes it at once.
"""

import json
import os
import shutil
import sys

from draw_core.jobs import settings
from draw_core.jobs.worker import SCRATCH


def main() -> None:
    """Runs until it is told to end; leaves nothing behind, whatever became of its server."""
    scratch = os.environ[SCRATCH]
    try:
        settings.use_own(scratch)
        from distributed.cli.dask_spec import main as run

        line = sys.stdin.readline()  # all that takes long is imported by now
        if line:  # else the server is gone
            spec = json.loads(line)
            run([*spec.pop("arguments"), "--spec", json.dumps(spec)], "dask spec")
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    main()
