// SPDX-License-Identifier: Apache-2.0

/// A list that grows piece by piece and never moves what it holds.
///
/// An array that doubles leaves the memory of each size it had behind, which for a burst of files is
/// more than it needs in the end.
struct EntryList<Element: Sendable>: Sendable {
    private static var pieceLength: Int { 512 }

    private var pieces: [[Element?]] = []
    /// How many places there are, empty ones included.
    private(set) var count = 0

    /// Whether there are none.
    var isEmpty: Bool { count == 0 }

    /// All places.
    var indices: Range<Int> { 0..<count }

    subscript(place: Int) -> Element? {
        get { pieces[place / Self.pieceLength][place % Self.pieceLength] }
        _modify { yield &pieces[place / Self.pieceLength][place % Self.pieceLength] }
    }

    /// Adds a place at the end.
    mutating func append(_ element: Element) {
        if count.isMultiple(of: Self.pieceLength) {
            var piece: [Element?] = []
            piece.reserveCapacity(count == 0 ? 0 : Self.pieceLength)
            pieces.append(piece)
        }
        pieces[pieces.count - 1].append(element)
        count += 1
    }
}
