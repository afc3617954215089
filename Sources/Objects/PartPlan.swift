// SPDX-License-Identifier: Apache-2.0

/// Into which parts a file is cut, fixed before its first byte is sent.
///
/// All parts are equal but the last, which some stores insist on (Cloudflare R2), and there are
/// never more than the store takes: whoever finds that out at part 10,001 has sent the rest for
/// nothing (s3cmd#613).
public struct PartPlan: Hashable, Sendable {
    /// Bytes of the file.
    public let size: Int64
    /// Bytes of every part but the last.
    public let partSize: Int64

    /// Cuts a file into parts of a given size, as an upload that was begun has it.
    public init(size: Int64, partSize: Int64) {
        self.size = max(size, 0)
        self.partSize = max(partSize, 1)
    }

    /// Plans the parts of a file: `max(smallest, ceil(size / most))`, rounded up to whole MiB.
    ///
    /// - Parameters:
    ///   - size: Bytes of the file.
    ///   - smallest: The part size wished for, in bytes.
    ///   - most: The most parts that the store takes.
    public init(size: Int64, smallest: Int64, most: Int) {
        let size = max(size, 0)
        let most = Int64(max(most, 1))
        let needed = size / most + (size % most == 0 ? 0 : 1)
        let mebibyte: Int64 = 1 << 20
        let rounded = needed / mebibyte * mebibyte
        let whole = rounded < needed ? rounded + mebibyte : rounded
        self.init(size: size, partSize: max(smallest, whole))
    }

    /// How many parts there are; one for an empty file.
    public var count: Int {
        Int(max(size / partSize + (size % partSize == 0 ? 0 : 1), 1))
    }

    /// Where a part begins; parts count from 1.
    public func offset(of number: Int) -> Int64 { Int64(number - 1) * partSize }

    /// Bytes of a part.
    public func length(of number: Int) -> Int64 { min(partSize, size - offset(of: number)) }
}
