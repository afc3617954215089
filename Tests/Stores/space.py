#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A mount namespace for tests, which goes with the test and takes what is mounted and runs in it along.

space.py stay          prints its process id and keeps the namespace that it was started in
space.py cut FOLDER    takes the power from FOLDER's file system (ext4, XFS): what is not on its disk now never will be
"""
import fcntl
import glob
import os
import signal
import struct
import sys
import threading

from detach import detach

# _IOR('X', 125, __u32): EXT4_IOC_SHUTDOWN and XFS_IOC_GOINGDOWN; 2 is "do not flush the log".
SHUTDOWN, NO_LOG_FLUSH = 0x8004587D, 2


def end_space():
    """Ends every process in this namespace, this one last."""
    mine = os.readlink("/proc/self/ns/mnt")
    for link in glob.glob("/proc/[0-9]*/ns/mnt"):
        pid = int(link.split("/")[2])
        try:
            if pid != os.getpid() and os.readlink(link) == mine:
                os.kill(pid, signal.SIGKILL)
        except OSError:
            pass


if sys.argv[1] == "cut":
    folder = os.open(sys.argv[2], os.O_RDONLY)
    fcntl.ioctl(folder, SHUTDOWN, struct.pack("I", NO_LOG_FLUSH))
else:
    detach("space", at_end=end_space)
    threading.Event().wait()
