// SPDX-License-Identifier: Apache-2.0

import Glibc
import Manifests

/// Reads the lines of a file one after the other, of any number, in bounded memory.
struct LineFile: ~Copyable {
    private let descriptor: Int32
    private var bytes: ArraySlice<UInt8> = []
    private var isAtEnd = false
    /// What went wrong while reading.
    private(set) var problem: Int32?
    private static let chunk = 1 << 20

    /// Opens the file; nothing when it cannot, and then errno says why.
    init?(_ path: String) {
        let opened = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
        // Before the file is whole: closing what is not open would set errno anew.
        guard opened >= 0 else { return nil }
        descriptor = opened
    }

    deinit { close(descriptor) }

    /// The next line without its line feed; one beyond the longest is cut, and no good for anybody.
    ///
    /// What follows the last line feed is torn, and comes as a line too: it is for the reader to judge.
    mutating func next() -> ArraySlice<UInt8>? {
        var searched = 0
        while true {
            if let end = bytes[(bytes.startIndex + searched)...].firstIndex(of: 0x0a) {
                defer { bytes = bytes[(end + 1)...] }
                return bytes[..<end]
            }
            guard !isAtEnd else {
                defer { bytes = [] }
                return bytes.isEmpty ? nil : bytes
            }
            // The front of a line that nobody reads is not kept.
            if bytes.count > ManifestReader.maximumLength { bytes = [0] }
            searched = bytes.count
            fill()
        }
    }

    private mutating func fill() {
        var whole = Array(bytes)
        let old = whole.count
        whole.append(contentsOf: repeatElement(0, count: Self.chunk))
        let count = unsafe whole.withUnsafeMutableBytes { buffer in
            unsafe read(descriptor, buffer.baseAddress?.advanced(by: old), Self.chunk)
        }
        if count < 0, errno != EINTR { problem = errno }
        isAtEnd = count == 0 || problem != nil
        bytes = whole[..<(old + max(count, 0))]
    }
}
