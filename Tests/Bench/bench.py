#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""bench.py PRESIGND SINK RUN: called by bench.sh. Standard library only.

CPU seconds (user + sys) of the measured process are the robust figure: client, sink and this script share the cores.
Files lie in memory (/dev/shm), state and manifest on the disk under RUN, for their fsyncs are part of the work.
"""
import hashlib, json, os, shutil, signal, socket, statistics, subprocess, sys, time, urllib.request

import latency, stages

PRESIGND, SINK, RUN = (os.path.abspath(path) for path in sys.argv[1:4])
# Milliseconds that each answer of a far store takes.
FAR = 20
# Bytes of the large file.
LARGE = int(os.environ.get("BENCH_LARGE", 4 << 30))
FILES = int(os.environ.get("BENCH_FILES", 10_000))
# Files that come one by one.
SINGLES = int(os.environ.get("BENCH_SINGLES", 200))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", 3))
URLS = int(os.environ.get("BENCH_URLS", 200_000))
IDLE = float(os.environ.get("BENCH_IDLE", 10))
LIMIT = float(os.environ.get("BENCH_TIMEOUT", 120))
MEMORY = f"/dev/shm/presignd-bench.{os.getpid()}"
HERE = os.path.dirname(os.path.abspath(__file__))
TICK = os.sysconf("SC_CLK_TCK")
SIZE = 4096
LINES = int(os.environ.get("BENCH_LINES", 1_000_000))

ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")} | {
    "AWS_ACCESS_KEY_ID": "AKIABENCH", "AWS_SECRET_ACCESS_KEY": "benchsecret", "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1", "AWS_EC2_METADATA_DISABLED": "true", "AWS_CONFIG_FILE": "/dev/null",
    "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"}

CONFIG = """version: 1
state: {run}/state
jobs: ./jobs
stores:
  bench: {{ kind: s3, bucket: bench, region: us-east-1, endpoint: "{url}", addressing: path, credentials: env }}
sinks:
  links: {{ kind: manifest, path: {manifest}, rotate: off }}
