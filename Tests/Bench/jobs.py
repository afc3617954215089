#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""jobs.py PRESIGND RUN: called by jobs.sh. Standard library only.

presignd itself fills the queue: everything is paused, and empty files come into its folder. No store answers (port 9), so
that what is measured once they go on is the queue alone.
"""
import contextlib, json, os, re, shutil, signal, socket, sqlite3, subprocess, sys, time

PRESIGND, RUN = (os.path.abspath(path) for path in sys.argv[1:3])
JOBS = int(os.environ.get("BENCH_JOBS", 1_000_000))
TREE = f"{os.environ.get('BENCH_TREE', '/dev/shm')}/presignd-queue.{os.getpid()}"
FOLDER = f"{RUN}/queue.{os.getpid()}"
# What does not grow with the jobs: pages of its own for each of forty tables.
SPARE = 0.25

CONFIG = """version: 1
state: ./state
jobs: ./jobs
stores:
  nowhere: { kind: s3, bucket: b, region: us-east-1, endpoint: "http://127.0.0.1:9", addressing: path, credentials: env }
sinks:
  links: { kind: manifest, path: ./links.jsonl }
limits: { hold_above: off }
"""
TEMPLATE = f"""watch: {TREE}
store: nowhere
settle: 1ms
publish: [links]
"""
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")} | {
    "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_EC2_METADATA_DISABLED": "true"}
missed = []


def row(what, value, unit, bound=None):
    fine = bound is None or value <= bound
    if not fine:
        missed.append(what)
    limit = "" if bound is None else f"≤ {bound:,.4g} {unit}"
    print(f"| {what} | {value:,.3g} {unit} | {limit} | {'' if fine else 'MISSED'} |", flush=True)


def run(*words):
    return subprocess.run([PRESIGND, *words], cwd=FOLDER, env=ENVIRONMENT, capture_output=True, text=True, check=True).stdout


class Daemon:
    """`presignd run`; ready when it says so as systemd would hear it."""

    def __enter__(self):
        path = f"{TREE}.notify"
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        listener.bind(path)
        listener.settimeout(60)
        self.log = open(f"{FOLDER}/log", "a")
        begun = time.monotonic()
        self.process = subprocess.Popen([PRESIGND, "run", "--log-level", "debug"], cwd=FOLDER, stdout=self.log, stderr=self.log,
                                        env=ENVIRONMENT | {"NOTIFY_SOCKET": path})
        try:
            while b"READY=1" not in listener.recv(4096):
                pass
        finally:
            self.ready = time.monotonic() - begun
            listener.close()
            os.unlink(path)
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(120)
        self.log.close()

    def memory(self, field):
        """In MiB; VmHWM is the most there ever was."""
        with open(f"/proc/{self.process.pid}/status") as file:
            return int(re.search(rf"{field}:\s+(\d+) kB", file.read())[1]) / 1024

    def until_scanned(self, count):
        begun = time.monotonic()
        while len(re.findall(r"scanned\b", open(f"{FOLDER}/log").read())) < count:
            if self.process.poll() is not None or time.monotonic() - begun > 900:
                raise SystemExit("bench: the folder was never scanned, see " + FOLDER)
            time.sleep(0.1)


def make_files(count, each=1000):
    for first in range(0, count, each):
        folder = f"{TREE}/d{first // each:06d}"
        os.makedirs(folder)
        handle = os.open(folder, os.O_RDONLY)
        for number in range(first, min(first + each, count)):
            # 40 bytes with the folder's name.
            os.close(os.open(f"scan-of-a-document-{number:09d}.pdf", os.O_WRONLY | os.O_CREAT, dir_fd=handle))
        os.close(handle)


def counts():
    return json.loads(run("status", "--json"))["jobs"]


def fill():
    run("pause")
    make_files(JOBS)
    begun = time.monotonic()
    with Daemon() as daemon:
        while (jobs := sum(counts().values())) < JOBS:
            if time.monotonic() - begun > 1_800:
                raise SystemExit(f"bench: only {jobs} of {JOBS} jobs came")
            time.sleep(0.5)
        row(f"queueing {JOBS:,} files", time.monotonic() - begun, "s")
        row("most memory meanwhile", daemon.memory("VmHWM"), "MiB")


def size():
    """After a stop, as it lies there; and what of it is what."""
    path = f"{FOLDER}/state/queue.sqlite"
    row("database", os.path.getsize(path) / (1 << 20), "MiB", 200 * JOBS / 1e6 + SPARE)
    try:
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as database:
            for name, taken in database.execute(
                    "SELECT name, sum(pgsize) FROM dbstat GROUP BY name HAVING sum(pgsize) > 1 << 20 ORDER BY 2 DESC"):
                row(f"… {name}", taken / (1 << 20), "MiB")
    except sqlite3.Error as error:
        print(f"bench: no sizes of tables: {error}", file=sys.stderr)


def start():
    with Daemon() as daemon:
        row(f"ready over {JOBS:,} waiting jobs", daemon.ready, "s", 1)
        daemon.until_scanned(2)
        row("most memory, once all files are looked through", daemon.memory("VmHWM"), "MiB", 64)
        waiting = counts()["waiting"]
        row("jobs beyond one a file", waiting - JOBS, "", 0)


def claims():
    run("resume")
    answer = subprocess.run([f"{os.path.dirname(PRESIGND)}/QueueBench", f"{FOLDER}/state"], capture_output=True, text=True)
    if answer.returncode:
        raise SystemExit(f"bench: QueueBench: {answer.stderr}")
    for name, values in json.loads(answer.stdout).items():
        row(f"{name}: p50", values["p50"], "ms")
        row(f"{name}: p99", values["p99"], "ms", 10)


print("\n| the queue | figure | bound | |\n|---|---|---|---|")
try:
    os.makedirs(f"{FOLDER}/jobs")
    os.makedirs(TREE)
    for name, text in (("config.yaml", CONFIG), ("jobs/inbox.yaml", TEMPLATE)):
        with open(f"{FOLDER}/{name}", "w") as file:
            file.write(text)
    fill()
    size()
    start()
    claims()
finally:
    shutil.rmtree(TREE, ignore_errors=True)
    if not os.environ.get("BENCH_KEEP"):
        shutil.rmtree(FOLDER, ignore_errors=True)
if missed:
    sys.exit("missed: " + ", ".join(missed))
