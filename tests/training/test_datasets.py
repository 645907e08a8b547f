"""Fault 20: bad sources of MNIST, from a server on this machine; and damaged files on the disk."""

import gzip
import hashlib
import http.server
import threading
import time

import numpy as np
import pytest

from critnet.errors import DataError, IntegrityError
from critnet.training import datasets

COUNTS = {"train": 12, "t10k": 5}


@pytest.fixture
def small(monkeypatch, tmp_path):
    """Four small files in MNIST's format in the place of the real ones; name -> content."""
    random = np.random.default_rng(0)
    files = {}
    for name in datasets.FILES:
        n = COUNTS[name.split("-")[0]]
        body = random.integers(0, 256, 784 * n) if "images" in name else np.arange(n) % 10
        files[name] = bytes(16 if "images" in name else 8) + body.astype(np.uint8).tobytes()
    monkeypatch.setattr(datasets, "FILES", {name: hashlib.sha256(c).hexdigest() for name, c in files.items()})
    for name in ("CRITNET_DATA", "CRITNET_MIRRORS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CRITNET_CACHE", str(tmp_path / "cache"))
    return files


def place(folder, files, packed=False):
    raw = folder / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for name, content in files.items():
        (raw / f"{name}{'.gz' if packed else ''}").write_bytes(gzip.compress(content) if packed else content)
    return raw


