// SPDX-License-Identifier: Apache-2.0

import Control
import Jobs

/// An upload as it stands: what its results and its bytes add up to.
struct UploadTally: Hashable {
    /// How many files it has.
    let files: Int
    /// Files that have their link.
    private(set) var done = 0
    /// Files that get none.
    private(set) var failed = 0
    /// Files that wait after trouble.
    private(set) var waiting = 0
    /// Bytes in the store or on their way.
    private(set) var bytes: Int64 = 0
    /// Bytes that have to be sent in all.
    private(set) var total: Int64 = 0
    /// The files on their way.
    private(set) var moving: [FileInMotion] = []
    private(set) var pace = Pace()
    /// How long it has taken.
    private(set) var elapsed = Span.zero

    init(files: Int) { self.files = files }

    /// Takes in what the daemon told, so long after the start.
    mutating func take(_ progress: UploadProgress, at moment: Span) {
        for result in progress.results {
            switch result.meaning {
            case .done: done += 1
            case .failed: failed += 1
            case .waiting: break
            }
        }
        waiting = progress.waiting
        bytes = progress.bytes
        total = progress.total
        moving = progress.moving
        pace.note(bytes, at: moment)
        elapsed = moment
    }

    /// How long the rest will take, if that can be told.
    var timeLeft: Span? { pace.timeLeft(for: total - bytes) }

    /// Hundredths of the bytes, rounded down, so that 100 means all; of no bytes, of the files.
    var percent: Int {
        total > 0
            ? Self.percent(bytes, of: total) : Self.percent(Int64(done + failed), of: Int64(files))
    }

    /// Hundredths, rounded down; nothing of nothing is all.
    static func percent(_ part: Int64, of whole: Int64) -> Int {
        guard whole > 0, part < whole else { return 100 }
        return Int(Double(max(part, 0)) / Double(whole) * 100)
    }
}

extension UploadResult {
    /// What a result says of its file.
    enum Meaning: Hashable {
        case waiting, done, failed
    }

    var meaning: Meaning {
        if isWaiting { return .waiting }
        return url == nil ? .failed : .done
    }
}
