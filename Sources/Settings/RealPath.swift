// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A path with every symbolic link of its existing front part resolved, for comparison only.
///
/// Bytes, not `String`: two names that differ by their Unicode form are two files on Linux.
struct RealPath: Hashable {
    /// The root folder is the empty path, so that every path begins with it.
    let bytes: [UInt8]

    /// Resolves an absolute path; the parts that do not exist yet stay as they are.
    init(_ path: String) {
        var front = path
        var rest: [String] = []
        var links = 0
        while front != "/" {
            if let real = Self.resolved(front) {
                bytes = rest.reversed().reduce(into: real == [0x2f] ? [] : real) { path, part in
                    path.append(UInt8(ascii: "/"))
                    path.append(contentsOf: part.utf8)
                }
                return
            }
            if links < 40, let target = Self.target(of: front) {
                // A link to something that does not exist yet.
                links += 1
                front = PathText.clean(target.hasPrefix("/") ? target : "\(front)/../\(target)")
            } else {
                let slash = front.utf8.lastIndex(of: UInt8(ascii: "/")) ?? front.startIndex
                rest.append(String(front[slash...].utf8.dropFirst()) ?? "")
                front = slash == front.startIndex ? "/" : String(front[..<slash])
            }
        }
        bytes = rest.reversed().flatMap { [UInt8(ascii: "/")] + Array($0.utf8) }
    }

    /// Whether the other path is this one or beneath it.
    func contains(_ other: RealPath) -> Bool {
        other.bytes.starts(with: bytes)
            && (other.bytes.count == bytes.count || other.bytes[bytes.count] == UInt8(ascii: "/"))
    }

    /// Whether one of the two is the other or beneath it.
    func overlaps(_ other: RealPath) -> Bool { contains(other) || other.contains(self) }

    private static func resolved(_ path: String) -> [UInt8]? {
        guard let real = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(real) }
        return unsafe Array(UnsafeRawBufferPointer(start: real, count: strlen(real)))
    }

    private static func target(of path: String) -> String? {
        var buffer = [CChar](repeating: 0, count: 4_096)
        let count = unsafe readlink(path, &buffer, buffer.count)
        guard count > 0 else { return nil }
        return String(validating: buffer.prefix(count).map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}
