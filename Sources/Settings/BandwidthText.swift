// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Reads a limit on what is sent, as people know it from rclone: `10MiB`, `off`, or a timetable such
/// as `08:00,512KiB 18:00,off Sat-00:00,off`.
enum BandwidthText {
    private static let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
    private static let cure =
        "write a rate such as 10MiB, off, or a timetable such as "
        + "\"08:00,512KiB 18:00,off Sat-00:00,off\""

    static func limit(_ text: String) throws(ValueProblem) -> BandwidthLimit {
        let parts = text.split(separator: " ")
        guard !parts.isEmpty else { throw ValueProblem("is empty", cure: cure) }
        if parts.count == 1, !text.contains(",") {
            return BandwidthLimit(rate: try rate(text[...]))
        }
        var daily: [BandwidthLimit.Entry] = []
        var weekly: [BandwidthLimit.Entry] = []
        for part in parts {
            let halves = part.split(separator: ",", omittingEmptySubsequences: false)
            guard halves.count == 2 else {
                throw ValueProblem("\"\(part)\" is not a time with its rate", cure: cure)
            }
            let rate = try rate(halves[1])
            let (day, minute) = try moment(halves[0])
            if let day {
                weekly.append(BandwidthLimit.Entry(minute: day * 1_440 + minute, rate: rate))
            } else {
                for day in 0..<7 {
                    daily.append(BandwidthLimit.Entry(minute: day * 1_440 + minute, rate: rate))
                }
            }
        }
        // What is said of one day counts more than what is said of all.
        return BandwidthLimit(entries: daily + weekly)
    }

    private static func rate(_ text: Substring) throws(ValueProblem) -> Int64? {
        guard text != "off" else { return nil }
        let size: Int64
        do throws(ValueProblem) {
            size = try QuantityText.size(String(text))
        } catch {
            throw ValueProblem("\"\(text)\" is not a rate", cure: cure)
        }
        guard size != 0 else { return nil }
        guard size >= 1_024 else {
            throw ValueProblem(
                "\"\(text)\" is \(size) bytes a second, which no upload survives",
                cure: "write the unit too, such as \(size)KiB"
            )
        }
        return size
    }

    /// `08:00` or `Mon-08:00`.
    private static func moment(
        _ text: Substring
    ) throws(ValueProblem) -> (day: Int?, minute: Int) {
        var time = text
        var day: Int?
        if let dash = text.firstIndex(of: "-") {
            day = days.firstIndex(of: text[..<dash].lowercased())
            time = text[text.index(after: dash)...]
            guard day != nil else { throw wrong(text) }
        }
        let parts = time.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2,
            parts.allSatisfy({ part in
                part.utf8.count == 2 && part.utf8.allSatisfy(\.isASCIIDigit)
            }), let hour = Int(parts[0]), let minute = Int(parts[1]), hour < 24, minute < 60
        else { throw wrong(text) }
        return (day, hour * 60 + minute)
    }

    private static func wrong(_ text: Substring) -> ValueProblem {
        ValueProblem("\"\(text)\" is not a time", cure: "write it as 08:00 or Mon-08:00")
    }
}
