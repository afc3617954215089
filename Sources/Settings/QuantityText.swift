// SPDX-License-Identifier: Apache-2.0

public import Jobs

/// Reads lengths of time and sizes as people write them.
public enum QuantityText: Sendable {
    /// Reads a length of time as a person writes it (`300`, `90s`, `5m`, `24h`, `7d`), or nothing.
    public static func lengthOfTime(_ text: String) -> Span? {
        try? span(text)
    }

    /// Reads a size as a person writes it (`500`, `64KiB`, `8MiB`, `1GB`), or nothing.
    public static func numberOfBytes(_ text: String) -> Int64? {
        try? size(text)
    }

    /// Reads a limit on what is sent as a person writes it (`10MiB`, `off`, a timetable), or nothing.
    public static func bandwidth(_ text: String) -> BandwidthLimit? {
        try? BandwidthText.limit(text)
    }

    /// `90s`, `5m`, `24h`, `7d`, `500ms`; a bare number is seconds.
    static func span(_ text: String) throws(ValueProblem) -> Span {
        let units: [String: Int64] = [
            "ms": 1_000_000, "": 1_000_000_000, "s": 1_000_000_000, "m": 60_000_000_000,
            "h": 3_600_000_000_000, "d": 86_400_000_000_000,
        ]
        guard let value = product(text, units) else {
            throw ValueProblem(
                "\"\(text)\" is not a length of time",
                cure: "write a whole number with a unit, such as 500ms, 90s, 5m, 24h or 7d"
            )
        }
        return Span(nanoseconds: value)
    }

    /// How long something else may take to answer: 1 s to 1 h.
    static func timeLimit(_ text: String) throws(ValueProblem) -> Span {
        let span = try span(text)
        guard span >= .seconds(1), span <= .seconds(3_600) else {
            throw ValueProblem("\"\(text)\" is out of range", cure: "write 1s to 1h")
        }
        return span
    }

    /// `64KiB`, `8MiB`, `1GB`; a bare number is bytes.
    static func size(_ text: String) throws(ValueProblem) -> Int64 {
        let units: [String: Int64] = [
            "": 1, "B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40,
            "kB": 1_000, "KB": 1_000, "MB": 1_000_000, "GB": 1_000_000_000,
            "TB": 1_000_000_000_000,
        ]
        guard let value = product(text, units) else {
            throw ValueProblem(
                "\"\(text)\" is not a size",
                cure: "write a whole number with a unit, such as 64KiB, 8MiB or 1GB"
            )
        }
        return value
    }

    /// A whole number.
    static func count(_ text: String) throws(ValueProblem) -> Int {
        guard let value = product(text, ["": 1]) else {
            throw ValueProblem("\"\(text)\" is not a whole number", cure: "write digits only")
        }
        return Int(value)
    }

    private static func product(_ text: String, _ units: [String: Int64]) -> Int64? {
        let digits = text.utf8.prefix { $0.isASCIIDigit }
        let rest = text.utf8.dropFirst(digits.count).drop { $0 == UInt8(ascii: " ") }
        guard let number = Int64(String(Substring(digits))),
            let unit = units[String(Substring(rest))]
        else { return nil }
        let (value, overflow) = number.multipliedReportingOverflow(by: unit)
        return overflow ? nil : value
    }
}
