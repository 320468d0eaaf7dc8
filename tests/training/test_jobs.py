"""Runs in the queue, on workers that are processes of their own and may die."""

import asyncio
import dataclasses
import os
import re
import signal
import socket
import subprocess
import sys
import threading
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
from draw_core.jobs import dispatcher, embedded, pending
from draw_core.jobs.dispatcher import Dispatcher
from draw_core.jobs.embedded import Embedded
from draw_core.runs.config import RunState, Status
from draw_core.runs.control import Control, write_control
from draw_core.runs.execution import execute
from draw_core.runs.files import claim
from draw_core.runs.registry import Run, RunError, list_runs
from tests.support import process, tiny_runs
from tests.support.tiny_runs import wait_for

LONG = 600


@pytest.fixture(scope="module")
def references(tmp_path_factory, mnist_root):
    """Undisturbed runs of 12 and of LONG steps."""
    runs = {
        steps: tiny_runs.new(tmp_path_factory.mktemp("runs"), mnist_root, steps=steps)
        for steps in (12, LONG)
    }
    for run in runs.values():
        assert execute(run.folder).state == "finished"
    return runs


@pytest.fixture(scope="module")
def shared_root(tmp_path_factory):
    """One folder of runs for one dispatcher and one cluster, which all tests of this module use."""
    yield tmp_path_factory.mktemp("runs")
    jobs.shutdown()


@pytest.fixture
def root(shared_root, monkeypatch):
    """The folder of runs, empty."""
    monkeypatch.setenv("DRAW_RUNS_DIR", str(shared_root))
    monkeypatch.delenv("DRAW_SCHEDULER", raising=False)
    yield shared_root
    for entry in list_runs(shared_root):
        Run(shared_root / entry.id).delete()


def _submit_until(run: Run, step: int) -> None:
    """Queues a run that pauses at a step."""
    write_control(run.folder, Control(pause_at=step - 1))
    jobs.request(run, step=True)


def _wait(run: Run, *states: str) -> None:
    wait_for(lambda: run.status().state in states, lambda: f"{run.status()}\n{run.log()}")


def _pid(run: Run) -> int:
    return int(run.stored_status().worker.rpartition(":")[2])


def _threads(pid: int) -> list[int]:
    return [thread.id for thread in psutil.Process(pid).threads()]


def _is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_runs_are_trained_in_order_elsewhere_and_within_memory(root, mnist_root, references):
    first, second, third = (tiny_runs.new(root, mnist_root) for _ in range(3))
    _submit_until(first, 4)
    jobs.submit(second)
    jobs.submit(third)
    jobs.submit(third)
    _wait(first, "paused")
    assert first.status().step == 4
    assert _pid(first) not in (os.getpid(), 0)
    assert jobs.queue() == [second.id, third.id]
    assert [jobs.place(run.id) for run in (first, second, third)] == [None, 1, 2]
    status = jobs.cluster_status()
    assert (status.kind, status.workers, status.running) == ("embedded", 1, (first.id,))
    assert status.pids[1] == _pid(first)
    niceness = {thread: os.getpriority(os.PRIO_PROCESS, thread) for thread in _threads(_pid(first))}
    assert niceness[_pid(first)] == min(19, os.nice(0) + 10), niceness  # pages go first
    assert sum(psutil.Process(pid).memory_info().rss for pid in status.pids) < 1.5e9
    with pytest.raises(RunError, match="being trained already"):
        jobs.submit(first)
    jobs.request(first, resume=True)
    for run in (first, second, third):
        _wait(run, "finished")
        tiny_runs.same_training(run, references[12])
    ends = [run.status().updated for run in (first, second, third)]
    assert ends == sorted(ends)
    assert jobs.queue() == []
    with pytest.raises(RunError, match="finished; restart it"):
        jobs.submit(first)


