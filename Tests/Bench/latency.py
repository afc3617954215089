# SPDX-License-Identifier: Apache-2.0
"""How long a file waits for its link: from its rename into the folder to its whole line in the manifest."""
import ctypes, os, select, statistics, time

IN_MODIFY, IN_CREATE, IN_MOVED_TO = 0x2, 0x100, 0x80
SIZE = 100 << 10
# A person's pace: each file finds an idle daemon.
PAUSE = 0.2


class Tail:
    """A file that others append to, read as soon as the kernel tells of it."""

    def __init__(self, path):
        self.path, self.offset, self.rest = path, 0, b""
        libc = ctypes.CDLL(None, use_errno=True)
        self.inotify = libc.inotify_init1(os.O_NONBLOCK)
        if libc.inotify_add_watch(self.inotify, os.path.dirname(path).encode(), IN_MODIFY | IN_CREATE | IN_MOVED_TO) < 0:
            raise OSError(ctypes.get_errno(), "inotify_add_watch")

    def lines(self, timeout):
        """Whole lines that have come, after waiting for any for `timeout` seconds."""
        if not select.select([self.inotify], [], [], timeout)[0]:
            return []
        os.read(self.inotify, 65536)
        if not os.path.exists(self.path):
            return []
        with open(self.path, "rb") as file:
            file.seek(self.offset)
            new = file.read()
        self.offset += len(new)
        *lines, self.rest = (self.rest + new).split(b"\n")
        return lines

    def close(self):
        os.close(self.inotify)


def measure(folder, outside, manifest, count):
    """Milliseconds for each of `count` files; raises when a link does not come within 10 s."""
    tail, content, waits = Tail(manifest), os.urandom(SIZE), []
    try:
        for number in range(count):
            name = f"latency-{number:05d}.bin"
            with open(f"{outside}/{name}", "wb") as file:
                file.write(number.to_bytes(4, "big") + content[4:])
            time.sleep(PAUSE)
            started = time.monotonic()
            os.rename(f"{outside}/{name}", f"{folder}/{name}")
            while not any(name.encode() in line for line in tail.lines(started + 10 - time.monotonic())):
                if time.monotonic() > started + 10:
                    raise OSError(f"no link of {name} within 10 s")
            waits.append((time.monotonic() - started) * 1e3)
    finally:
        tail.close()
    return summary(waits)


def summary(waits):
    waits = sorted(waits)
    return {"p50": statistics.median(waits), "p99": waits[min(len(waits) - 1, len(waits) * 99 // 100)],
            "max": waits[-1]}
