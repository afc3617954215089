// SPDX-License-Identifier: Apache-2.0

/// Finds what a person may have meant.
enum Spelling {
    /// The known word nearest to `word`, if it is near enough to be meant.
    static func nearest(to word: String, among known: [String]) -> String? {
        let plain = normal(word)
        return known.map { (distance(plain, normal($0)), $0) }
            .filter { $0.0 <= max(1, min(2, plain.count / 3)) }
            .min { $0.0 < $1.0 }?.1
    }

    /// ` did you mean "x"?`, or nothing; goes in front of the list of what is known.
    static func hint(for word: String, among known: [String]) -> String {
        nearest(to: word, among: known).map { "did you mean \"\($0)\"? " } ?? ""
    }

    /// Case and the kind of dash are no difference to a person.
    private static func normal(_ word: String) -> [UInt8] {
        word.lowercased().utf8.map { $0 == UInt8(ascii: "-") ? UInt8(ascii: "_") : $0 }
    }

    /// Insertions, deletions, substitutions and swaps of neighbours from one word to the other
    /// (optimal string alignment).
    ///
    /// Words beyond 64 bytes are far from everything.
    static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        guard a.count <= 64, b.count <= 64 else { return .max }
        guard !a.isEmpty, !b.isEmpty else { return max(a.count, b.count) }
        var before = [Int](repeating: 0, count: b.count + 1)
        var last = Array(0...b.count)
        for i in 1...a.count {
            var row = [i] + [Int](repeating: 0, count: b.count)
            for j in 1...b.count {
                let change = a[i - 1] == b[j - 1] ? 0 : 1
                row[j] = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + change)
                if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
                    row[j] = min(row[j], before[j - 2] + 1)
                }
            }
            (before, last) = (last, row)
        }
        return last[b.count]
    }
}
