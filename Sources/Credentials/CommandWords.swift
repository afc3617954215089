// SPDX-License-Identifier: Apache-2.0

/// Splits a command line into words as the AWS tools split `credential_process`: by the quoting of
/// a POSIX shell (IEEE Std 1003.1, "Quoting"), and without any of its expansions.
///
/// Outside quotes a backslash keeps the next character; inside single quotes nothing is special;
/// inside double quotes a backslash keeps only `"` and `\`, and before anything else stands for
/// itself.
enum CommandWords {
    /// What is wrong with a line.
    enum Problem: Error, Equatable {
        case openQuote
        case endsInBackslash
    }

    private enum Mode: Equatable {
        case plain
        case quoted(UInt8)
    }

    /// The words of a line.
    static func split(_ line: String) throws(Problem) -> [String] {
        let quotes = [UInt8(ascii: "\""), UInt8(ascii: "'")]
        let backslash = UInt8(ascii: "\\")
        var words: [String] = []
        // Nothing between words; empty for a word such as "" that has begun.
        var word: [UInt8]?
        var mode = Mode.plain
        var rest = Array(line.utf8)[...]
        while let byte = rest.popFirst() {
            switch mode {
            case .quoted(byte):
                mode = .plain
            case .quoted(quotes[0]) where byte == backslash:
                guard let next = rest.popFirst() else { throw .endsInBackslash }
                if next != quotes[0], next != backslash { word?.append(byte) }
                word?.append(next)
            case .quoted:
                word?.append(byte)
            case .plain where quotes.contains(byte):
                mode = .quoted(byte)
                word = word ?? []
            case .plain where byte == backslash:
                guard let next = rest.popFirst() else { throw .endsInBackslash }
                word = (word ?? []) + [next]
            case .plain where byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d:
                if let word { words.append(String(decoding: word, as: UTF8.self)) }
                word = nil
            case .plain:
                word = (word ?? []) + [byte]
            }
        }
        guard mode == .plain else { throw .openQuote }
        if let word { words.append(String(decoding: word, as: UTF8.self)) }
        return words
    }
}
