// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Lends texts as C has lists of them, `argv` and `environ`: C strings, and a null pointer at the end.
package func withCStrings<Result>(
    _ texts: [String],
    _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> Result
) -> Result {
    var pointers = unsafe texts.map { unsafe strdup($0) } + [nil]
    defer { unsafe pointers.forEach { unsafe free($0) } }
    return unsafe pointers.withUnsafeMutableBufferPointer { buffer in
        unsafe body(buffer.baseAddress)
    }
}
