// SPDX-License-Identifier: Apache-2.0

/// A moment as a UTC date and time of day, in the proleptic Gregorian calendar.
///
/// The conversions are the days-from-civil arithmetic of Howard Hinnant, "chrono-Compatible
/// Low-Level Date Algorithms": exact over the whole range, without a table or a time zone.
public struct CalendarTime: Hashable, Sendable {
    /// The year.
    public var year: Int
    /// The month, 1 to 12.
    public var month: Int
    /// The day of the month, 1 to 31.
    public var day: Int
    /// The hour, 0 to 23.
    public var hour: Int
    /// The minute, 0 to 59.
    public var minute: Int
    /// The second, 0 to 59.
    public var second: Int

    /// Reads the UTC calendar at a moment; the part below a second is dropped.
    public init(_ moment: Timestamp) {
        let seconds = moment.seconds
        var days = seconds / 86_400
        var rest = seconds % 86_400
        if rest < 0 {
            rest += 86_400
            days -= 1
        }
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthIndex = (5 * dayOfYear + 2) / 153
        day = Int(dayOfYear - (153 * monthIndex + 2) / 5 + 1)
        month = Int(monthIndex < 10 ? monthIndex + 3 : monthIndex - 9)
        year = Int(yearOfEra + era * 400) + (month <= 2 ? 1 : 0)
        hour = Int(rest / 3_600)
        minute = Int(rest % 3_600 / 60)
        second = Int(rest % 60)
    }

    /// Makes a calendar time from its parts, or nothing when a part is out of range.
    public init?(year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int) {
        guard (0...9999).contains(year), (1...12).contains(month),
            (1...Self.days(inMonth: month, of: year)).contains(day),
            (0...23).contains(hour), (0...59).contains(minute), (0...59).contains(second)
        else { return nil }
        self.year = year
        self.month = month
        self.day = day
        self.hour = hour
        self.minute = minute
        self.second = second
    }

