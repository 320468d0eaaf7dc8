"""The cluster that trains: who may speak to it, what it survives, how it begins and ends."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
import pytest
from distributed import Client
from distributed.comm import connect
from distributed.security import Security

from draw_core import jobs
from draw_core.data.drawn import strokes
from draw_core.jobs import embedded
from draw_core.jobs.embedded import Embedded
from draw_core.runs.registry import Run
from tests.support import process, tiny_runs
from tests.support.queued import LONG, is_alive, pid_of, submit_until, wait
from tests.support.tiny_runs import wait_for


def test_a_stranger_on_this_computer_is_kept_out(root):
    jobs.warm_up()
    wait_for(lambda: jobs.cluster_status().workers == 1)
    status = jobs.cluster_status()
    cluster = [psutil.Process(pid) for pid in status.pids]
    # Not all children: other tests may keep servers.
    sockets = [c for p in (psutil.Process(), *cluster) for c in p.net_connections()]
    listening = [c.laddr for c in sockets if c.status == psutil.CONN_LISTEN]
    assert {address.ip for address in listening} == {"127.0.0.1"}
    assert len(listening) == 2  # scheduler and worker, neither with pages

    ours, stranger = jobs._dispatcher.cluster._client.security, Security.temporary()
    for address in listening:
        url = f"tls://127.0.0.1:{address.port}"
        assert asyncio.run(_identity(url, ours)) in ("SilentScheduler", "SilentWorker")
        for other, security in ((url, stranger), (url.replace("tls", "tcp"), Security())):
            with pytest.raises((OSError, TimeoutError)):
                asyncio.run(_identity(other, security))
    with pytest.raises((OSError, TimeoutError)):
        Client(status.address, security=stranger, timeout="3s", set_as_default=False)

    secret = ours.tls_client_key.splitlines()[1]
    scratch = Path(cluster[1].environ()["DRAW_SCRATCH"])
    assert scratch.stat().st_mode & 0o777 == 0o700
    # Both import modules from their own folder first: it may be where nobody else can put any.
    own = {found.name.partition("-")[0] for found in scratch.glob("*/silent*") if found.is_dir()}
    assert own == {"silentscheduler", "silentworker"}
    for place in (*cluster, *scratch.rglob("*")):
        said = [*place.cmdline(), *place.environ().values()] if place in cluster else []
        said += [place.read_text()] if isinstance(place, Path) and place.is_file() else []
        assert not any(secret in text for text in said), place
    jobs.shutdown()
    assert not scratch.exists()


async def _identity(url: str, security: Security) -> str:
    """What a member of a cluster says of itself to whoever may ask."""
    arguments = security.get_connection_args("client") if security.tls_client_cert else {}
    comm = await connect(url, timeout=3, **arguments)
    try:
        await comm.write({"op": "identity", "reply": True})
        return (await asyncio.wait_for(comm.read(), 30))["type"]
    finally:
        comm.abort()


HOSTILE = """
temporary-directory: /nowhere
scheduler-address: tcp://127.0.0.1:1
logging: {version: 1, handlers: {file: {class: no.such.Handler}}}
distributed:
  comm:
    require-encryption: true
    default-scheme: tls
    compression: no-such-compression
    timeouts: {connect: 1ms, tcp: 1ms}
    tls: {ca-file: /nowhere, ciphers: none-such, max-version: 1.1}
  worker:
    lifetime: {duration: 1s, stagger: 0s, restart: false}
    memory: {target: 0.0001, spill: 0.0001, pause: 0.0001, terminate: 0.0001}
    preload: [no_such_module]
    resources: {nothing: 1}
    blocked-handlers: [compute-task, identity]
    multiprocessing-method: none-such
  scheduler:
    allowed-failures: 0
    idle-timeout: 1s
    no-workers-timeout: 1ms
    worker-ttl: 1ms
    contact-address: tcp://192.0.2.1:1
    preload: [no_such_module]
    blocked-handlers: [register-worker, register-client]
    pickle: false
    http: {routes: [no.such.module]}
  nanny: {preload: [no_such_module], environ: {PYTHONPATH: /nowhere}}
  client: {security-loader: no.such.loader, preload: [no_such_module]}
  admin: {event-loop: none-such, pdb-on-err: true}
