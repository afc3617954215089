// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc

/// File names that break programs.
enum HostileNames {
    static let all: [[UInt8]] = [
        Array("two  spaces .txt".utf8),
        Array("line\nbreak".utf8),
        Array("quote\"'`$(id)&;|".utf8),
        Array("-rf".utf8),
        Array("percent%41%00.txt".utf8),
        Array("plus+and&equals=?#".utf8),
        Array("emoji 😀 日本.txt".utf8),
        Array("nfd e\u{301}.txt".utf8),
        Array("bidi \u{202e}fdp.exe".utf8),
        Array("back\\slash".utf8),
        [0x66, 0xff, 0xfe, 0x2e, 0x74],
        [0x01, 0x7f, 0x1b, 0x5b, 0x41],
        Array(repeating: UInt8(ascii: "x"), count: 255),
    ]

    /// Creates a file whose name need not be text.
    static func create(_ name: [UInt8], in folder: URL, _ content: String) throws {
        let path = Array(folder.path.utf8) + [UInt8(ascii: "/")] + name
        let terminated = path.map { CChar(bitPattern: $0) } + [0]
        let descriptor = unsafe openat(AT_FDCWD, terminated, O_WRONLY | O_CREAT, 0o600)
        guard descriptor >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        defer { close(descriptor) }
        let bytes = Array(content.utf8)
        guard unsafe write(descriptor, bytes, bytes.count) == bytes.count else {
            throw POSIXError(.EIO)
        }
    }
}
