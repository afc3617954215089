// SPDX-License-Identifier: Apache-2.0

import Jobs

/// The two parts of a target such as `s3://bucket/key`.
enum BucketPath {
    static func split(_ target: String, after front: String) throws -> (String, ObjectKey) {
        let path = target.dropFirst(front.count)
        let bucket = String(path.prefix { $0 != "/" })
        guard !bucket.isEmpty else {
            throw CommandFailure.usage(
                "\"\(target)\" names no bucket; write \(front)bucket/key"
            )
        }
        return (bucket, ObjectKey(String(path.dropFirst(bucket.count + 1))))
    }
}
