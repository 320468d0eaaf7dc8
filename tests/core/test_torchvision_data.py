"""Downloads from a server on this machine, and reading what torchvision's data sets consist of."""

import errno
import gzip
import hashlib
import io
import os
import re
import shutil
import socket
import sys
import tarfile
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
import torch

from draw_core.data import downloads, torchvision_sets
from draw_core.data.datasets import load
from draw_core.data.downloads import Remote
from draw_core.data.registry import DATASETS, DataError, is_available

PACKED = shutil.ignore_patterns("*.gz")  # they would be read in the place of what is missing


class Server:
    """Serves bytes by path; counts requests; can cut an answer short or be slow."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.requests: Counter[str] = Counter()
        self.cut: set[str] = set()
        self.delay = 0.0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.requests[self.path] += 1
                time.sleep(outer.delay)
                content = outer.files.get(self.path)
                if content is None:
                    self.send_error(404, "Not Found")
                    return
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(
                    content[: len(content) // 2] if self.path in outer.cut else content
                )

            def log_message(self, *_: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.02,))
        self.thread.start()

    def add(self, path: str, content: bytes) -> str:
        self.files[path] = content
        return self.url + path

    def close(self) -> None:
        self.http.shutdown()
        self.thread.join()
        self.http.server_close()


@pytest.fixture
def server(monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    running = Server()
    yield running
    running.close()


def _remote(url: str | tuple[str, ...], content: bytes, packing: str, gives: tuple[str, ...]):
    urls = (url,) if isinstance(url, str) else url
    md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
    return Remote(urls, md5, len(content), packing, gives)


@pytest.fixture
def mnist(server, mnist_root, monkeypatch):
    """The four small MNIST files on the server; gives them as remotes that can be changed."""
    remotes = []
    for file in DATASETS["mnist"].files:
        content = gzip.compress((mnist_root / file).read_bytes())
        url = server.add(f"/{file.rpartition('/')[2]}.gz", content)
        remotes.append(_remote(url, content, "gzip", (file,)))
    monkeypatch.setattr(torchvision_sets, "remotes", lambda _: remotes)
    return remotes


def _files(root):
    """What is there, apart from the lock."""
    return sorted(
        str(path.relative_to(root))
        for path in root.rglob("*")
        if path.is_file() and path.suffix != ".lock"
    )


def _fails(root, message: str, name: str = "mnist") -> None:
    """One line that says what is wrong, and no part of a file."""
    before = _files(root)
    with pytest.raises(DataError) as caught:
        load(name, "train", root, download=True)
    assert re.search(message, str(caught.value)), str(caught.value)
    assert "\n" not in str(caught.value)
    assert [f for f in _files(root) if f not in before and not f.endswith("ubyte")] == []


def test_a_download_gives_the_files_and_tells_its_progress(tmp_path, mnist, mnist_root, server):
    told = []
    images, labels = load(
        "mnist", "test", tmp_path, download=True, progress=lambda *p: told.append(p)
    )
    expected = load("mnist", "test", mnist_root)
    assert torch.equal(images, expected.images)
    assert torch.equal(labels, expected.labels)
    total = sum(remote.size for remote in mnist)
    assert [done for done, _ in told] == sorted({done for done, _ in told})
    assert told[-1] == (total, total)
    assert {all_of_it for _, all_of_it in told} == {total}
    assert _files(tmp_path) == sorted(DATASETS["mnist"].files)
    assert is_available("mnist", tmp_path)
    for file in DATASETS["mnist"].files:
        assert (tmp_path / file).read_bytes() == (mnist_root / file).read_bytes()
        assert (tmp_path / file).stat().st_mode & 0o777 == 0o644
    load("mnist", "train", tmp_path, download=True)
    assert set(server.requests.values()) == {1}


def test_without_leave_nothing_is_fetched(tmp_path, mnist, server):
    with pytest.raises(DataError, match="it is not there"):
        load("mnist", "train", tmp_path)
    assert not server.requests


def test_only_what_is_missing_is_fetched(tmp_path, mnist, mnist_root, server):
    shutil.copytree(mnist_root / "MNIST", tmp_path / "MNIST", ignore=PACKED)
    (tmp_path / DATASETS["mnist"].files[2]).unlink()
    told = []
    load("mnist", "test", tmp_path, download=True, progress=lambda *p: told.append(p))
    assert dict(server.requests) == {"/t10k-images-idx3-ubyte.gz": 1}
    assert told[-1] == (mnist[2].size, mnist[2].size)


@pytest.mark.parametrize("length", [0, 3, 10, 1000])
def test_a_file_cut_off_is_not_available_and_is_fetched_again(
    tmp_path, mnist, mnist_root, server, length
):
    shutil.copytree(mnist_root / "MNIST", tmp_path / "MNIST", ignore=PACKED)
    path = tmp_path / DATASETS["mnist"].files[0]
    path.write_bytes(path.read_bytes()[:length])
    assert not is_available("mnist", tmp_path)
    assert len(load("mnist", "train", tmp_path, download=True).images) == 24
    assert is_available("mnist", tmp_path)
    assert dict(server.requests) == {"/train-images-idx3-ubyte.gz": 1}


def test_the_next_mirror_is_tried(tmp_path, mnist, server):
    mnist[0] = Remote((server.url + "/gone", *mnist[0].urls), *list(vars(mnist[0]).values())[1:])
    server.files["/other"] = b"x" * mnist[1].size
    mnist[1] = Remote((server.url + "/other", *mnist[1].urls), *list(vars(mnist[1]).values())[1:])
    assert len(load("mnist", "train", tmp_path, download=True).images) == 24
    assert server.requests["/gone"] == server.requests["/other"] == 1


def test_no_such_file_on_the_server(tmp_path, mnist, server):
    del server.files["/train-images-idx3-ubyte.gz"]
    _fails(tmp_path, "^MNIST could not be downloaded: the server answered 404 Not Found. Check")
    assert _files(tmp_path) == []


def test_another_file_than_expected(tmp_path, mnist, server):
    content = bytearray(server.files["/t10k-labels-idx1-ubyte.gz"])
    content[-9] ^= 1
    server.files["/t10k-labels-idx1-ubyte.gz"] = bytes(content)
    _fails(tmp_path, "the server sent another file than the one expected")
    # What was whole is kept, and the next try fetches the rest only.
    assert _files(tmp_path) == sorted(DATASETS["mnist"].files[:3])


def test_a_broken_connection(tmp_path, mnist, server):
    server.cut.add("/train-images-idx3-ubyte.gz")
    _fails(tmp_path, rf"the connection ended after [\d,]+ of {mnist[0].size:,} bytes")
    assert _files(tmp_path) == []


def test_an_endless_answer_is_cut_off(tmp_path, mnist, server, monkeypatch):
    monkeypatch.setattr(downloads, "CHUNK", 64)
    server.files["/train-images-idx3-ubyte.gz"] += b"x" * 1_000_000
    written = []
    right = downloads._transfer
    monkeypatch.setattr(
        downloads, "_transfer", lambda *a: (written.append(n) or n for n in right(*a))
    )
    _fails(tmp_path, "the server sent another file than the one expected")
    assert len(written) <= 2 * mnist[0].size / 64


def test_no_network(tmp_path, mnist):
    with socket.socket() as unused:  # bound, but nobody listens
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/x"
        mnist[0] = Remote((url,), *list(vars(mnist[0]).values())[1:])
        _fails(tmp_path, "^MNIST could not be downloaded: the server cannot be reached: .*refused")
    assert _files(tmp_path) == []


def test_no_name_for_the_server(tmp_path, mnist):
    mnist[0] = Remote(("http://no.such.host.invalid/x",), *list(vars(mnist[0]).values())[1:])
    _fails(tmp_path, "the server cannot be reached: .*Check the network and try again")


def test_a_silent_server(tmp_path, mnist, server, monkeypatch):
    monkeypatch.setattr(downloads, "TIMEOUT_S", 0.1)
    server.delay = 0.5
    _fails(tmp_path, "(the connection broke|the server cannot be reached): .*timed out")
    assert _files(tmp_path) == []


def test_too_little_room_is_seen_before_anything_is_fetched(tmp_path, mnist, server, monkeypatch):
    usage = shutil.disk_usage(tmp_path)._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    _fails(tmp_path, r"MNIST \(12 MB\) cannot be kept in .*: the disk is full. Free some space")
    assert not server.requests


def test_a_disk_that_fills_up_meanwhile(tmp_path, mnist, monkeypatch):
    right = downloads.tempfile.mkstemp

    def full(*arguments):
        descriptor, name = right(*arguments)
        os.close(descriptor)
        return os.open("/dev/full", os.O_WRONLY), name  # every write there fails with ENOSPC

    monkeypatch.setattr(downloads.tempfile, "mkstemp", full)
    _fails(tmp_path, f"disk is full.*DRAW_DATA_ROOT|{os.strerror(errno.ENOSPC)}")
    assert _files(tmp_path) == []


def test_a_root_that_cannot_be_written(tmp_path, mnist):
    (tmp_path / "file").write_bytes(b"")
    _fails(tmp_path / "file" / "root", "cannot be kept in .*: Not a directory. Set DRAW_DATA_ROOT")


def test_what_a_killed_program_left_is_removed(tmp_path, mnist):
    (tmp_path / f".mnist.abc{downloads.PART}").write_bytes(b"half")
    (tmp_path / f".svhn.abc{downloads.PART}").write_bytes(b"of another set, perhaps in progress")
    load("mnist", "train", tmp_path, download=True)
    assert [f for f in _files(tmp_path) if f.startswith(".")] == [".svhn.abc.part"]


def test_an_interrupted_download_leaves_nothing(tmp_path, mnist):
    def stop(*_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load("mnist", "train", tmp_path, download=True, progress=stop)
    assert _files(tmp_path) == []
    assert len(load("mnist", "train", tmp_path, download=True).images) == 24


def test_two_at_once_fetch_each_file_once(tmp_path, mnist, server):
    server.delay = 0.05
    results = []
    threads = [
        threading.Thread(
            target=lambda: results.append(load("mnist", "train", tmp_path, download=True).images)
        )
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(images) for images in results] == [24, 24, 24]
    assert set(server.requests.values()) == {1}
    assert _files(tmp_path) == sorted(DATASETS["mnist"].files)


@pytest.mark.parametrize("name", ["mnist", "fashion_mnist", "svhn", "cifar10"])
def test_addresses_and_sizes_are_those_of_torchvision_and_the_registry(name):
    dataset = DATASETS[name]
    remotes = torchvision_sets.remotes(dataset)
    assert sum(remote.size for remote in remotes) == dataset.download_bytes
    assert tuple(file for remote in remotes for file in remote.gives) == dataset.files
    assert len({remote.md5 for remote in remotes}) == len(remotes)
    for remote in remotes:
        assert re.fullmatch("[0-9a-f]{32}", remote.md5)
        for url in remote.urls:
            assert url.startswith(("https://", "http://"))
            if remote.packing == "gzip":  # the file is unpacked under its own name
                assert url.endswith(f"/{remote.gives[0].rpartition('/')[2]}.gz")


def test_a_torchvision_that_does_not_fit_torch_is_named(mnist_root, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "torchvision", None)
    with pytest.raises(DataError, match="install the two anew with pip install --force-reinstall"):
        load("svhn", "test", tmp_path)
    assert len(load("mnist", "test", mnist_root).images) == 11  # needs none of it


def test_fashion_mnist_has_a_folder_of_its_own(tmp_path, mnist_root):
    shutil.copytree(mnist_root / "MNIST", tmp_path / "FashionMNIST")
    assert not is_available("mnist", tmp_path)
    assert is_available("fashion_mnist", tmp_path)
    fashion = load("fashion_mnist", "train", tmp_path)
    digits = load("mnist", "train", mnist_root)
    assert torch.equal(fashion.images, digits.images)
    assert torch.equal(fashion.labels, digits.labels)


def _cifar_records(rng, count):
    labels = rng.integers(0, 10, count).astype(np.uint8)
    images = rng.integers(0, 256, (count, 3, 32, 32), dtype=np.uint8)
    rows = [bytes([one]) + image.tobytes() for one, image in zip(labels, images, strict=True)]
    return labels, images, b"".join(rows)


def test_cifar10_from_its_binary_archive(tmp_path, server, monkeypatch):
    rng = np.random.default_rng(0)
    dataset = DATASETS["cifar10"]
    packed = io.BytesIO()
    batches = []
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name in ("cifar-10-batches-bin/readme.html", *dataset.files[::-1]):
            batches.append((name, *_cifar_records(rng, 4)))
            member = tarfile.TarInfo(name)
            member.size = len(batches[-1][3])
            archive.addfile(member, io.BytesIO(batches[-1][3]))
    url = server.add("/cifar-10-binary.tar.gz", packed.getvalue())
    remote = _remote(url, packed.getvalue(), "tar", dataset.files)
    monkeypatch.setattr(torchvision_sets, "remotes", lambda _: [remote])
    train = load("cifar10", "train", tmp_path, download=True)
    test = load("cifar10", "test", tmp_path)
    in_order = {name: (labels, images) for name, labels, images, _ in batches}
    expected = np.concatenate([in_order[name][1] for name in dataset.files[:-1]])
    np.testing.assert_array_equal(train.images, expected)
    assert train.labels.tolist() == [
        int(label) for name in dataset.files[:-1] for label in in_order[name][0]
    ]
    np.testing.assert_array_equal(test.images, in_order[dataset.files[-1]][1])
    assert _files(tmp_path) == sorted(dataset.files)  # neither the archive nor the readme

    path = tmp_path / dataset.files[-1]
    assert is_available("cifar10", tmp_path)
    path.write_bytes(path.read_bytes()[:-1])
    assert not is_available("cifar10", tmp_path)
    with pytest.raises(DataError, match="CIFAR-10 could not be read from"):
        load("cifar10", "test", tmp_path)
    path.write_bytes(b"\x0a" + bytes(3072))
    with pytest.raises(
        DataError, match="test_batch.bin is no batch of CIFAR-10: it does not begin with a label"
    ):
        load("cifar10", "test", tmp_path)


def test_an_archive_without_a_file_is_refused(tmp_path, server, monkeypatch):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("cifar-10-batches-bin/data_batch_1.bin"))
    url = server.add("/c", packed.getvalue())
    remote = _remote(url, packed.getvalue(), "tar", DATASETS["cifar10"].files)
    monkeypatch.setattr(torchvision_sets, "remotes", lambda _: [remote])
    _fails_with = r"CIFAR-10 could not be downloaded: .*data_batch_2.bin is not in the archive"
    with pytest.raises(DataError, match=_fails_with):
        load("cifar10", "train", tmp_path, download=True)


def test_svhn_by_torchvision(tmp_path, monkeypatch):
    scipy_io = pytest.importorskip("scipy.io")
    from torchvision.datasets import SVHN

    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (5, 3, 32, 32), dtype=np.uint8)
    labels = np.array([[10], [1], [2], [9], [10]], np.uint8)
    path = tmp_path / "test_32x32.mat"
    scipy_io.savemat(path, {"X": images.transpose(2, 3, 1, 0), "y": labels}, do_compression=True)
    with pytest.raises(DataError, match="SVHN could not be read from .*its MD5 sum is not that"):
        load("svhn", "test", tmp_path)  # not the file that torchvision knows
    md5 = hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()
    monkeypatch.setitem(SVHN.split_list, "test", ["", "test_32x32.mat", md5])
    read = load("svhn", "test", tmp_path)
    np.testing.assert_array_equal(read.images, images)
    assert read.labels.tolist() == [0, 1, 2, 9, 0]
    with pytest.raises(
        DataError, match=r"SVHN could not be read from .*train_32x32\.mat is not there"
    ):
        load("svhn", "train", tmp_path)
