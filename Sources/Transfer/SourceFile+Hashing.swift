// SPDX-License-Identifier: Apache-2.0
internal import Jobs

extension SourceFile {
    /// Hashes the whole file without keeping it in memory, letting other tasks go in between.
    ///
    /// - Throws: `SourceError`, or `CancellationError`.
    func hash(withMD5: Bool) async throws -> Digests {
        var hasher = BodyHasher(withMD5: withMD5)
        var buffer = [UInt8](repeating: 0, count: Int(min(max(stamp.size, 1), 1 << 20)))
        var offset: Int64 = 0
        while offset < stamp.size {
            let wanted = Int(min(Int64(buffer.count), stamp.size - offset))
            let count = try unsafe buffer.withUnsafeMutableBytes { buffer in
                let part = unsafe UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted])
                let count = unsafe try read(into: part, at: offset)
                unsafe hasher.add(UnsafeRawBufferPointer(rebasing: part[..<count]))
                return count
            }
            guard count == wanted else { throw SourceError.changed }
            offset += Int64(count)
            try Task.checkCancellation()
            await Task.yield()
        }
        return hasher.digests
    }
}
