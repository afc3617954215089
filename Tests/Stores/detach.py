# SPDX-License-Identifier: Apache-2.0
"""Lets a stand-in of a test go on in a process of its own, for no longer than the test lives."""
import os
import threading
import time


def detach(*words, at_end=lambda: None):
    """Prints the words, with the new process's id after the first, and returns in that process alone.

    at_end is called when the test has ended without ending this process.
    """
    owner = os.getppid()
    child = os.fork()
    if child:
        print(words[0], child, *words[1:], flush=True)
        os._exit(0)
    os.setsid()
    # Nobody waits for the output of this one.
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    threading.Thread(target=end_with, args=(owner, at_end), daemon=True).start()


def end_with(owner, at_end):
    # A test that crashed cannot end what it started.
    while os.path.exists(f"/proc/{owner}"):
        time.sleep(1)
    at_end()
    os._exit(0)
