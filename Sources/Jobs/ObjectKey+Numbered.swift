// SPDX-License-Identifier: Apache-2.0

extension ObjectKey {
    /// How many keys are tried for one file before a person has to decide.
    static let mostNumbers = 100

    /// The next key to try when this one is taken: `a.pdf`, `a~2.pdf`, `a~3.pdf`.
    ///
    /// - Returns: The key; nothing once all numbers were tried.
    public func numbered() -> ObjectKey? {
        let slash = bytes.lastIndex(of: UInt8(ascii: "/"))
        let nameStart = slash.map { $0 + 1 } ?? 0
        // A leading dot is part of the stem, as in `{stem}` and `{ext}`.
        let dot = bytes[nameStart...].dropFirst().lastIndex(of: UInt8(ascii: "."))
        let stem = bytes[nameStart..<(dot ?? bytes.endIndex)]
        var number = 1
        var stemEnd = stem.endIndex
        if let mark = stem.lastIndex(of: UInt8(ascii: "~")),
            let known = Self.number(stem[(mark + 1)...])
        {
            number = known
            stemEnd = mark
        }
        guard number < Self.mostNumbers else { return nil }
        var key = Array(bytes[..<stemEnd])
        key.append(UInt8(ascii: "~"))
        key.appendDecimal(number + 1)
        return ObjectKey(bytes: key + bytes[stem.endIndex...])
    }

    /// A number as `numbered` writes it; a year behind a `~` is part of a name.
    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        guard (1...3).contains(digits.count), digits.first != UInt8(ascii: "0"),
            digits.allSatisfy(\.isASCIIDigit)
        else { return nil }
        let value = digits.reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        return (2...mostNumbers).contains(value) ? value : nil
    }
}
