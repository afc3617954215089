// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What the system calls an error number.
enum SystemText {
    static func text(_ number: Int32) -> String {
        unsafe strerror(number).map { unsafe String(cString: $0) } ?? "error \(number)"
    }
}
