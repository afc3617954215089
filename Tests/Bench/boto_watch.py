#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""boto_watch.py URL BUCKET FOLDER LINKS: the watcher a careful Python user writes, for comparison with presignd.

One process, inotify and a pool of threads: each file that is moved in is uploaded, its link signed and appended. It keeps
no state, proves nothing, and what comes while it is down is missed.
"""
import concurrent.futures, ctypes, os, struct, sys, threading

import boto3, botocore.config

URL, BUCKET, FOLDER, LINKS = sys.argv[1:5]
WORKERS = 8
IN_MOVED_TO = 0x80
HEAD = struct.Struct("iIII")

client = boto3.client("s3", endpoint_url=URL, config=botocore.config.Config(
    max_pool_connections=WORKERS, s3={"addressing_style": "path"}, signature_version="s3v4"))
lock = threading.Lock()


def names(inotify):
    while True:
        events, offset = os.read(inotify, 65536), 0
        while offset < len(events):
            length = HEAD.unpack_from(events, offset)[3]
            offset += HEAD.size
            yield events[offset:offset + length].rstrip(b"\0").decode()
            offset += length


def send(name):
    client.upload_file(f"{FOLDER}/{name}", BUCKET, name)
    url = client.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": name}, ExpiresIn=86400)
    with lock, open(LINKS, "a") as links:
        links.write(f"{name}\t{url}\n")


libc = ctypes.CDLL(None, use_errno=True)
inotify = libc.inotify_init1(0)
libc.inotify_add_watch(inotify, FOLDER.encode(), IN_MOVED_TO)
print("ready", flush=True)
with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
    for name in names(inotify):
        pool.submit(send, name)
