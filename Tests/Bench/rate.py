#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How well `--bwlimit` is kept: one large file, then many small ones, against a store that times what comes in.

usage: rate.py [binary]          default .build/release/presignd
Prints the rate from the first byte of the first body to the last byte of the last one, and how far it is off.
"""
import hashlib, http.server, json, os, pathlib, signal, subprocess, sys, tempfile, threading, time

BINARY = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else str(pathlib.Path(__file__).parents[2] / ".build/release/presignd")
CASES = [("one file of 12 MiB", 1, 12 << 20, 4 << 20), ("256 files of 32 KiB", 256, 32 << 10, 2 << 20)]


class Store(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.lock, self.first, self.last, self.bytes, self.objects = threading.Lock(), None, 0.0, 0, 0


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_PUT(self):
        left, digest = int(self.headers["content-length"]), hashlib.md5()
        with self.server.lock:
            self.server.first = self.server.first or time.monotonic()
        while left:
            piece = self.rfile.read1(min(left, 65536))
            if not piece:
                return
            digest.update(piece)
            left -= len(piece)
            with self.server.lock:
                self.server.bytes += len(piece)
                self.server.last = time.monotonic()
        with self.server.lock:
            self.server.objects += 1
        self.send_response(200)
        self.send_header("ETag", f'"{digest.hexdigest()}"')
        self.send_header("Content-Length", "0")
        self.end_headers()


def measure(name, files, size, rate):
    store = Store()
    threading.Thread(target=store.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for each in ("jobs", "inbox", "ready"):
            (root / each).mkdir()
        (root / "config.yaml").write_text(json.dumps({
            "version": 1,
            "stores": {"s": {"kind": "s3", "bucket": "b", "addressing": "path", "credentials": "env",
                             "endpoint": f"http://127.0.0.1:{store.server_port}"}},
            "sinks": {"links": {"kind": "manifest", "path": "./links.jsonl"}}}))
        (root / "jobs/inbox.yaml").write_text(json.dumps({
            "watch": "./inbox", "store": "s", "settle": "100ms", "publish": ["links"], "link": {"prove": "off"}}))
        content = os.urandom(size)
        for number in range(files):
            (root / f"inbox/{number}.bin").write_bytes(content)
        environment = dict(os.environ, AWS_ACCESS_KEY_ID="a", AWS_SECRET_ACCESS_KEY="b")
        daemon = subprocess.Popen([BINARY, "run", "--bwlimit", str(rate), "--log-level", "error"],
                                  cwd=root, env=environment, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while store.objects < files and time.monotonic() < deadline:
            time.sleep(0.05)
        daemon.send_signal(signal.SIGTERM)
        daemon.wait()
    store.shutdown()
    if store.objects < files:
        sys.exit(f"rate.py: only {store.objects} of {files} arrived ({name})")
    found = store.bytes / (store.last - store.first)
    print(f"{name}: {found / 2**20:.3f} MiB/s of {rate / 2**20:.0f} ({(found / rate - 1) * 100:+.1f} %)")


for case in CASES:
    measure(*case)
