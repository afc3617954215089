// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs

/// Paths beneath a folder of cards that other sinks write to, as manifests beside the cards do.
struct TakenPaths: Sendable {
    /// Relative to the folder, which has a `.gitignore` of its own.
    private var paths: Set<[UInt8]> = [Array(".gitignore".utf8)]

    /// Nothing but what is in every folder of cards.
    init() {}

    /// What sinks write beneath a folder, which must be there.
    init(beneath folder: String, by sinks: some Sequence<SinkSettings>) {
        let front = Array(Self.real(folder + "/.").dropLast())
        for sink in sinks {
            guard case .manifest(let path) = sink.kind else { continue }
            for file in sink.manifest.files(of: path) {
                let real = Self.real(file)
                if real.starts(with: front) { paths.insert(Array(real.dropFirst(front.count))) }
            }
        }
    }

    /// Whether something else is written there.
    func contains(_ name: [UInt8], in folders: [[UInt8]]) -> Bool {
        paths.contains(Array((folders + [name]).joined(separator: [UInt8(ascii: "/")])))
    }

    /// The path with the symbolic links of its folder resolved; as it is where that is missing.
    ///
    /// Not those of the file itself: it is the name in the folder that a card must not have.
    private static func real(_ path: String) -> [UInt8] {
        let folder = ManifestFolder.above(path)
        guard let resolved = unsafe realpath(folder, nil) else { return Array(path.utf8) }
        defer { unsafe free(resolved) }
        let bytes = unsafe Array(UnsafeRawBufferPointer(start: resolved, count: strlen(resolved)))
        let name = path.utf8.split(separator: UInt8(ascii: "/")).last ?? []
        return (bytes == [UInt8(ascii: "/")] ? [] : bytes) + [UInt8(ascii: "/")] + name
    }
}
