// SPDX-License-Identifier: Apache-2.0

import Jobs

/// The names under which links are to be saved: relative, beneath the reader's folder, one line of
/// good text, and no two alike.
///
/// A name stays as it is unless it could lead out of the folder or break a reader: then bytes of it
/// stand as `%XX` (`NameText.percentEscaped`, and the spaces at both ends, which readers cut off).
/// Of one file the newest link counts. Two files whose names come out alike (`a%0A`, and `a` with a
/// line feed) are told apart by `~` and the id of the one that comes later.
struct SafeNames: Sendable {
    private let isShared: Bool
    /// Which file has a name.
    private var owners: [Fingerprint: Fingerprint] = [:]
    /// The files that got another name than the usual one.
    private var renamed: Set<Fingerprint> = []

    init(isShared: Bool) { self.isShared = isShared }

    /// The name for a link; nothing for one whose file has a newer link.
    mutating func name(for entry: ManifestEntry) -> [UInt8]? {
        let file = Fingerprint(Array(entry.template.utf8) + [0] + entry.name.bytes)
        var name = isShared ? Array(entry.template.utf8) + [UInt8(ascii: "/")] : []
        name.append(contentsOf: Self.relative(entry.name.bytes))
        guard let owner = owners.updateValue(file, forKey: Fingerprint(name)) else { return name }
        owners[Fingerprint(name)] = owner
        guard owner != file, renamed.insert(file).inserted else { return nil }
        name.append(UInt8(ascii: "~"))
        entry.id.append(to: &name)
        return name
    }

    /// The name without anything that leads out of a folder or breaks a line.
    static func relative(_ bytes: [UInt8]) -> [UInt8] {
        var name = NameText.percentEscaped(bytes)
        // A manifest may come from anywhere: an absolute path, `a//b` and `a/` become relative.
        if name.first == UInt8(ascii: "/") || name.last == UInt8(ascii: "/") || hasEmptyPart(name) {
            name = Array(name.split(separator: UInt8(ascii: "/")).joined(separator: "/".utf8))
        }
        // Nothing but slashes.
        if name.isEmpty { return Array("%2F".utf8) }
        // To sha256sum this name alone is standard input.
        if name == [UInt8(ascii: "-")] { return Array("%2D".utf8) }
        return escapingEdges(name)
    }

    private static func hasEmptyPart(_ name: [UInt8]) -> Bool {
        zip(name, name.dropFirst()).contains { $0 == UInt8(ascii: "/") && $1 == $0 }
    }

    /// Escapes the spaces at both ends, and what XML 1.0 has no way to write.
    private static func escapingEdges(_ name: [UInt8]) -> [UInt8] {
        let space = UInt8(ascii: " ")
        // U+FFFE and U+FFFF are EF BF BE and EF BF BF.
        let hasNonCharacter = zip(name, name.dropFirst(2)).contains { $0 == 0xef && $1 >= 0xbe }
        guard name.first == space || name.last == space || hasNonCharacter else { return name }
        let start = name.prefix { $0 == space }.count
        let end = name.count - name.reversed().prefix { $0 == space }.count
        var out: [UInt8] = []
        var index = 0
        while index < name.count {
            let rest = name[index...]
            if index < start || index >= end {
                out.appendPercentEscape(name[index])
                index += 1
            } else if rest.starts(with: [0xef, 0xbf, 0xbe])
                || rest.starts(with: [0xef, 0xbf, 0xbf])
            {
                for byte in rest.prefix(3) { out.appendPercentEscape(byte) }
                index += 3
            } else {
                out.append(name[index])
                index += 1
            }
        }
        return out
    }
}

/// 128 bits that stand for a text in this process.
private struct Fingerprint: Hashable, Sendable {
    private let low: Int
    private let high: Int

    init(_ bytes: [UInt8]) {
        var hasher = Hasher()
        unsafe bytes.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
        low = hasher.finalize()
        hasher = Hasher()
        hasher.combine(1)
        unsafe bytes.withUnsafeBytes { unsafe hasher.combine(bytes: $0) }
        high = hasher.finalize()
    }
}
