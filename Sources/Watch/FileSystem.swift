// SPDX-License-Identifier: Apache-2.0

import CLinux

/// The file systems whose files are changed by others than this kernel.
///
/// inotify tells of them only what this machine does, and raises no error (notify#475, fsnotify#306,
/// watchdog#409).
enum FileSystem {
    /// By their magic numbers (linux/magic.h, and the sources of those that are not in it).
    private static let remote: [Int64: String] = [
        0x6969: "NFS", 0xff53_4d42: "CIFS", 0xfe53_4d42: "SMB", 0x517b: "SMB",
        0x6573_5546: "FUSE", 0x0102_1997: "9p", 0x00c3_6400: "Ceph", 0x5346_414f: "AFS",
        0x6b41_4653: "AFS", 0x7375_7245: "Coda", 0x0bd0_0bd0: "Lustre", 0x4750_4653: "GPFS",
        0x1983_0326: "BeeGFS", 0x0116_1970: "GFS2", 0x7461_636f: "OCFS2",
        0x786f_4256: "vboxsf", 0xbacb_acbc: "vmhgfs", 0x564c: "NCP",
    ]

    /// The magic number of the file system an open folder lies on, or -1.
    static func magic(of folder: borrowing Descriptor) -> Int64 {
        cs_file_system_magic_of(folder.number)
    }

    /// The name of a file system, if others change it too.
    static func remoteName(magic: Int64) -> String? { remote[magic] }
}
