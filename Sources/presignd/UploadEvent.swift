// SPDX-License-Identifier: Apache-2.0

import Control
import Jobs

/// One line of `--json`: a flat object with the name of what happened.
///
/// Readers ignore events and keys that they do not know.
struct UploadEvent<Body: Encodable>: Encodable {
    let event: String
    let body: Body

    init(_ event: String, _ body: Body) {
        self.event = event
        self.body = body
    }

    private enum CodingKeys: CodingKey { case event }

    func encode(to encoder: any Encoder) throws {
        try body.encode(to: encoder)
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(event, forKey: .event)
    }
}

/// What an upload adds up to, for the events `progress` and `summary`.
struct UploadSums: Encodable {
    var files: Int
    var done: Int
    var failed: Int
    var waiting: Int
    var bytes: Int64
    var total: Int64
    /// How long it has taken.
    var seconds: Double
    /// Bytes a second.
    var rate: Int64?
    var secondsLeft: Int64?
    var moving: [FileInMotion]?
    /// Whether every file has ended.
    var complete: Bool?

    enum CodingKeys: String, CodingKey {
        case files, done, failed, waiting, bytes, total, seconds, rate, moving, complete
        case secondsLeft = "seconds_left"
    }

    private init(_ upload: UploadTally) {
        files = upload.files
        done = upload.done
        failed = upload.failed
        waiting = upload.waiting
        bytes = upload.bytes
        total = upload.total
        seconds = Double(upload.elapsed.nanoseconds / 1_000_000) / 1_000
    }

    /// How far an upload is.
    static func progress(_ upload: UploadTally) -> UploadSums {
        var sums = UploadSums(upload)
        sums.rate = upload.pace.rate.map { Int64(min($0, 1e18)) }
        sums.secondsLeft = upload.timeLeft?.seconds
        sums.moving = upload.moving
        return sums
    }

    /// What came of an upload.
    static func summary(_ upload: UploadTally, isWhole: Bool) -> UploadSums {
        var sums = UploadSums(upload)
        sums.complete = isWhole
        return sums
    }
}
