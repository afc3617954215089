// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs

/// A path of the command line as absolute bytes, without `.`, `..` and double slashes.
///
/// Links in it are kept: a watched root is compared as it is written in the configuration.
enum AbsolutePath {
    static func bytes(of argument: String) -> [UInt8] {
        let slash = UInt8(ascii: "/")
        var path = RawArgument.bytes(of: argument)
        if path.first != slash { path = workingFolder() + [slash] + path }
        var parts: [ArraySlice<UInt8>] = []
        for part in path.split(separator: slash) {
            if part.elementsEqual([0x2e]) { continue }
            if part.elementsEqual([0x2e, 0x2e]) {
                _ = parts.popLast()
            } else {
                parts.append(part)
            }
        }
        return [slash] + parts.joined(separator: [slash])
    }

    /// The absolute path if there is such a file, else the argument as it is.
    static func nameOrExisting(_ argument: String) -> [UInt8] {
        let path = bytes(of: argument)
        let isThere = unsafe (path + [0]).withUnsafeBytes { bytes in
            guard let start = bytes.baseAddress else { return false }
            return unsafe access(start.assumingMemoryBound(to: CChar.self), F_OK) == 0
        }
        return isThere ? path : RawArgument.bytes(of: argument)
    }

    private static func workingFolder() -> [UInt8] {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        guard unsafe getcwd(&buffer, buffer.count) != nil else { return [] }
        return buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    }
}
