// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs

/// A path of the command line as absolute bytes, without `.`, `..` and double slashes.
///
/// Links in it are kept: a watched root is compared as it is written in the configuration.
enum AbsolutePath {
    static func bytes(of argument: String) -> [UInt8] {
        let slash = UInt8(ascii: "/")
        var path = Array(argument.utf8)
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

    /// The absolute path as text, if there is a file and its path is text.
    static func ofExisting(_ argument: String) -> String? {
        let path = String(validating: bytes(of: argument), as: UTF8.self)
        return path.flatMap { unsafe access($0, F_OK) == 0 ? $0 : nil }
    }

    private static func workingFolder() -> [UInt8] {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        guard unsafe getcwd(&buffer, buffer.count) != nil else { return [] }
        return buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    }
}