"""
# Manifests beside the first, whose cost is that of publishing alone.
MORE = 4
TEMPLATE = """watch: {inbox}
store: bench
{ready}
after: keep
link: {{ expires_in: 24h, prove: {prove} }}
publish: [{sinks}]
"""


class Failed(Exception):
    pass


def make_tree(folder):
    for number in range(FILES):
        path = f"{folder}/d{number // 100:03d}/f{number:05d}.bin"
        os.makedirs(os.path.dirname(path), exist_ok=True)
        seed = hashlib.sha256(str(number).encode()).digest()
        with open(path, "wb") as file:
            file.write(seed * (SIZE // len(seed)))


def make_large(path):
    block = os.urandom(1 << 24)
    with open(path, "wb") as file:
        for _ in range(LARGE >> 24):
            file.write(block)


class Sink:
    """The store, as a process of its own; `with` ends it."""

    def __init__(self, latency=0):
        self.latency = latency

    def __enter__(self):
        self.process = subprocess.Popen([SINK, "0", str(self.latency)], stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().strip()
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def stats(self):
        with urllib.request.urlopen(self.url + "/__stats") as answer:
            return json.load(answer)


class Daemon:
    """`presignd run` in a fresh folder; `with` stops it. Ready when it says so as systemd would hear it."""

    def __init__(self, sink, prove, ready="settle: 2s", more=0, keep=False):
        """`more` manifests are told too; `keep` goes on in the folder that the one before has left."""
        self.run, self.inbox = f"{RUN}/presignd", f"{MEMORY}/inbox"
        self.manifest = f"{self.run}/links/links.jsonl"
        for folder in (self.run, self.inbox) if not keep else ():
            shutil.rmtree(folder, ignore_errors=True)
            os.makedirs(folder)
        os.makedirs(self.run + "/jobs", exist_ok=True)
        others = [f"more{number}" for number in range(more)]
        values = {"run": self.run, "inbox": self.inbox, "manifest": self.manifest, "url": sink.url, "prove": prove,
                  "ready": ready, "sinks": ", ".join(["links"] + others)}
        with open(self.run + "/config.yaml", "w") as file:
            file.write(CONFIG.format(**values))
            for name in others:
                file.write(f"  {name}: {{ kind: manifest, path: {self.run}/links/{name}.jsonl, rotate: off }}\n")
        with open(self.run + "/jobs/bench.yaml", "w") as file:
            file.write(TEMPLATE.format(**values))

    def __enter__(self):
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        listener.bind(f"{MEMORY}/notify")
        listener.settimeout(1)
        self.log = open(self.run + "/log", "wb")
        started = time.monotonic()
        self.process = subprocess.Popen(
            [PRESIGND, "run", "--config", self.run + "/config.yaml"], stdin=subprocess.DEVNULL, stdout=self.log,
            stderr=self.log, env=ENVIRONMENT | {"NOTIFY_SOCKET": f"{MEMORY}/notify"})
        said = b""
        while b"READY=1" not in said and self.process.poll() is None and time.monotonic() < started + 30:
            try:
                said = listener.recv(4096)
            except TimeoutError:
                continue
        self.start_time = time.monotonic() - started
        listener.close()
        os.unlink(f"{MEMORY}/notify")
        if b"READY=1" not in said:
            self.__exit__()
            raise Failed(f"presignd ended or did not say READY within 30 s, see {self.run}/log")
        return self

    def __exit__(self, *_):
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()

    def proc(self, name):
        with open(f"/proc/{self.process.pid}/{name}") as file:
            return file.read()

    def cpu(self):
        fields = self.proc("stat").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    def status(self, name):
        """The number in a line of /proc/PID/status; memory is in KiB."""
        return next(int(line.split()[1]) for line in self.proc("status").splitlines() if line.startswith(name + ":"))

    def switches(self):
        """Voluntary context switches of each thread: each is a sleep that something ended."""
        switches = {}
        for thread in os.listdir(f"/proc/{self.process.pid}/task"):
            text = self.proc(f"task/{thread}/status")
            switches[thread] = int(text.split("\nvoluntary_ctxt_switches:")[1].split()[0])
        return switches

    def await_lines(self, wanted, offset=0):
        lines, deadline = 0, time.monotonic() + LIMIT
        while lines < wanted:
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise Failed(f"{lines} of {wanted} links after {LIMIT:.0f} s, see {self.run}/log")
            time.sleep(0.02)
            if os.path.exists(self.manifest):
                with open(self.manifest, "rb") as file:
                    file.seek(offset)
                    new = file.read()
                lines, offset = lines + new.count(b"\n"), offset + len(new)


def check(daemon, stats, tree, prove):
    """What was measured must be what was asked for."""
    with open(daemon.manifest) as file:
        entries = [json.loads(line) for line in file]
    problems = []
    if len({entry["id"] for entry in entries}) != FILES or len({entry["path"] for entry in entries}) != FILES:
        problems.append("a file is in the manifest twice")
    if stats["puts"] != FILES or stats["objects"] != FILES:
        problems.append(f"{stats['puts']} PUTs, {stats['objects']} objects for {FILES} files")
    if prove == "each" and stats["gets"] < FILES:
        problems.append(f"only {stats['gets']} links were proven")
    for entry in entries[:: max(1, FILES // 50)]:
        with urllib.request.urlopen(entry["url"]) as answer, open(f"{tree}/{entry['path'].partition('/')[2]}", "rb") as file:
            if answer.read() != file.read():
                problems.append(f"wrong bytes behind the link of {entry['path']}")
    if problems:
        raise Failed("; ".join(problems))


def measure_files(tree, prove, latency=0):
    with Sink(latency) as sink, Daemon(sink, prove) as daemon:
        cpu, started = daemon.cpu(), time.monotonic()
        # The files are new there, as a person's are, and the last is closed before their settle time runs out.
        subprocess.run(["cp", "-r", tree, daemon.inbox + "/drop"], check=True)
        daemon.await_lines(FILES)
        result = {"cpu": daemon.cpu() - cpu, "wall": time.monotonic() - started, "rss": daemon.status("VmHWM") / 1024,
                  "start": daemon.start_time}
        stats = sink.stats()
        check(daemon, stats, tree, prove)
        return result | {"requests": stats["requests"], "connections": stats["connections"], "sink_cpu": stats["cpu"]}


def measure_files_for_many(tree):
    """The same files with MORE manifests beside the first: what they cost more is publishing."""
    with Sink() as sink, Daemon(sink, "off", more=MORE) as daemon:
        cpu = daemon.cpu()
        subprocess.run(["cp", "-r", tree, daemon.inbox + "/drop"], check=True)
        daemon.await_lines(FILES)
        return {"cpu": daemon.cpu() - cpu}


def measure_long_manifest(tree):
    """Appending and starting with a manifest of LINES lines, which another began and nobody rotates."""
    with Sink() as sink:
        with Daemon(sink, "off") as daemon:
            subprocess.run(["cp", "-r", tree, daemon.inbox + "/drop"], check=True)
            daemon.await_lines(FILES)
            short = daemon.cpu()
        with open(daemon.manifest, "r+b") as file:
            line = json.loads(file.readlines()[-1])
            for number in range(FILES + 1, LINES + 1):
                file.write(json.dumps(line | {"seq": number}, separators=(",", ":")).encode() + b"\n")
        shutil.rmtree(daemon.inbox)
        os.mkdir(daemon.inbox)
        with Daemon(sink, "off", keep=True) as daemon:
            started, offset = daemon.cpu(), os.path.getsize(daemon.manifest)
            subprocess.run(["cp", "-r", tree, daemon.inbox + "/again"], check=True)
            daemon.await_lines(FILES, offset)
            return {"short": short, "cpu": daemon.cpu() - started, "start": daemon.start_time, "start_cpu": started,
                    "rss": daemon.status("VmHWM") / 1024}


def measure_stages(results, tree):
    """Another run of each, sampled: shares of the CPU time that the undisturbed runs took."""
    for prove in ("off", "each"):
        measured = results.get(f"presignd, prove: {prove}")
        if not measured:
            continue
        try:
            with Sink() as sink, Daemon(sink, prove) as daemon:
                with stages.Sampling(daemon.process.pid, f"{RUN}/perf.data") as sampling:
                    subprocess.run(["cp", "-r", tree, daemon.inbox + "/drop"], check=True)
                    daemon.await_lines(FILES)
            measured["stages"] = sampling.shares
        except (Failed, stages.Unavailable) as error:
            print(f"bench: no table of stages: {error}", file=sys.stderr)
            return


def measure_idle():
    with Sink() as sink, Daemon(sink, "each") as daemon:
        time.sleep(3)
        switches, cpu = daemon.switches(), daemon.cpu()
        time.sleep(IDLE)
        # A thread that has ended since then was not woken for anything.
        woken = sum(count - switches.get(thread, 0) for thread, count in daemon.switches().items())
        return {"rss": daemon.status("VmRSS") / 1024, "wakeups": woken / IDLE,
                "cpu": (daemon.cpu() - cpu) / IDLE, "threads": daemon.status("Threads")}


def measure_latency():
    outside = f"{MEMORY}/outside"
    os.makedirs(outside, exist_ok=True)
    with Sink() as sink, Daemon(sink, "each", ready="ready: rename") as daemon:
        return latency.measure(daemon.inbox, outside, daemon.manifest, SINGLES)


def boto_python():
    """A Python that has boto3, or nothing."""
    for python in (f"{RUN}/peers/bin/python", sys.executable):
        if shutil.which(python) and not subprocess.call([python, "-c", "import boto3"], stderr=subprocess.DEVNULL):
            return python
    return None


def measure_latency_of_boto():
    folder, outside, links = f"{MEMORY}/watched", f"{MEMORY}/outside", f"{RUN}/presignd/boto.txt"
    for path in (folder, outside, os.path.dirname(links)):
        os.makedirs(path, exist_ok=True)
    with Sink() as sink, subprocess.Popen([boto_python(), f"{HERE}/boto_watch.py", sink.url, "bench", folder, links],
                                          stdout=subprocess.PIPE, env=ENVIRONMENT) as watcher:
        try:
            watcher.stdout.readline()
            return latency.measure(folder, outside, links, SINGLES)
        finally:
            watcher.terminate()


def waited(command, stdin=None, stdout=None, one_core=False):
    """Runs a command to its end: wall, CPU of it and its children, its largest memory."""
    core = {min(os.sched_getaffinity(0))}
    started = time.monotonic()
    process = subprocess.Popen(command, stdin=stdin or subprocess.DEVNULL, stdout=stdout or subprocess.DEVNULL,
                               stderr=subprocess.PIPE, env=ENVIRONMENT | {"RCLONE_CONFIG": "/dev/null"},
                               preexec_fn=(lambda: os.sched_setaffinity(0, core)) if one_core else None)
    errors = process.stderr.read().decode(errors="replace")
    _, status, use = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise Failed(f"{os.path.basename(command[0])} ended with {process.returncode}: {errors.strip()[-300:]}")
    return {"cpu": use.ru_utime + use.ru_stime, "wall": time.monotonic() - started, "rss": use.ru_maxrss / 1024}


def measure_presign():
    """URLs a second on one core; each line is another key."""
    source, target = f"{MEMORY}/batch", f"{MEMORY}/urls"
    with open(source, "w") as file:
        for number in range(URLS):
            file.write(json.dumps({"scheme": "sigv4", "method": "GET", "endpoint": "https://s3.us-east-1.amazonaws.com",
                                   "bucket": "bench", "key": f"2026/reports/d{number % 97:03d}/f{number:07d}.pdf",
                                   "region": "us-east-1", "access_key": "AKIABENCH", "secret_key": "benchsecret",
                                   "expires_in": 3600, "date": "2026-01-01T00:00:00Z"}) + "\n")
    with open(source) as stdin, open(target, "w") as stdout:
        result = waited([PRESIGND, "presign", "--batch"], stdin, stdout, one_core=True)
    with open(target) as file:
        urls = {json.loads(line)["url"] for line in file}
    if len(urls) != URLS:
        raise Failed(f"{len(urls)} different URLs for {URLS} lines")
    return result


def peers(url):
    """Commands that upload {tree}; only those that are installed."""
    host = url.removeprefix("http://")
    remote = f":s3,provider=Other,env_auth=true,region=us-east-1,force_path_style=true,endpoint='{url}':bench"
    tuned = ("--transfers 32 --checkers 32 --s3-no-check-bucket --s3-no-head --no-check-dest "
             "--s3-disable-checksum --ignore-checksum").split()
    commands = {
        "minio-go": ["minio-go", host, "bench", "{tree}"],
        "s5cmd": ["s5cmd", "--log", "error", "--endpoint-url", url, "cp", "{tree}/", "s3://bench/"],
        "rclone": ["rclone", "copy", "{tree}", remote],
        "rclone, tuned": ["rclone", "copy", *tuned, "{tree}", remote],
    }
    found = {name: command for name, command in commands.items() if shutil.which(command[0])}
    if python := boto_python():
        found["boto3"] = [python, f"{HERE}/boto.py", url, "bench", "{tree}"]
    return found


def measure_peer(name, tree, latency=0):
    with Sink(latency) as sink:
        command = [part.replace("{tree}", tree) for part in peers(sink.url)[name]]
        result = waited(command)
        stats = sink.stats()
        if stats["objects"] != FILES:
            raise Failed(f"{name} stored {stats['objects']} of {FILES} files")
        return result | {"requests": stats["requests"], "connections": stats["connections"], "sink_cpu": stats["cpu"]}


def measure_hash(path):
    """SHA-256 of a file, once through, as everyone who proves what was sent has to."""
    program = ("import hashlib, sys\nwith open(sys.argv[1], 'rb', buffering=0) as file:\n"
               "    hashlib.file_digest(file, 'sha256')")
    return waited([sys.executable, "-c", program, path])


def check_large(sink, path):
    stats = sink.stats()
    if stats["bytes_in"] < os.path.getsize(path):
        raise Failed(f"only {stats['bytes_in']} bytes arrived")
    return {"requests": stats["requests"], "connections": stats["connections"]}


def measure_large(path):
    """One large file, from its name in the folder to its link, with the tenth of a second it has to settle."""
    with Sink() as sink, Daemon(sink, "off", ready="settle: 100ms") as daemon:
        cpu, started = daemon.cpu(), time.monotonic()
        # Not by a hard link: such a file is another's, and refused.
        os.rename(path, daemon.inbox + "/large.bin")
        try:
            daemon.await_lines(1)
            wall = time.monotonic() - started
        finally:
            os.rename(daemon.inbox + "/large.bin", path)
        return {"cpu": daemon.cpu() - cpu, "wall": wall, "rss": daemon.status("VmHWM") / 1024} | check_large(sink, path)


def large_peers(url, path):
    """Commands that upload one file; curl, the bound, only sends it: it hashes nothing, and starts anew after a fault."""
    commands = {"curl -T": ["curl", "-sS", "-f", "-T", path, f"{url}/bench/large.bin"]}
    for name, command in peers(url).items():
        if name in ("s5cmd", "rclone, tuned"):
            commands[name] = [path if part in ("{tree}", "{tree}/") else part for part in command]
    return {name: command for name, command in commands.items() if shutil.which(command[0])}


def measure_large_peer(name, path):
    with Sink() as sink:
        return waited(large_peers(sink.url, path)[name]) | check_large(sink, path)


def median(runs):
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


def attempt(results, measures):
    """Records the median of each one's rounds, or says why there is none; `measures` holds name, measure, rounds.

    One round of each before the next of any: what else the machine does, it does to all of them.
    """
    runs = {}
    for number in range(max(rounds for _, _, rounds in measures)):
        for name, measure, rounds in measures:
            if number >= rounds or len(runs.get(name, [])) < number:
                continue
            try:
                runs.setdefault(name, []).append(measure())
            except (Failed, OSError, ValueError, KeyError) as error:
                print(f"bench: {name}: {error}", file=sys.stderr)
    results |= {name: median(runs[name]) for name, _, rounds in measures if len(runs.get(name, [])) == rounds}


def show(results):
    print(f"\n{FILES:,} files of 4 KiB, {os.cpu_count()} cores, median of {ROUNDS} (boto3: 1)\n")
    print("| | CPU s | µs/file | wall s | peak RSS MiB | requests | connections | CPU against prove: off |")
    print("|---|---|---|---|---|---|---|---|")
    base = results.get("presignd, prove: off", {}).get("cpu")
    for name, value in results.items():
        if "requests" in value and not name.startswith("large: "):
            ratio = f"{value['cpu'] / base:.2f} x" if base else "?"
            print(f"| {name} | {value['cpu']:.2f} | {value['cpu'] / FILES * 1e6:.0f} | {value['wall']:.2f} "
                  f"| {value['rss']:.0f} | {value['requests']:.0f} | {value['connections']:.0f} | {ratio} |")
    print("\npresignd's wall holds the drop (cp -r) and 2 s of settling; its CPU queue, hash, signing and manifest.")
    show_large({name.removeprefix("large: "): value for name, value in results.items() if name.startswith("large: ")})
    show_latency({name.removeprefix("latency: "): value for name, value in results.items() if name.startswith("latency: ")})
    show_publishing(results)
    columns = {name.removeprefix("presignd, "): (value["cpu"], value["stages"])
               for name, value in results.items() if "stages" in value}
    if columns:
        stages.table(columns, FILES)
        print("Shares of what perf sampled in a run of its own, of the CPU s above. The GET of prove: each is sent by "
              "libcurl too.\n")
    if idle := results.get("idle"):
        print(f"Idle: {idle['rss']:.1f} MiB, {idle['wakeups']:.1f} wake-ups/s, {idle['threads']:.0f} threads "
              f"(aims: 40 MiB, 1/s)")
    if presign := results.get("presign"):
        print(f"Presign: {URLS / presign['cpu']:,.0f} URLs per CPU second on one core, {presign['rss']:.0f} MiB")


def show_large(results):
    if not results:
        return
    print(f"\nOne file of {LARGE / (1 << 30):g} GiB\n\n| | CPU s | wall s | peak RSS MiB | requests |\n|---|---|---|---|---|")
    for name, value in results.items():
        print(f"| {name} | {value['cpu']:.2f} | {value['wall']:.2f} | {value['rss']:.0f} | {value.get('requests', 0):.0f} |")
    if {"presignd", "curl -T", "SHA-256 alone"} <= results.keys():
        bound = results["curl -T"]["cpu"] + results["SHA-256 alone"]["cpu"]
        print(f"\npresignd's CPU is {results['presignd']['cpu'] / bound:.2f} x that of curl -T and SHA-256 (aim: 1.25)")


def show_publishing(results):
    if "manifests" in results and "presignd, prove: off" in results:
        more = (results["manifests"]["cpu"] - results["presignd, prove: off"]["cpu"]) / MORE / FILES
        print(f"\nPublishing to one more manifest: {more * 1e6:.1f} µs CPU a link (aim: 25)")
    if long := results.get("long manifest"):
        print(f"\nA manifest of {LINES:,} lines: ready {long['start']:.2f} s after the start (aim: 1), {long['rss']:.0f} MiB; "
              f"{FILES:,} files {long['cpu']:.2f} s CPU, in an empty one {long['short']:.2f} s")


def show_latency(results):
    if not results:
        return
    print(f"\n{SINGLES} files of 100 KiB, one by one: from the rename into the folder to the link (aims: 4 and 12 ms)\n")
    print("| | p50 ms | p99 ms | max ms |\n|---|---|---|---|")
    for name, value in results.items():
        print(f"| {name} | {value['p50']:.1f} | {value['p99']:.1f} | {value['max']:.1f} |")


def main():
    if not os.access(PRESIGND, os.X_OK):
        sys.exit(f"bench: there is no {PRESIGND}; `make build` makes it")
    results, tree = {}, f"{MEMORY}/tree"
    os.makedirs(MEMORY)
    try:
        make_tree(tree)
        own = [(f"presignd, prove: {prove}", lambda prove=prove: measure_files(tree, prove), ROUNDS)
               for prove in ("off", "each")]
        others = [(name, lambda name=name: measure_peer(name, tree), 1 if name == "boto3" else ROUNDS)
                  for name in peers("http://")]
        far = [(f"far: presignd, prove: {prove}", lambda prove=prove: measure_files(tree, prove, FAR), ROUNDS)
               for prove in ("off", "each")]
        far += [(f"far: {name}", lambda name=name: measure_peer(name, tree, FAR), ROUNDS)
                for name in peers("http://") if name != "boto3"]
        own.append(("manifests", lambda: measure_files_for_many(tree), ROUNDS))
        attempt(results, own + others + far)
        attempt(results, [("long manifest", lambda: measure_long_manifest(tree), 1)])
        measure_stages(results, tree)
        large = f"{MEMORY}/large.bin"
        make_large(large)
        attempt(results, [("large: SHA-256 alone", lambda: measure_hash(large), ROUNDS),
                          ("large: presignd", lambda: measure_large(large), ROUNDS)]
                + [(f"large: {name}", lambda name=name: measure_large_peer(name, large), ROUNDS)
                   for name in large_peers("http://", large)])
        os.unlink(large)
        singles = [("latency: presignd, prove: each", measure_latency, 1)]
        if boto_python():
            singles.append(("latency: boto3 and inotify, without a state", measure_latency_of_boto, 1))
        attempt(results, singles)
        attempt(results, [("idle", measure_idle, 1), ("presign", measure_presign, 1)])
    finally:
        shutil.rmtree(MEMORY)
    show(results)
    with open(f"{RUN}/results.json", "w") as file:
        json.dump({"files": FILES, "cores": os.cpu_count(), "results": results}, file, indent=1)
    sys.exit(0 if {"presignd, prove: off", "presignd, prove: each", "idle", "presign"} <= results.keys() else 1)


if __name__ == "__main__":
    main()