def test_controls_reach_a_worker(root, mnist_root, references):
    run = tiny_runs.new(root, mnist_root)
    _submit_until(run, 3)
    _wait(run, "paused")
    jobs.request(run, step=True)
    jobs.request(run, step=True)
    wait_for(lambda: run.status().step == 5)
    jobs.request(run, stop=True)
    _wait(run, "stopped")
    assert (run.status().step, run.status().worker) == (5, None)
    wait_for(lambda: not jobs.cluster_status().running)
    jobs.request(run, step=True)  # of a stopped run
    _wait(run, "paused")
    assert run.status().step == 6
    jobs.request(run, resume=True)
    _wait(run, "finished")
    tiny_runs.same_training(run, references[12])


def test_what_waits_is_paused_and_stopped_in_its_place(root, mnist_root):
    holder, one, two = (tiny_runs.new(root, mnist_root) for _ in range(3))
    _submit_until(holder, 2)
    _wait(holder, "paused")
    jobs.submit(one)
    jobs.submit(two)
    jobs.request(one, pause=True)
    assert (one.status().state, jobs.queue()) == ("paused", [two.id])
    jobs.request(one, resume=True)
    assert (one.status().state, jobs.queue()) == ("queued", [two.id, one.id])
    jobs.request(two, stop=True)
    assert (two.status().state, jobs.queue()) == ("stopped", [one.id])
    one.delete()
    assert jobs.queue() == []
    jobs.request(holder, stop=True)
    _wait(holder, "stopped")
    assert two.status().step == 0


def test_a_paused_run_gives_way_to_those_that_wait(root, mnist_root, references, monkeypatch):
    holder, other = (tiny_runs.new(root, mnist_root) for _ in range(2))
    _submit_until(holder, 5)
    _wait(holder, "paused")
    jobs.submit(other)
    monkeypatch.setattr(dispatcher, "GIVE_WAY_S", 0.2)
    _wait(other, "finished")
    assert (holder.status().state, holder.status().worker) == ("paused", None)
    jobs.request(holder, resume=True)
    _wait(holder, "finished")
    tiny_runs.same_training(holder, references[12])
    assert holder.status().retries == 0


def test_a_long_run_takes_turns_with_those_of_others(root, mnist_root, references, monkeypatch):
    monkeypatch.setenv("DRAW_RUNS_TURN_MINUTES", "0.005")
    long = tiny_runs.new(root, mnist_root, steps=LONG, owner="me")
    jobs.submit(long)
    wait_for(lambda: long.status().step > 5)
    mine, other = (tiny_runs.new(root, mnist_root, owner=owner) for owner in ("me", "another"))
    jobs.submit(mine)
    time.sleep(1.5)  # of the same person: they wait for one another
    assert "Gave way" not in long.log()
    assert jobs.queue() == [mine.id]
    jobs.submit(other)
    wait_for(lambda: long.stored_status().gave_way)
    assert long.stored_status().state == "queued"
    assert long.stored_status().queued > other.stored_status().queued  # behind the others
    _wait(other, "finished")
    assert long.status().step < LONG
    _wait(long, "finished")
    _wait(mine, "finished")
    for run, steps in ((long, LONG), (mine, 12), (other, 12)):
        tiny_runs.same_training(run, references[steps])
        assert run.status().retries == 0
    assert not long.status().gave_way


def test_a_wait_is_what_those_before_it_need_but_a_turn_at_most(root, mnist_root, monkeypatch):
    jobs.shutdown()
    now = time.time()
    runs = [tiny_runs.new(root, mnist_root, seconds=100.0) for _ in range(4)]
    running, first, second, paused = runs
    running.write_status(Status("running", left_s=30.0, queued=now, worker="host:1"))
    first.write_status(Status("queued", seconds=40.0, queued=now + 1))
    second.write_status(Status("queued", queued=now + 2))
    paused.write_status(Status("paused", queued=now + 1))
    waits = [jobs.expected_wait(run.id) for run in runs]
    assert waits == [0.0, 30.0, 90.0, None]
    monkeypatch.setenv("DRAW_RUNS_TURN_MINUTES", "0.75")
    assert jobs.expected_wait(second.id) == 30.0 + 45.0
    assert pending.wait_of(second.id, root, 3, None) == 0.0
    assert pending.wait_of(second.id, root, 2, None) == 45.0
    config = dataclasses.replace(first.config(), training=tiny_runs.TRAINING_CONFIG)
    (first.folder / "run.json").write_text(config.to_json())  # nobody knows how long it takes
    assert pending.wait_of(second.id, root, 1, None) is None
    assert pending.wait_of(second.id, root, 1, 45.0) == 75.0
    assert jobs.expected_wait("nobody") is None


