#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes to files while another program removes them: writers.py SECONDS COUNT FOLDER...

A third of the files is rewritten in place with contents of one size, a third is appended to, a third is replaced
by rename; each about six times a second, at random moments. A file that has gone is made again. At the end it
prints the SHA-256 of each content that nobody wrote over: a line each.
"""
import hashlib
import os
import random
import sys
import time

SECONDS, COUNT, FOLDERS = float(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
RATE = 6 * COUNT
paths = [f"{FOLDERS[i % len(FOLDERS)]}/f{i}" for i in range(COUNT)]
last = [None] * COUNT
kept, writes, gone = [], 0, 0


def content(i):
    return b"%d %d " % (i, writes) + os.urandom(16).hex().encode() * 20


def read(fd):
    return hashlib.sha256(os.pread(fd, 1 << 20, 0)).hexdigest()


def write(i):
    """Writes in place, or to the end, and says what the file holds by then."""
    global gone
    try:
        fd = os.open(paths[i], os.O_RDWR)
    except FileNotFoundError:
        # What it had may be written over by nobody any more.
        if last[i]:
            kept.append(last[i])
            gone += 1
        try:
            fd = os.open(paths[i], os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o644)
        except FileExistsError:
            # It is back; the next round will tell.
            return
    if i % 3 == 0:
        os.pwrite(fd, content(i).ljust(1000)[:1000], 0)
    else:
        os.lseek(fd, 0, os.SEEK_END)
        os.write(fd, content(i))
    last[i] = read(fd)
    os.close(fd)


def replace(i):
    data = content(i)
    temporary = os.path.join(os.path.dirname(paths[i]), f".f{i}.tmp")
    with open(temporary, "wb") as file:
        file.write(data)
    # Whether it wrote over the content before nobody can tell, so that one is not asked for.
    os.rename(temporary, paths[i])
    last[i] = hashlib.sha256(data).hexdigest()


start = time.monotonic()
while (now := time.monotonic() - start) < SECONDS:
    if writes > now * RATE:
        time.sleep(0.001)
        continue
    i = random.randrange(COUNT)
    replace(i) if i % 3 == 2 else write(i)
    writes += 1
for digest in kept + [digest for digest in last if digest]:
    print(digest)
print(f"{writes} writes, {gone} of them to files that had gone", file=sys.stderr)
