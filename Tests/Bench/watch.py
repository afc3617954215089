#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""watch.py PRESIGND RUN [start] [idle] [burst] [poll]: called by watch.sh. Standard library only.

Files lie in memory, state on the disk. No store answers (port 9), so that what is measured is watching and queueing alone.
"""
import json, os, re, shutil, signal, subprocess, sys, time

PRESIGND, RUN = (os.path.abspath(path) for path in sys.argv[1:3])
PARTS = sys.argv[3:] or ["start", "idle", "burst", "poll"]
FILES = int(os.environ.get("WATCH_FILES", 1_000_000))
FOLDERS = int(os.environ.get("WATCH_FOLDERS", 100_000))
BURST = int(os.environ.get("WATCH_BURST", 50_000))
MEMORY = f"{os.environ.get('WATCH_TREE', '/dev/shm')}/presignd-watch.{os.getpid()}"
STATE = f"{RUN}/watch.{os.getpid()}"
TICK = os.sysconf("SC_CLK_TCK")
MIB = 1 << 20

CONFIG = """version: 1
state: {state}/state
jobs: ./jobs
stores:
  nowhere: {{ kind: s3, bucket: b, region: us-east-1, endpoint: "http://127.0.0.1:9", addressing: path, credentials: env }}
sinks:
  links: {{ kind: manifest, path: {state}/links.jsonl }}
