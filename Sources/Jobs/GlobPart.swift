// SPDX-License-Identifier: Apache-2.0

/// One part of a pattern, between two `/`, ready to be compared.
///
/// What it begins and ends with is compared as it is, which decides nearly all. Between the first
/// and the last wildcard all ways to match are followed at once, a bit each, so that a name takes as
/// many steps as it has bytes: no pattern can be made that takes longer (`*a*a*a*a*b`).
struct GlobPart: Sendable {
    /// The most bytes that may stand between the first and the last wildcard.
    static let mostBetween = 63

    /// What it begins with; all of it where there is no wildcard.
    let front: [UInt8]
    /// What it ends with.
    let back: [UInt8]
    private let middle: Middle

    private enum Middle: Sendable {
        case nothing
        case anything
        case tokens(Automaton)
    }

    /// Whether it stands for one name alone.
    var isLiteral: Bool { if case .nothing = middle { true } else { false } }

    init(_ tokens: some BidirectionalCollection<GlobToken>) throws(NamePatternError) {
        let front = tokens.prefix { $0.literal != nil }
        self.front = front.compactMap(\.literal)
        let rest = tokens[front.endIndex...]
        guard !rest.isEmpty else {
            back = self.front
            middle = .nothing
            return
        }
        let back = rest.reversed().prefix { $0.literal != nil }.count
        let between = rest.dropLast(back)
        self.back = rest.suffix(back).compactMap(\.literal)
        if between.allSatisfy({ $0 == .star }) {
            middle = .anything
        } else {
            middle = .tokens(try Automaton(between))
        }
    }

    /// Whether a name is one of those this stands for.
    func matches(_ name: ArraySlice<UInt8>) -> Bool {
        guard !isLiteral else { return name.elementsEqual(front) }
        guard name.count >= front.count + back.count, name.starts(with: front),
            name.suffix(back.count).elementsEqual(back)
        else { return false }
        switch middle {
        case .nothing, .anything: return true
        case .tokens(let automaton):
            return automaton.accepts(name.dropFirst(front.count).dropLast(back.count))
        }
    }

    /// A bit for each number of tokens that may have been matched so far.
    private struct Automaton: Sendable {
        /// For each byte the tokens it matches.
        private var matching = [UInt64](repeating: 0, count: 256)
        /// Where any bytes may come.
        private var stars: UInt64 = 0
        private var end: UInt64 = 1

        init(_ tokens: some Sequence<GlobToken>) throws(NamePatternError) {
            var place: UInt64 = 0
            for token in tokens {
                if token == .star {
                    stars |= 1 << place
                    continue
                }
                guard place < UInt64(GlobPart.mostBetween) else { throw .tooLong }
                for byte in 0..<256 where token.matches(UInt8(byte)) {
                    matching[byte] |= 1 << place
                }
                place += 1
            }
            end = 1 << place
        }

        func accepts(_ name: ArraySlice<UInt8>) -> Bool {
            var state: UInt64 = 1
            for byte in name {
                state = (state & matching[Int(byte)]) << 1 | state & stars
                if state == 0 { return false }
            }
            return state & end != 0
        }
    }
}

extension GlobToken {
    fileprivate var literal: UInt8? { if case .byte(let byte) = self { byte } else { nil } }

    fileprivate func matches(_ byte: UInt8) -> Bool {
        switch self {
        case .byte(let own): own == byte
        case .any: true
        case .set(let set): set.contains(byte)
        case .star, .slash: false
        }
    }
}
