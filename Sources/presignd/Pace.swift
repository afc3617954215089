// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs

/// How fast bytes go, and how long the rest will take.
///
/// What moved and the time it took both lose half their weight in `halfLife`: at the start this is
/// the plain average, later what counts is the last seconds. Moments are spans since the start.
struct Pace: Hashable {
    /// After this long what was measured counts half.
    static let halfLife = Span.seconds(4)
    /// Before this long a rate says nothing.
    private static let leastTime = Span.milliseconds(500)
    /// Nobody plans for later than that; and it keeps the sum within an integer.
    private static let longest = Span.seconds(99 * 86_400)

    private var moved = 0.0
    private var seconds = 0.0
    private var bytes: Int64 = 0
    private var moment = Span.zero

    /// Notes how many bytes have moved up to a moment; fewer than before count as none.
    mutating func note(_ bytes: Int64, at moment: Span) {
        let passed = Double(moment.nanoseconds - self.moment.nanoseconds) / 1e9
        guard passed > 0 else { return }
        let weight = exp2(-passed * 1e9 / Double(Self.halfLife.nanoseconds))
        // What has to be sent again moves twice.
        moved = moved * weight + Double(max(bytes - self.bytes, 0))
        seconds = seconds * weight + passed
        self.bytes = bytes
        self.moment = moment
    }

    /// Bytes a second; nothing before there is anything to say.
    var rate: Double? {
        moment < Self.leastTime ? nil : moved / seconds
    }

    /// How long so many bytes will take at this rate; nothing while none move.
    func timeLeft(for bytes: Int64) -> Span? {
        guard let rate, rate >= 1 else { return nil }
        let seconds = Double(max(bytes, 0)) / rate
        guard seconds < Double(Self.longest.seconds) else { return nil }
        return .seconds(Int64(seconds.rounded(.up)))
    }
}