def test_a_killed_worker_is_replaced_and_its_run_retried(root, mnist_root, references):
    run = tiny_runs.new(root, mnist_root, steps=LONG)
    _submit_until(run, 50)
    _wait(run, "paused")  # which saves
    jobs.request(run, resume=True)
    wait_for(lambda: run.status().step > 80)
    pid = _pid(run)
    os.kill(pid, signal.SIGKILL)
    wait_for(lambda: run.stored_status().worker not in (None, f"{socket.gethostname()}:{pid}"))
    _wait(run, "running")
    # Step 50, unless five seconds went by until step 80.
    step = int(re.search(r"Taken up again from step (\d+)", run.log()).group(1))
    assert step >= 50
    said = f"It goes on from update {step}: its process ended unexpectedly."
    assert run.status().message == said
    assert run.status().retries == 1
    _wait(run, "finished")
    assert f":{pid} died" in run.log()
    tiny_runs.same_training(run, references[LONG])
    assert run.history().step[-1] == LONG


def test_a_worker_that_dies_while_its_run_is_paused(root, mnist_root, references):
    run = tiny_runs.new(root, mnist_root)
    _submit_until(run, 5)
    _wait(run, "paused")
    os.kill(_pid(run), signal.SIGKILL)
    wait_for(lambda: run.stored_status().worker is None)
    assert (run.status().state, run.status().retries) == ("paused", 1)
    assert jobs.queue() == []
    jobs.request(run, resume=True)
    _wait(run, "finished")
    tiny_runs.same_training(run, references[12])


def test_a_deleted_run_frees_its_worker(root, mnist_root):
    run, next_run = (tiny_runs.new(root, mnist_root) for _ in range(2))
    _submit_until(run, 3)
    _wait(run, "paused")
    jobs.submit(next_run)
    run.delete()
    _wait(next_run, "finished")
    assert [path.name for path in root.iterdir()] == [next_run.id]


