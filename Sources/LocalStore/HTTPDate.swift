// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Dates of HTTP in their preferred form, `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7).
enum HTTPDate {
    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// The text for a moment; the part below a second is dropped.
    static func text(_ moment: Timestamp) -> String {
        let calendar = CalendarTime(moment)
        // 1970-01-01 was a Thursday.
        let day = Int((moment.seconds.quotientAndRemainder(dividingBy: 86_400).quotient) % 7)
        var text: [UInt8] = []
        text.reserveCapacity(29)
        text.append(text: days[(day + 7) % 7])
        text.append(text: ", ")
        text.appendDecimal(calendar.day, width: 2)
        text.append(text: " \(months[calendar.month - 1]) ")
        text.appendDecimal(calendar.year, width: 4)
        text.append(UInt8(ascii: " "))
        text.appendDecimal(calendar.hour, width: 2)
        text.append(UInt8(ascii: ":"))
        text.appendDecimal(calendar.minute, width: 2)
        text.append(UInt8(ascii: ":"))
        text.appendDecimal(calendar.second, width: 2)
        text.append(text: " GMT")
        return String(decoding: text, as: UTF8.self)
    }

    /// The moment a text names, or nothing when it has another form.
    ///
    /// The two obsolete forms are not read: a condition with one is ignored, as RFC 9110,
    /// section 13.1.3, wants of a date that is no valid one.
    static func moment(_ text: String) -> Timestamp? {
        let parts = text.split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0].last == ",", parts[5] == "GMT",
            let day = number(parts[1], digits: 2),
            let month = months.firstIndex(of: String(parts[2])),
            let year = number(parts[3], digits: 4)
        else { return nil }
        let clock = parts[4].split(separator: ":", omittingEmptySubsequences: false)
        guard clock.count == 3, let hour = number(clock[0], digits: 2),
            let minute = number(clock[1], digits: 2), let second = number(clock[2], digits: 2)
        else { return nil }
        return CalendarTime(
            year: year,
            month: month + 1,
            day: day,
            hour: hour,
            minute: minute,
            second: second
        )?.timestamp
    }

    private static func number(_ text: Substring, digits: Int) -> Int? {
        guard text.utf8.count == digits, text.utf8.allSatisfy(\.isASCIIDigit) else { return nil }
        return Int(text)
    }
}