@pytest.fixture
def server(small, monkeypatch):
    """Mirrors that serve the files, each in its own bad way: `server.mirror("drip")`; asked: what was asked for."""
    over = threading.Event()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            _, way, file = self.path.split("/")
            self.server.asked.append((way, file))
            body = gzip.compress(small[file.removesuffix(".gz")])
            try:
                getattr(self, way.replace("-", "_"), self.status)(way, body)
            except (BrokenPipeError, ConnectionResetError):  # the client has had enough
                self.close_connection = True

        def send(self, body, length=None):
            self.send_response(200)
            self.send_header("Content-Length", str(length or len(body)))
            self.end_headers()
            self.wfile.write(body)

        def status(self, way, body):
            self.send_error(int(way))

        def good(self, way, body):
            self.send(body)

        def page(self, way, body):
            self.send(b"<html><body>Service temporarily unavailable</body></html>")

        def half(self, way, body):
            self.send(body[: len(body) // 2])

        def cut(self, way, body):
            self.send(body[: len(body) // 2], len(body))  # and the connection ends

        def wrong(self, way, body):
            self.send(gzip.compress(b"other digits" * 100))

        def endless(self, way, body):
            self.send_response(200)
            self.end_headers()
            while not over.is_set():
                self.wfile.write(bytes(1_000_000))

        def bomb(self, way, body):
            self.send(gzip.compress(bytes(300_000_000), 1))

        def circle(self, way, body):
            self.send_response(302)
            self.send_header("Location", self.path)
            self.end_headers()

        def hang(self, way, body):
            over.wait(60)

        def drip(self, way, body):
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.trickle(body)

        def drip_headers(self, way, body):
            self.trickle(b"HTTP/1.1 200 OK\r\n" + b"X-Waiting: yes\r\n" * 1000)

        def trickle(self, content):
            for byte in content:
                if over.wait(0.05):
                    return
                self.wfile.write(bytes([byte]))

        def log_message(self, *_):
            pass

    monkeypatch.setenv("no_proxy", "*")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.asked = []
        server.mirror = lambda way: f"http://127.0.0.1:{server.server_address[1]}/{way}/"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        over.set()
        server.shutdown()
        thread.join()


WAYS = [
    "403",
    "404",
    "500",
    "page",
    "half",
    "cut",
    "wrong",
    "endless",
    "bomb",
    "circle",
    "hang",
    "drip",
    "drip-headers",
]


@pytest.mark.parametrize("way", WAYS)
def test_after_a_bad_source_the_next_one_is_asked(tmp_path, server, small, way):
    start = time.monotonic()
    digits = datasets.mnist(tmp_path, mirrors=(server.mirror(way), server.mirror("good")), seconds=3)
    assert time.monotonic() - start < 6
    assert digits.images.shape == (12, 784)
    assert digits.test_labels.tolist() == [0, 1, 2, 3, 4]
    assert digits.source == f"MNIST from {tmp_path / 'MNIST' / 'raw'}"
    assert sorted(p.name for p in (tmp_path / "MNIST" / "raw").iterdir()) == sorted(small)
    bad = {file for asked, file in server.asked if asked == way}
    assert len(bad) == 1, "a source that failed once is asked last from then on"
    asked = len(server.asked)
    datasets.mnist(tmp_path, mirrors=(server.mirror("good"),))
    assert len(server.asked) == asked  # it is there now


@pytest.mark.parametrize("way", WAYS)
def test_bad_sources_alone_end_in_time_and_say_what_to_do(tmp_path, server, way):
    start = time.monotonic()
    with pytest.raises(DataError) as caught:
        datasets.mnist(tmp_path, mirrors=(server.mirror(way), server.mirror(way)), seconds=1)
    assert time.monotonic() - start < 4
    message = str(caught.value)
    for part in (
        "train-images-idx3-ubyte could not be downloaded",
        f"Place the files {', '.join(datasets.FILES)}",
        str(tmp_path / "MNIST" / "raw"),
        "set CRITNET_DATA",
        server.mirror(way),
    ):
        assert part in message
    assert message.count(server.mirror(way)) >= 2
    assert len(message) < 1500
    assert not list(tmp_path.rglob("*"))


def test_a_slow_source_cannot_use_up_the_time_file_by_file(tmp_path, server):
    """Four files from three sources that hang: one limit for all, and by default below a minute."""
    start = time.monotonic()
    with pytest.raises(DataError, match="no complete answer within"):
        datasets.mnist(tmp_path, mirrors=tuple(server.mirror(w) for w in ("hang", "drip", "drip-headers")), seconds=2)
    assert time.monotonic() - start < 5
    assert datasets.mnist.__kwdefaults__["seconds"] <= 55


def test_the_whole_cause_of_a_refusal_is_shown(tmp_path, small, monkeypatch):
    """A proxy that answers 403: its words come last in what requests says."""

    class Refusal(http.server.BaseHTTPRequestHandler):
        def do_CONNECT(self):
            self.send_error(403, "host not allowed")

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Refusal) as proxy:
        thread = threading.Thread(target=proxy.serve_forever)
        thread.start()
        for name in ("https_proxy", "HTTPS_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.server_address[1]}")
        for name in ("no_proxy", "NO_PROXY"):
            monkeypatch.delenv(name, raising=False)
        with pytest.raises(DataError) as caught:
            datasets.mnist(tmp_path, mirrors=("https://mirror.invalid/",))
        proxy.shutdown()
        thread.join()
    assert "ProxyError" in str(caught.value)
    assert "403 host not allowed" in str(caught.value)


def test_nobody_answers_at_all(tmp_path, small, monkeypatch):
    monkeypatch.setenv("no_proxy", "*")
    with pytest.raises(DataError, match=r"Connection refused|Failed to establish|NewConnectionError"):
        datasets.mnist(tmp_path, mirrors=("http://127.0.0.1:9/",))


def test_only_what_is_missing_is_downloaded(tmp_path, server, small):
    name, *others = small
    raw = place(tmp_path, {other: small[other] for other in others}, packed=True)
    datasets.mnist(tmp_path, mirrors=(server.mirror("good"),))
    assert server.asked == [("good", f"{name}.gz")]
    assert (raw / name).read_bytes() == small[name]


@pytest.mark.parametrize("packed", [False, True])
def test_local_copies_are_found_where_they_are_promised(tmp_path, small, monkeypatch, packed):
    place(tmp_path / "elsewhere", small, packed)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DataError, match=r"MNIST is not in data or \S*cache\. Place the files train-images"):
        datasets.mnist(download=False)
    monkeypatch.setenv("CRITNET_DATA", "elsewhere")
    digits = datasets.mnist(download=False)
    np.testing.assert_array_equal(digits.labels, np.arange(12) % 10)
    pixels = np.frombuffer(small["train-images-idx3-ubyte"], np.uint8, offset=16).reshape(12, 784)
    np.testing.assert_allclose(digits.images, (pixels / 255 - 0.1307) / 0.3081, atol=5e-7)
    assert digits.images.dtype == np.float32
    assert digits.labels.dtype == np.int64
    np.testing.assert_array_equal(datasets.mnist("elsewhere").images, digits.images)
    (tmp_path / "elsewhere").rename(tmp_path / "data")
    np.testing.assert_array_equal(datasets.mnist(download=False).images, digits.images)


def damage(path, way):
    content = path.read_bytes()
    if way == "bit":
        content = content[:100] + bytes([content[100] ^ 4]) + content[101:]
    path.write_bytes(content[: {"bit": None, "short": -1, "half": len(content) // 2, "empty": 0}[way]])


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("way", ["bit", "short", "half", "empty"])
def test_a_damaged_local_file_is_named(tmp_path, small, packed, way):
    name = "t10k-images-idx3-ubyte"
    path = place(tmp_path, small, packed) / f"{name}{'.gz' if packed else ''}"
    damage(path, way)
    with pytest.raises(IntegrityError) as caught:
        datasets.mnist(tmp_path)
    assert f"{path} is" in str(caught.value)
    assert "Delete it and run again to download it, or place a good copy there" in str(caught.value)
    with pytest.raises(IntegrityError):
        datasets.any_digits(tmp_path)  # not a reason to take other digits silently


def test_a_folder_in_the_place_of_a_file(tmp_path, small):
    raw = place(tmp_path, small)
    (raw / "t10k-labels-idx1-ubyte").unlink()
    (raw / "t10k-labels-idx1-ubyte").mkdir()
    with pytest.raises(DataError, match=r"t10k-labels-idx1-ubyte cannot be read: Is a directory\. Place the files"):
        datasets.mnist(tmp_path)


def test_without_mnist_any_digits_says_what_it_used(tmp_path, small, monkeypatch):
    place(tmp_path, small)
    assert datasets.any_digits(tmp_path).source == f"MNIST from {tmp_path / 'MNIST' / 'raw'}"
    digits = datasets.any_digits(tmp_path / "empty", download=False)
    assert digits.source.startswith("scikit-learn's 1797 digits of 8 x 8 pixels")
    assert "no copy of MNIST" in digits.source
    assert digits.images.shape == (1500, 784)
    assert digits.images.dtype == np.float32
    assert digits.test_images.shape == (297, 784)
    assert set(digits.labels.tolist()) == set(range(10))
    low, high = datasets.normalise(np.array([0, 255], np.uint8))
    assert digits.images.min() == low
    assert digits.images.max() == pytest.approx(high)
    # the middle of the first digit, a zero, is empty; its ring is not
    zero = digits.images[0].reshape(28, 28)
    assert zero[14, 14] == low
    assert zero[14, 5:9].max() > low


def test_the_fingerprint_tells_data_sets_apart(digits):
    prints = {
        datasets.fingerprint(d)
        for d in (
            digits,
            digits._replace(images=digits.images[::-1]),
            digits._replace(labels=(digits.labels + 1) % 10),
            digits._replace(test_images=digits.test_images[:-1]),
            digits._replace(images=digits.images.astype(np.float64)),
        )
    }
    assert len(prints) == 5
    assert datasets.fingerprint(digits._replace(source="elsewhere")) == datasets.fingerprint(digits)


def test_without_a_copy_the_files_are_downloaded_once_into_the_cache(tmp_path, server, small, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CRITNET_DATA", str(tmp_path / "empty"))  # named, but nothing is there: it is left alone
    monkeypatch.setenv("CRITNET_MIRRORS", f"{server.mirror('wrong')} {server.mirror('good').rstrip('/')}")
    first, again = datasets.mnist(), datasets.mnist(download=False)
    assert first.source == again.source == f"MNIST from {tmp_path / 'cache' / 'MNIST' / 'raw'}"
    assert [way for way, _ in server.asked] == ["wrong", "good", "good", "good", "good"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["cache"]
    assert datasets.find() == tmp_path / "cache"


def test_a_copy_that_is_named_needs_no_home(tmp_path, small, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CRITNET_CACHE")
    monkeypatch.setattr("pathlib.Path.home", homeless)
    with pytest.raises(DataError, match=r"no home folder to keep a cache in .*--cache or CRITNET_CACHE"):
        datasets.mnist()
    place(tmp_path / "here", small)
    monkeypatch.setenv("CRITNET_DATA", "here")
    assert datasets.mnist().labels.shape == (12,)


def homeless():
    raise RuntimeError("Could not determine home directory.")


@pytest.mark.mnist
def test_mnist_itself(mnist_folder):
    digits = datasets.mnist(mnist_folder, download=False)
    files = {}
    for name in datasets.FILES:  # read here by hand, packed or not
        path = mnist_folder / "MNIST" / "raw" / name
        content = path.read_bytes() if path.exists() else gzip.decompress(path.with_name(f"{name}.gz").read_bytes())
        files[name] = np.frombuffer(content, np.uint8)
    for split, images, labels in (
        ("train", digits.images, digits.labels),
        ("t10k", digits.test_images, digits.test_labels),
    ):
        pixels = files[f"{split}-images-idx3-ubyte"][16:].reshape(-1, 784).astype(np.float32)
        expected = (pixels / np.float32(255) - np.float32(0.1307)) / np.float32(0.3081)
        np.testing.assert_array_equal(images, expected)
        np.testing.assert_array_equal(labels, files[f"{split}-labels-idx1-ubyte"][8:])
    assert digits.images.shape == (60_000, 784)
    assert digits.labels[:5].tolist() == [5, 0, 4, 1, 9]
    assert abs(digits.images.mean(dtype=np.float64)) < 1e-3  # 0.1307 and 0.3081 are its mean and deviation
    assert digits.images.std(dtype=np.float64) == pytest.approx(1, abs=1e-3)