def test_many_threads_may_ask_at_once(root, mnist_root):
    runs = [tiny_runs.new(root, mnist_root, steps=2) for _ in range(6)]
    threads = [threading.Thread(target=jobs.submit, args=(run,)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for run in runs:
        _wait(run, "finished")
    assert len(jobs.cluster_status().pids) == 2


def test_a_stranger_on_this_computer_is_kept_out(root):
    jobs.warm_up()
    wait_for(lambda: jobs.cluster_status().workers == 1)
    status = jobs.cluster_status()
    cluster = [psutil.Process(pid) for pid in status.pids]
    server = psutil.Process()
    sockets = [c for p in (server, *server.children(recursive=True)) for c in p.net_connections()]
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
        worker = psutil.Process(_pid(running))
        cluster = psutil.Process(server.pid).children(recursive=True)
        assert worker in cluster
        scratch = Path(worker.environ()["DRAW_SCRATCH"])
        if how == "kill -9":
            server.kill()
        else:
            os.killpg(server.pid, signal.SIGINT)  # as a terminal does
        began = time.monotonic()
        wait_for(lambda: not any(_is_alive(p.pid) for p in cluster))  # nothing lingers
        assert not scratch.exists()
        server.wait(timeout=60)
        assert time.monotonic() - began < 20
        assert server.stderr.read() == ("" if how == "kill -9" else "Stopping\n")
    assert running.stored_status().state == "queued"  # it was saved
    assert running.stored_status().step > 30
    assert set(jobs.queue()) == {running.id, queued.id}
    assert set(jobs.resume_interrupted()) == {running.id, queued.id}
    _wait(running, "finished")
    _wait(queued, "finished")
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


def test_a_worker_that_is_still_leaving_is_waited_for(root, mnist_root, references):
    """That of a server which was killed, when the next one starts at once."""
    jobs.shutdown()
    run = tiny_runs.new(root, mnist_root)
    with claim(run.folder):
        run.write_status(Status("running", queued=time.time(), worker="host:1"))
        assert jobs.resume_interrupted() == []
    _wait(run, "finished")
    tiny_runs.same_training(run, references[12])


def test_runs_of_the_command_line_are_left_alone(root, mnist_root):
    run = tiny_runs.new(root, mnist_root)
    run.write_status(run.status().__class__("running", step=3, worker="host:1"))
    assert jobs.resume_interrupted() == []
    assert jobs.queue() == []


def test_only_a_pause_that_lasts_makes_way(root, mnist_root, monkeypatch):
    run = tiny_runs.new(root, mnist_root)
    queue = object.__new__(Dispatcher)  # without its thread
    queue._root, queue._futures, queue._paused_since = root, {run.id: None}, {}
    clock = [0.0]
    monkeypatch.setattr(dispatcher.time, "monotonic", lambda: clock[0])

    def asked(state: RunState, step: int) -> bool:
        clock[0] += 0.6 * dispatcher.GIVE_WAY_S
        queue._note_pauses([(run, Status(state, step=step))])
        queue._ask_to_give_way()
        return run.control().give_way

    seen = [("paused", 3), ("running", 3), ("paused", 3), ("paused", 4), ("paused", 4)]
    assert [asked(*what) for what in seen] == [False] * 5  # a step in between begins it anew
    monkeypatch.setattr("draw_core.runs.control._PATIENCE_S", -1.0)  # the clock stands
    with claim(run.folder, "control.lock"):  # someone else writes: the next look asks
        assert not asked("paused", 4)
    assert asked("paused", 4)
    run.delete()
    queue._ask_to_give_way()


def test_deleted_runs_are_forgotten(root, mnist_root):
    run = tiny_runs.new(root, mnist_root)
    jobs.queue()
    assert run.folder / "status.json" in pending._read
    run.delete()
    jobs.queue()
    assert run.folder / "status.json" not in pending._read


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
            _submit_until(one, 4)
            _submit_until(two, 6)
            _wait(one, "paused")
            _wait(two, "paused")
            assert {_pid(one), _pid(two)} == {p.pid for p in processes[1:]}
            status = jobs.cluster_status()
            assert (status.kind, status.workers, status.address) == ("remote", 2, address)
            assert jobs.queue() == []
            jobs.request(one, resume=True)
            jobs.request(two, resume=True)
            _wait(one, "finished")
            _wait(two, "finished")
            tiny_runs.same_training(one, references[12])
            tiny_runs.same_training(two, references[12])

            third = tiny_runs.new(root, mnist_root)
            _submit_until(third, 5)
            _wait(third, "paused")
            killed = _pid(third)
            os.kill(killed, signal.SIGKILL)
            wait_for(lambda: third.stored_status().retries == 1)  # on the other worker
            _wait(third, "paused")
            assert {_pid(third), killed} == {p.pid for p in processes[1:]}
            jobs.request(third, resume=True)
            _wait(third, "finished")
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
    _submit_until(run, 3)
    _wait(run, "paused")
    pids = jobs.cluster_status().pids
    assert len(pids) == 2
    os.kill(pids[stuck], signal.SIGSTOP)
    began = time.monotonic()
    jobs.shutdown()
    assert time.monotonic() - began < 15
    assert not any(_is_alive(pid) for pid in pids)
    if not stuck:
        assert run.stored_status().worker is None  # the worker had its chance
    assert not caplog.records
