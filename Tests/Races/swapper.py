#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Swaps names while another program reads them: swapper.py SECONDS A B

Each name in folder A changes places with the same name in folder B (renameat2(2), RENAME_EXCHANGE), about five
times a second and at random moments. At the end all are as they were, and it prints how many swaps it made.
"""
import ctypes
import os
import random
import sys
import time

SECONDS, A, B = float(sys.argv[1]), sys.argv[2], sys.argv[3]
AT_FDCWD, EXCHANGE = -100, 2
rename = ctypes.CDLL(None, use_errno=True).renameat2
names = os.listdir(B)
pairs = [(f"{A}/{name}".encode(), f"{B}/{name}".encode()) for name in names]
isSwapped = [False] * len(pairs)


def swap(i):
    if rename(AT_FDCWD, pairs[i][0], AT_FDCWD, pairs[i][1], EXCHANGE) != 0:
        sys.exit(f"{pairs[i]}: {os.strerror(ctypes.get_errno())}")
    isSwapped[i] = not isSwapped[i]


start, count = time.monotonic(), 0
while (now := time.monotonic() - start) < SECONDS:
    if count > now * len(pairs) * 5:
        time.sleep(0.001)
        continue
    i = random.randrange(len(pairs))
    swap(i)
    count += 1
    # Half of the time it is there for an instant only.
    if random.random() < 0.5:
        swap(i)
        count += 1
for i, isOther in enumerate(isSwapped):
    if isOther:
        swap(i)
print(count)
