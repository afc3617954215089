// SPDX-License-Identifier: Apache-2.0

extension SourceFile {
    /// The bytes that tell the type of a file.
    static let headSize = 4_096

    /// The first bytes of the file; nothing of one that cannot be read, which its sending will tell.
    var head: [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: Self.headSize) { buffer, count in
            count = unsafe (try? read(into: UnsafeMutableRawBufferPointer(buffer), at: 0)) ?? 0
        }
    }
}