"""


@pytest.mark.parametrize(
    ("file", "variables"),
    [
        (HOSTILE, {"DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION": "True", "DASK_CONFIG": "/"}),
        ("distributed: [", {"DASK_INTERNAL_INHERIT_CONFIG": "?", "DASK_DISTRIBUTED": "5"}),
    ],
    ids=["hostile", "damaged"],
)
def test_settings_of_dask_are_for_other_programs(
    root, mnist_root, references, monkeypatch, tmp_path, file, variables
):
    jobs.shutdown()
    folder = tmp_path / ".config" / "dask"
    folder.mkdir(parents=True)
    (folder / "distributed.yaml").write_text(file)
    for name, value in {"HOME": str(tmp_path), **variables}.items():
        monkeypatch.setitem(os.environ, name, value)
    run = tiny_runs.new(root, mnist_root)
    with _server(run) as server:
        wait_for(lambda: run.status().state == "finished" or server.poll() is not None)
        server.send_signal(signal.SIGINT)
        assert server.wait(timeout=60) == 0
        assert server.stderr.read() == "Stopping\n"
    assert run.status().retries == 0
    tiny_runs.same_training(run, references[12])


@pytest.mark.parametrize("file", [HOSTILE, "distributed: ["], ids=["hostile", "damaged"])
def test_settings_of_dask_beside_python_are_for_other_programs(tmp_path, file):
    (tmp_path / "etc" / "dask").mkdir(parents=True)
    (tmp_path / "etc" / "dask" / "distributed.yaml").write_text(file)
    program = """
import site, sys
folder = sys.argv[1]
sys.prefix, site.PREFIXES = folder, [folder]
from draw_core.jobs import settings
settings.use_own()
import distributed, dask.config
print(dask.config.get("distributed.scheduler.preload"), sys.prefix == folder, site.PREFIXES)
"""
    result = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        env=process.ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.stdout, result.stderr) == (f"[] True ['{tmp_path}']\n", "")


SERVER = """
import sys
from draw_core import jobs
from draw_core.runs.registry import find_run
for run_id in sys.argv[1:]:
    jobs.submit(find_run(run_id))
try:
    sys.stdin.read()
except KeyboardInterrupt:
    print("Stopping", file=sys.stderr)