"""
TEMPLATE = "watch: {tree}\nstore: nowhere\npublish: [links]\n{more}"
missed = []


def row(what, value, unit, bound=None, below=True):
    fine = bound is None or (value <= bound if below else value >= bound)
    if not fine:
        missed.append(what)
    limit = "" if bound is None else f"{'≤' if below else '≥'} {bound:,.10g} {unit}"
    print(f"| {what} | {value:,.3g} {unit} | {limit} | {'' if fine else 'MISSED'} |", flush=True)


class Daemon:
    """presignd on a folder of its own."""

    def __init__(self, name, tree, more=""):
        self.folder = f"{STATE}/{name}"
        os.makedirs(f"{self.folder}/jobs", exist_ok=True)
        with open(f"{self.folder}/config.yaml", "w") as file:
            file.write(CONFIG.format(state=self.folder))
        with open(f"{self.folder}/jobs/inbox.yaml", "w") as file:
            file.write(TEMPLATE.format(tree=tree, more=more))
        self.environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")} | {
            "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_EC2_METADATA_DISABLED": "true"}

    def start(self):
        self.log = open(f"{self.folder}/log", "w+")
        self.begun = time.monotonic()
        self.process = subprocess.Popen(
            [PRESIGND, "run", "--log-level", "debug"], cwd=self.folder, env=self.environment,
            stdout=subprocess.DEVNULL, stderr=self.log)

    def text(self):
        with open(f"{self.folder}/log") as file:
            return file.read()

    def until(self, pattern, limit=600):
        """Waits for a line of the log; returns the seconds since the start."""
        while not re.search(pattern, self.text()):
            if self.process.poll() is not None or time.monotonic() - self.begun > limit:
                raise SystemExit(f"never logged {pattern}:\n{self.text()[-2000:]}")
            time.sleep(0.02)
        return time.monotonic() - self.begun

    def jobs(self):
        answer = subprocess.run([PRESIGND, "status", "--json"], cwd=self.folder, env=self.environment,
                                capture_output=True, text=True, check=True)
        return sum(json.loads(answer.stdout)["jobs"].values())

    def memory(self, field="VmRSS"):
        """In MiB; VmHWM is the most there ever was."""
        with open(f"/proc/{self.process.pid}/status") as file:
            return int(re.search(rf"{field}:\s+(\d+) kB", file.read())[1]) / 1024

    def cpu(self):
        with open(f"/proc/{self.process.pid}/stat") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def switches(self):
        """Of each thread; threads of the pool come and go."""
        counts = {}
        for task in os.listdir(f"/proc/{self.process.pid}/task"):
            with open(f"/proc/{self.process.pid}/task/{task}/status") as file:
                counts[task] = int(re.search(r"^voluntary_ctxt_switches:\s+(\d+)", file.read(), re.M)[1])
        return counts

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        self.log.close()


def make_files(tree, count, each=100):
    for number in range(0, count, each):
        folder = f"{tree}/d{number // each // 100:03d}/d{number // each:06d}"
        os.makedirs(folder)
        handle = os.open(folder, os.O_RDONLY)
        for name in range(number, min(number + each, count)):
            os.close(os.open(f"file-{name:07d}.bin", os.O_WRONLY | os.O_CREAT, dir_fd=handle))
        os.close(handle)


def start(tree):
    daemon = Daemon("start", tree, "on_start: skip\n")
    daemon.start()
    row(f"first start over {FILES:,} files, `on_start: skip`", daemon.until(r"scanned\b"), "s")
    daemon.stop()
    daemon.start()
    took = daemon.until(r"scanned\b")
    row(f"second start, {FILES:,} known files, until all are scanned", took, "s", 10 * FILES / 1e6)
    row("its CPU", daemon.cpu(), "s")
    row("its most memory", daemon.memory("VmHWM"), "MiB", 64)
    row("jobs it queued", daemon.jobs(), "")
    if daemon.jobs():
        missed.append("jobs of known files")
    daemon.stop()


def poll(tree):
    """The same files, looked through again and again."""
    daemon = Daemon("start", tree, "on_start: skip\nwatch_mode: poll\npoll_interval: 1s\n")
    daemon.start()
    daemon.until(r"scanned\b")
    time.sleep(2)
    before, begun = daemon.cpu(), time.monotonic()
    time.sleep(float(os.environ.get("WATCH_POLL", 60)))
    share = (daemon.cpu() - before) / (time.monotonic() - begun) * 100
    row(f"polling {FILES:,} files every second, if it could", share, "% of a core", 15)
    row("its most memory", daemon.memory("VmHWM"), "MiB", 64)
    daemon.stop()


def idle():
    def measure(name, tree):
        daemon = Daemon(name, tree, "on_start: skip\n")
        daemon.start()
        daemon.until(r"scanned\b")
        time.sleep(3)
        before, begun = daemon.switches(), time.monotonic()
        time.sleep(float(os.environ.get("WATCH_IDLE", 20)))
        after = daemon.switches()
        rate = sum(count - before.get(task, 0) for task, count in after.items()) / (time.monotonic() - begun)
        memory = daemon.memory()
        daemon.stop()
        return rate, memory

    few, many = f"{MEMORY}/few", f"{MEMORY}/many"
    os.makedirs(few)
    for number in range(FOLDERS):
        os.makedirs(f"{many}/d{number // 1000:03d}/folder-{number:06d}")
    _, without = measure("few", few)
    rate, memory = measure("many", many)
    row(f"wake-ups with {FOLDERS:,} watched folders, idle", rate, "/s", 1)
    row("memory beyond that of one folder", memory - without, "MiB", 25)
    row("memory with one folder", without, "MiB")


def burst():
    tree = f"{MEMORY}/burst"
    os.makedirs(tree)
    daemon = Daemon("burst", tree, "settle: 1ms\n")
    daemon.start()
    daemon.until(r"scanned\b")
    row("memory before the burst", daemon.memory(), "MiB")
    cpu, begun = daemon.cpu(), time.monotonic()
    make_files(tree, BURST, 500)
    made = time.monotonic()
    while (jobs := daemon.jobs()) < BURST:
        if time.monotonic() - made > 120:
            raise SystemExit(f"only {jobs} jobs")
        time.sleep(0.05)
    done = time.monotonic()
    row(f"burst: {BURST:,} files made in", made - begun, "s")
    row("all queued after the last", done - made, "s", 5)
    row("queued a second", BURST / (done - begun), "files", 10_000, below=False)
    row("CPU", daemon.cpu() - cpu, "s")
    row("most memory", daemon.memory("VmHWM"), "MiB", 64)
    row("jobs beyond one a file", daemon.jobs() - BURST, "", 0)
    daemon.stop()


print("\n| watching | figure | bound | |\n|---|---|---|---|")
try:
    if "start" in PARTS or "poll" in PARTS:
        make_files(f"{MEMORY}/tree", FILES)
        start(f"{MEMORY}/tree")
        if "poll" in PARTS:
            poll(f"{MEMORY}/tree")
        shutil.rmtree(f"{MEMORY}/tree")
    if "idle" in PARTS:
        idle()
    if "burst" in PARTS:
        burst()
finally:
    shutil.rmtree(MEMORY, ignore_errors=True)
    shutil.rmtree(STATE, ignore_errors=True)
if missed:
    sys.exit("missed: " + ", ".join(missed))
