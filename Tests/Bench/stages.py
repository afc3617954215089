# SPDX-License-Identifier: Apache-2.0
"""Where the CPU time of a file goes: perf samples the running daemon, each sample counts for the stage of its
innermost function that belongs to one. The daemon itself has no part in it. Standard library only.
"""
import collections, os, re, shutil, signal, subprocess, time

# Mangled names, as they stand in the binary: module and type with their lengths, then the function.
STAGES = [
    ("watch: events, settling, open writers", r"\$s5Watch"),
    ("look up and queue (look, add, claim)",
     r"\$s5Queue7SessionC(?:8sighting|5admit|5claim|7nextDue)|\$s6Daemon6IntakeV|\$s6Daemon6EngineC.*[tT]ake"),
    ("open, read, hash, compare", r"\$s8Transfer(?:10SourceFile|10BodyHasher|11WatchedRoot)|\$s4Jobs11SettledFileV8Transfer"),
    ("sign the PUT", r"\$s6Daemon5StoreC6upload.*XEfU"),
    ("send and receive (libcurl)", r"\$s4HTTP"),
    ("read the store's answer", r"\$s7Objects"),
    ("record the receipt", r"\$s5Queue7SessionC6record"),
    ("prove: judge the GET", r"\$s8Transfer9LinkProof"),
    ("sign the GET", r"\$s6Daemon5StoreC(?:3url|4link)"),
    ("publish: number, append, fsync", r"\$s5Queue7SessionC5issue|\$s7Publish|\$s9Manifests|\$s6Daemon9PublisherC"),
    ("confirm: end the job", r"\$s5Queue7SessionC7confirm"),
    ("commit (shared), fsync", r"\$s5Queue11GroupCommitC"),
]
REST = "tasks, waking, the rest"
PATTERN = re.compile("|".join(f"({pattern})" for _, pattern in STAGES))


class Unavailable(Exception):
    """perf is missing or may not be used; the text says so."""


class Sampling:
    """Samples a process while `with` lasts; then `shares` holds the share of each stage."""

    def __init__(self, pid, data):
        self.pid, self.data = pid, data

    def __enter__(self):
        if not shutil.which("perf"):
            raise Unavailable("perf is not installed (apt-get install linux-perf)")
        # DWARF, because the system's libraries keep no frame pointers; 16 KiB hold every stack seen here.
        self.perf = subprocess.Popen(
            ["perf", "record", "-q", "-F", "1999", "--call-graph", "dwarf,16384", "-o", self.data, "-p", str(self.pid)],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        time.sleep(1)
        if self.perf.poll() is not None:
            raise Unavailable(f"perf may not be used: {self.perf.stderr.read().strip()[:200]}")
        return self

    def __exit__(self, kind, *_):
        self.perf.send_signal(signal.SIGINT)
        self.perf.communicate()
        if kind is None:
            self.shares = shares(self.data)
        os.unlink(self.data)


def shares(data):
    text = subprocess.run(["perf", "script", "-i", data, "--no-inline", "-F", "ip,sym"],
                          capture_output=True, text=True, errors="replace").stdout
    counts, samples = collections.Counter(), 0
    for sample in text.split("\n\n"):
        if not sample.strip():
            continue
        samples += 1
        # Innermost first, so the first match is the one that decides.
        found = PATTERN.search(sample)
        counts[STAGES[found.lastindex - 1][0] if found else REST] += 1
    if samples < 100:
        raise Unavailable(f"perf took only {samples} samples")
    return {stage: count / samples for stage, count in counts.items()}


def table(columns, files):
    """Prints µs a file by stage; `columns` maps a title to (CPU seconds of an undisturbed run, shares)."""
    print("\n| µs CPU per file (user + kernel), by stage | " + " | ".join(columns) + " |")
    print("|---|" + "---|" * len(columns))
    for stage in [name for name, _ in STAGES] + [REST]:
        cells = [f"{cpu * share.get(stage, 0) / files * 1e6:.1f}" for cpu, share in columns.values()]
        print(f"| {stage} | " + " | ".join(cells) + " |")
    print("| **all** | " + " | ".join(f"**{cpu / files * 1e6:.0f}**" for cpu, _ in columns.values()) + " |")
    for stage, _ in STAGES:
        if not any(stage in share for _, share in columns.values()):
            print(f"stages: nothing was seen of \"{stage}\"; was its function renamed? see Tests/Bench/stages.py")