"""


@contextmanager
def _server(*runs: Run) -> Iterator[subprocess.Popen]:
    """A process that trains runs, at the head of a group of its own as in a terminal."""
    with subprocess.Popen(
        [sys.executable, "-c", SERVER, *(run.id for run in runs)],
        env={**process.ENVIRONMENT, **os.environ, "PYTHONPATH": str(process.ROOT)},
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as server:
        try:
            yield server
        finally:
            server.kill()


@pytest.mark.parametrize("how", ["kill -9", "Ctrl-C"])
def test_a_restarted_server_goes_on_with_what_it_finds(root, mnist_root, references, how):
    running = tiny_runs.new(root, mnist_root, steps=LONG)
    queued, stopped = (tiny_runs.new(root, mnist_root) for _ in range(2))
    jobs.shutdown()  # this process would train them too
    with _server(running, queued) as server:
        wait_for(lambda: running.status().step > 30)
        worker = psutil.Process(pid_of(running))
        cluster = psutil.Process(server.pid).children(recursive=True)
        assert worker in cluster
        scratch = Path(worker.environ()["DRAW_SCRATCH"])
        if how == "kill -9":
            server.kill()
        else:
            os.killpg(server.pid, signal.SIGINT)  # as a terminal does
        began = time.monotonic()
        wait_for(lambda: not any(is_alive(p.pid) for p in cluster))  # nothing lingers
        assert not scratch.exists()
        server.wait(timeout=60)
        assert time.monotonic() - began < 60
        assert server.stderr.read() == ("" if how == "kill -9" else "Stopping\n")
    assert running.stored_status().state == "queued"  # it was saved
    assert running.stored_status().step > 30
    assert set(jobs.queue()) == {running.id, queued.id}
    assert set(jobs.resume_interrupted()) == {running.id, queued.id}
    wait(running, "finished")
    wait(queued, "finished")
    assert running.status().retries == 0
    assert stopped.status().state == "stopped"
    tiny_runs.same_training(running, references[LONG])
    tiny_runs.same_training(queued, references[12])
    assert jobs.resume_interrupted() == []


def test_a_cluster_that_is_killed_before_it_begins_leaves_nothing_behind(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    cluster = Embedded()
    cluster.kill()
    with pytest.raises(RuntimeError, match="this server ends"):
        cluster.begin()
    cluster.kill()  # as whoever began it does then
    assert list(tmp_path.iterdir()) == []


def test_no_scheduler_is_one_sentence(root, mnist_root, monkeypatch):
    jobs.shutdown()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens
        address = f"tcp://127.0.0.1:{taken.getsockname()[1]}"
        monkeypatch.setenv("DRAW_SCHEDULER", address)
        monkeypatch.setattr("draw_core.jobs.cluster._START_S", 1.0)
        run = tiny_runs.new(root, mnist_root)
        jobs.submit(run)
        wait_for(lambda: jobs.cluster_status().fault)
        assert jobs.cluster_status().fault.startswith(f"No worker could be reached at {address}")
        assert jobs.place(run.id) == 1
        jobs.shutdown()


def test_two_workers_of_another_cluster_train_at_the_same_time(
    root, mnist_root, references, monkeypatch, tmp_path
):
    jobs.shutdown()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    dask = [sys.executable, "-m", "dask"]
    local = ["--dashboard-address", "127.0.0.1:0"]
    scheduler = [*dask, "scheduler", "--host", "127.0.0.1", "--port", str(port), *local]
    worker = [*dask, "worker", address, "--nthreads", "1", "--no-nanny", "--host", "127.0.0.1"]
    worker += ["--local-directory", str(tmp_path), "--preload", "draw_core.jobs.worker", *local]
    with ExitStack() as stack:
        processes = [
            stack.enter_context(
                subprocess.Popen(command, env=process.ENVIRONMENT, stderr=subprocess.DEVNULL)
            )
            for command in (scheduler, worker, worker)
        ]
        try:
            monkeypatch.setenv("DRAW_SCHEDULER", address)
            one, two = (tiny_runs.new(root, mnist_root) for _ in range(2))
            submit_until(one, 4)
            submit_until(two, 6)
            wait(one, "paused")
            wait(two, "paused")
            assert {pid_of(one), pid_of(two)} == {p.pid for p in processes[1:]}
            status = jobs.cluster_status()
            assert (status.kind, status.workers, status.address) == ("remote", 2, address)
            assert jobs.queue() == []
            jobs.request(one, resume=True)
            jobs.request(two, resume=True)
            wait(one, "finished")
            wait(two, "finished")
            tiny_runs.same_training(one, references[12])
            tiny_runs.same_training(two, references[12])

            third = tiny_runs.new(root, mnist_root)
            submit_until(third, 5)
            wait(third, "paused")
            killed = pid_of(third)
            os.kill(killed, signal.SIGKILL)
            wait_for(lambda: third.stored_status().retries == 1)  # on the other worker
            wait(third, "paused")
            assert {pid_of(third), killed} == {p.pid for p in processes[1:]}
            jobs.request(third, resume=True)
            wait(third, "finished")
            tiny_runs.same_training(third, references[12])
            assert third.status().retries == 1
        finally:
            jobs.shutdown()
            for started in processes:
                started.kill()
    assert jobs.cluster_status().kind == "none"


def test_a_cluster_elsewhere_is_not_warmed_up(root, monkeypatch):
    jobs.shutdown()
    monkeypatch.setenv("DRAW_SCHEDULER", "tcp://127.0.0.1:9")
    jobs.warm_up()
    assert jobs.cluster_status() == jobs.ClusterStatus("none")


def test_a_warm_cluster_is_ready_before_its_first_run(root, tmp_path, monkeypatch):
    monkeypatch.setenv("DRAW_DATA_ROOT", str(tmp_path))
    jobs.shutdown()
    jobs.warm_up()
    wait_for(lambda: jobs.cluster_status().workers == 1)
    pids = jobs.cluster_status().pids
    jobs.warm_up()
    assert jobs.cluster_status() == jobs.ClusterStatus(
        "embedded", jobs.cluster_status().address, 1, pids=pids
    )
    wait_for(strokes.are_made)
    jobs.shutdown()  # it has the folder of this test


@pytest.mark.parametrize("stuck", [0, 1])
def test_a_shutdown_waits_for_nobody_and_leaves_nothing_behind(
    root, mnist_root, monkeypatch, caplog, stuck
):
    monkeypatch.setattr(embedded, "SAVING_S", 3.0 if stuck else 30.0)
    run = tiny_runs.new(root, mnist_root)
    submit_until(run, 3)
    wait(run, "paused")
    pids = jobs.cluster_status().pids
    assert len(pids) == 2
    os.kill(pids[stuck], signal.SIGSTOP)
    began = time.monotonic()
    jobs.shutdown()
    assert time.monotonic() - began < 60
    assert not any(is_alive(pid) for pid in pids)
    if not stuck:
        assert run.stored_status().worker is None  # the worker had its chance
    assert not caplog.records
