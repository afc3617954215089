// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Jobs
import Settings
import Sign

/// What an upload form (`--method POST`) allows.
struct FormOptions: ParsableArguments {
    @Option(help: "The largest upload: 500, 64KiB, 8MiB.")
    var maxSize: String?

    @Option(help: "The smallest upload.")
    var minSize: String?

    @Option(help: "Leave the name to whoever uploads, behind this front: uploads/.")
    var keyPrefix: String?

    @Flag(help: "Print a page with the form, to be saved and opened in a browser.")
    var html = false

    var isGiven: Bool { maxSize != nil || minSize != nil || keyPrefix != nil || html }

    /// The most that S3 takes in one form ("POST Object", Amazon S3 API Reference).
    private static let largest: Int64 = 5 << 30

    /// The sizes that are allowed.
    func sizes() throws -> ClosedRange<Int64> {
        let least = try minSize.map { try Self.size($0, "--min-size") } ?? 0
        let most = try maxSize.map { try Self.size($0, "--max-size") } ?? Self.largest
        guard most <= Self.largest else {
            throw CommandFailure.usage(
                "--max-size is at most 5GiB, which is what S3 takes in a form"
            )
        }
        guard least <= most else {
            throw CommandFailure.usage("--min-size is more than --max-size")
        }
        return least...most
    }

    /// What the object may be called.
    func name(_ key: ObjectKey) throws -> PostPolicy.Name {
        switch (keyPrefix, key.bytes.isEmpty) {
        case (let prefix?, true): return .prefix(ObjectKey(prefix))
        case (nil, false): return .key(key)
        case (nil, true):
            throw CommandFailure.usage(
                "the target names no key; write s3://bucket/key, or --key-prefix uploads/"
            )
        case (_?, false):
            throw CommandFailure.usage(
                "the target names a key and --key-prefix leaves it open; say one of them"
            )
        }
    }

    private static func size(_ text: String, _ option: String) throws -> Int64 {
        guard let size = QuantityText.numberOfBytes(text) else {
            throw CommandFailure.usage(
                "\(option) \"\(text)\" is not a size; write 500, 64KiB, 8MiB or 1GB"
            )
        }
        return size
    }
}
