// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Reads when and how a store's files are sent in parts.
struct PartReader {
    static let keys = ["multipart_threshold", "part_size"]

    /// "Amazon S3 multipart upload limits": a part that is not the last has at least 5 MiB, and what
    /// goes in one piece at most 5 GiB; no other store allows less or needs more.
    private static let bounds: ClosedRange<Int64> = 5 << 20...5 << 30

    let section: Section

    func read() -> PartSettings {
        var settings = PartSettings()
        if let size = size("multipart_threshold", from: 1) { settings.threshold = size }
        if let size = size("part_size", from: Self.bounds.lowerBound) { settings.size = size }
        return settings
    }

    private func size(_ key: String, from least: Int64) -> Int64? {
        section.read(key) { text throws(ValueProblem) in
            let size = try QuantityText.size(text)
            guard size >= least else {
                throw ValueProblem(
                    "is less than stores take as a part",
                    cure: "write at least 5MiB, or remove it: the default is right for most"
                )
            }
            guard size <= Self.bounds.upperBound else {
                throw ValueProblem(
                    "is more than stores take in one piece",
                    cure: "write at most 5GiB, or remove it: the default is right for most"
                )
            }
            return size
        }
    }
}
