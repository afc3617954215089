// SPDX-License-Identifier: Apache-2.0

import Crypto
import Jobs

/// Where the card of a file lies beneath the folder of cards.
struct CardName: Hashable {
    /// The longest name of a file, in bytes (NAME_MAX).
    private static let longest = 255

    /// The folders on the way.
    let folders: [[UInt8]]
    /// The last part of the path, without an ending.
    private let last: [UInt8]

    /// Makes the name for a path beneath the watched root, as manifests have it.
    ///
    /// - Returns: Nothing for a path that no file has: empty, or with a part that leads out.
    init?(path: [UInt8]) {
        let parts = path.split(separator: UInt8(ascii: "/")).map(Array.init)
        guard let last = parts.last,
            parts.allSatisfy({ !$0.contains(0) && $0 != [0x2e] && $0 != [0x2e, 0x2e] })
        else { return nil }
        folders = parts.dropLast().map { Self.fitting(Self.folder($0), ending: "") }
        self.last = last
    }

    /// A folder's name, made so that it is never that of a card.
    ///
    /// Beside the folder `a.html` the file `a` may lie: such a folder gets a `~`, and one that has it
    /// already another.
    private static func folder(_ name: [UInt8]) -> [UInt8] {
        let stem = name[...(name.lastIndex { $0 != UInt8(ascii: "~") } ?? -1)]
        let isCard = [".html", ".FAILED.txt"].contains { ending in
            stem.suffix(ending.utf8.count).elementsEqual(ending.utf8)
        }
        return isCard ? name + [UInt8(ascii: "~")] : name
    }

    /// The page's name.
    var page: [UInt8] { Self.fitting(last, ending: ".html") }

    /// The name of what says that the file needs a person.
    var notice: [UInt8] { Self.fitting(last, ending: ".FAILED.txt") }

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