    /// The moment this calendar time names.
    public var timestamp: Timestamp {
        let shiftedYear = Int64(month <= 2 ? year - 1 : year)
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = Int64((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1)
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        let days = era * 146_097 + dayOfEra - 719_468
        return Timestamp(seconds: days * 86_400 + Int64(hour * 3_600 + minute * 60 + second))
    }

    /// Whether 64 bits of nanoseconds reach this year.
    var isCountable: Bool { (1_678...2_261).contains(year) }

    /// The day of the year, 1 to 366.
    public var dayOfYear: Int {
        (1..<month).reduce(day) { $0 + Self.days(inMonth: $1, of: year) }
    }

    private static func days(inMonth month: Int, of year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Appends `YYYYMMDD`, the date of a SigV4 credential scope.
    public func appendBasicDate(to bytes: inout [UInt8]) {
        bytes.appendDecimal(year, width: 4)
        bytes.appendDecimal(month, width: 2)
        bytes.appendDecimal(day, width: 2)
    }

    /// Appends `YYYYMMDD'T'hhmmss'Z'`, ISO 8601's basic form, as in `X-Amz-Date`.
    public func appendBasic(to bytes: inout [UInt8]) {
        appendBasicDate(to: &bytes)
        bytes.append(UInt8(ascii: "T"))
        bytes.appendDecimal(hour, width: 2)
        bytes.appendDecimal(minute, width: 2)
        bytes.appendDecimal(second, width: 2)
        bytes.append(UInt8(ascii: "Z"))
    }

    /// Appends `YYYY-MM-DD'T'hh:mm:ss` without the zone, the common part of RFC 3339 texts.
    func appendExtended(to bytes: inout [UInt8]) {
        bytes.appendDecimal(year, width: 4)
        bytes.append(UInt8(ascii: "-"))
        bytes.appendDecimal(month, width: 2)
        bytes.append(UInt8(ascii: "-"))
        bytes.appendDecimal(day, width: 2)
        bytes.append(UInt8(ascii: "T"))
        bytes.appendDecimal(hour, width: 2)
        bytes.append(UInt8(ascii: ":"))
        bytes.appendDecimal(minute, width: 2)
        bytes.append(UInt8(ascii: ":"))
        bytes.appendDecimal(second, width: 2)
    }
}

extension Timestamp {
    /// Appends RFC 3339 in UTC: `2026-11-23T18:00:00Z`, with nine decimals if `precise`.
    public func appendRFC3339(to bytes: inout [UInt8], precise: Bool = false) {
        CalendarTime(self).appendExtended(to: &bytes)
        if precise {
            bytes.append(UInt8(ascii: "."))
            bytes.appendDecimal(Int(nanoseconds - seconds * 1_000_000_000), width: 9)
        }
        bytes.append(UInt8(ascii: "Z"))
    }

    /// RFC 3339 in UTC with whole seconds: `2026-11-23T18:00:00Z`.
    public var rfc3339: String {
        var bytes: [UInt8] = []
        appendRFC3339(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Reads `YYYY-MM-DDThh:mm:ss[.fraction]` with `Z` or an offset such as `+01:00` (RFC 3339), or
    /// nothing.
    public init?(rfc3339 text: some StringProtocol) {
        var digits = Digits(text.utf8)
        guard let year = digits.number(4), digits.skip("-"), let month = digits.number(2),
            digits.skip("-"), let day = digits.number(2), digits.skip("T"),
            let hour = digits.number(2), digits.skip(":"), let minute = digits.number(2),
            digits.skip(":"), let second = digits.number(2),
            let calendar = CalendarTime(
                year: year,
                month: month,
                day: day,
                hour: hour,
                minute: minute,
                second: second
            )
        else { return nil }
        let fraction = digits.skip(".") ? digits.fraction() : 0
        guard let fraction, let offset = digits.offset(), digits.isAtEnd, calendar.isCountable
        else { return nil }
        self = calendar.timestamp + Span(nanoseconds: fraction) - offset
    }

    /// Reads `YYYYMMDD'T'hhmmss'Z'`, the form of `X-Amz-Date`, or nothing.
    public init?(basic text: some StringProtocol) {
        var digits = Digits(text.utf8)
        guard let year = digits.number(4), let month = digits.number(2),
            let day = digits.number(2), digits.skip("T"), let hour = digits.number(2),
            let minute = digits.number(2), let second = digits.number(2), digits.skip("Z"),
            digits.isAtEnd,
            let calendar = CalendarTime(
                year: year,
                month: month,
                day: day,
                hour: hour,
                minute: minute,
                second: second
            ), calendar.isCountable
        else { return nil }
        self = calendar.timestamp
    }
}

/// Reads fixed-width decimal fields off the front of a text.
private struct Digits {
    private var rest: ArraySlice<UInt8>

    init(_ utf8: some Sequence<UInt8>) { rest = ArraySlice(Array(utf8)) }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func skip(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest.removeFirst()
        return true
    }

    mutating func number(_ width: Int) -> Int? {
        guard rest.count >= width else { return nil }
        var value = 0
        for byte in rest.prefix(width) {
            guard byte.isASCIIDigit else { return nil }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
        }
        rest.removeFirst(width)
        return value
    }

    /// How far local time is ahead of UTC; `Z` for not at all.
    mutating func offset() -> Span? {
        if skip("Z") { return .zero }
        let isAhead = skip("+")
        guard isAhead || skip("-"), let hours = number(2), skip(":"), let minutes = number(2),
            hours < 24, minutes < 60
        else { return nil }
        let span = Int64(hours * 3_600 + minutes * 60)
        return .seconds(isAhead ? span : -span)
    }

    /// Nanoseconds from one to nine decimals.
    mutating func fraction() -> Int64? {
        let count = rest.prefix { $0.isASCIIDigit }.count
        guard (1...9).contains(count), var value = number(count).map(Int64.init) else { return nil }
        for _ in count..<9 { value *= 10 }
        return value
    }
}
