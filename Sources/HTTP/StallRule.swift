// SPDX-License-Identifier: Apache-2.0

/// Says when a flow of bytes has been too slow for too long.
///
/// Times are nanoseconds.
///
/// libcurl's own rule (CURLOPT_LOW_SPEED_TIME) also counts the wait for the answer, in which a
/// store may rightly be silent for minutes.
struct StallRule {
    private let window: Int64
    private let enough: Int64
    private var mark: (bytes: Int64, at: Int64)?

    /// Makes a rule: less than `rate` bytes a second over `time` is a stall.
    init(rate: Int64, time: Duration) {
        window = max(time.nanoseconds, 1)
        let (product, overflow) = rate.multipliedReportingOverflow(by: max(window / 1_000_000, 1))
        enough = max(overflow ? .max : product / 1_000, 1)
    }

    /// Takes a look at the bytes moved so far.
    ///
    /// - Returns: Whether the flow stalled.
    mutating func isStalled(bytes: Int64, at now: Int64) -> Bool {
        guard let mark, bytes >= mark.bytes, bytes - mark.bytes < enough else {
            mark = (bytes, now)
            return false
        }
        return now - mark.at >= window
    }

    /// Starts anew with the next look.
    mutating func reset() { mark = nil }
}
