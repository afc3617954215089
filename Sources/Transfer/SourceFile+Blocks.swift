// SPDX-License-Identifier: Apache-2.0

extension SourceFile {
    /// Reads a stretch of the file a block at a time.
    ///
    /// - Throws: `SourceError.changed` when it ends before the stretch does.
    func eachBlock(
        at start: Int64,
        length: Int64,
        _ take: (UnsafeRawBufferPointer) -> Void
    ) throws(SourceError) {
        let size = Int(min(max(length, 1), 1 << 20))
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 4_096)
        defer { unsafe block.deallocate() }
        var offset: Int64 = 0
        while offset < length {
            let wanted = Int(min(Int64(size), length - offset))
            let part = unsafe UnsafeMutableRawBufferPointer(rebasing: block[..<wanted])
            guard unsafe try read(into: part, at: start + offset) == wanted else { throw .changed }
            unsafe take(UnsafeRawBufferPointer(part))
            offset += Int64(wanted)
        }
    }
}
