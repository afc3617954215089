// SPDX-License-Identifier: Apache-2.0

import Crypto
import Jobs

/// Where the card of a file lies beneath the folder of cards.
struct CardName: Hashable {
    /// The longest name of a file, in bytes (NAME_MAX).
    private static let longest = 255

    /// What a card is called while it is written.
    static let temporary = Array(".presignd-card.tmp".utf8)

    private static let pageEnding = ".html"
    private static let noticeEnding = ".FAILED.txt"
    private static let tilde = UInt8(ascii: "~")

    /// The folders on the way.
    let folders: [[UInt8]]
    /// The page's name.
    let page: [UInt8]
    /// The name of what says that the file needs a person.
    let notice: [UInt8]

    /// Makes the name for a path beneath the watched root, as manifests have it.
    ///
    /// A name that is another's already gets a `~` at the end of its stem, and one that ends in a `~`
    /// there another: so two files never share a card. Makes nothing of a path that no file has: empty, or
    /// with a part that leads out.
    ///
    /// - Parameters:
    ///   - path: The file's path.
    ///   - taken: What other sinks write beneath the folder of cards.
    init?(path: [UInt8], avoiding taken: TakenPaths = TakenPaths()) {
        let parts = path.split(separator: UInt8(ascii: "/")).map(Array.init)
        guard let last = parts.last,
            parts.allSatisfy({ !$0.contains(0) && $0 != [0x2e] && $0 != [0x2e, 0x2e] })
        else { return nil }
        var folders: [[UInt8]] = []
        for part in parts.dropLast() {
            let isTaken = { taken.contains($0, in: folders) || Self.isOfCards($0) }
            folders.append(Self.name(part, ending: "", isTaken))
        }
        self.folders = folders
        let isTaken = { taken.contains($0, in: folders) }
        page = Self.name(last, ending: Self.pageEnding, isTaken)
        notice = Self.name(last, ending: Self.noticeEnding, isTaken)
    }

    private static func name(
        _ part: [UInt8],
        ending: String,
        _ isTaken: ([UInt8]) -> Bool
    ) -> [UInt8] {
        let stem = Array(part[...(part.lastIndex { $0 != tilde } ?? -1)])
        return fitting(isTaken(stem + ending.utf8) ? part + [tilde] : part, ending: ending)
    }

    /// Whether a file among the cards may be called so: beside the folder `a.html` the file `a` may lie.
    private static func isOfCards(_ name: [UInt8]) -> Bool {
        name == temporary
            || [pageEnding, noticeEnding].contains { ending in
                name.suffix(ending.utf8.count).elementsEqual(ending.utf8)
            }
    }

    /// A name with its ending; one that is too long is cut, and told apart by a digest.
    private static func fitting(_ name: [UInt8], ending: String) -> [UInt8] {
        guard name.count + ending.utf8.count > longest else { return name + ending.utf8 }
        let digest = "~" + Array(SHA256.hash(data: name).prefix(6)).hex
        var front = name.prefix(longest - ending.utf8.count - digest.utf8.count)
        // Not amid a character.
        let rest = name[front.count]
        if rest & 0xc0 == 0x80 {
            while let byte = front.last, byte & 0xc0 == 0x80 { front.removeLast() }
            front = front.dropLast()
        }
        return Array(front) + Array(digest.utf8) + Array(ending.utf8)
    }
}
