// SPDX-License-Identifier: Apache-2.0

import Crypto
import Foundation
import Glibc
import Jobs

/// Programs that do things to files while presignd is at them (`Tests/Races`).
enum Races {
    static func script(_ name: String) -> String {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Races/\(name).py").path
    }
}

extension Sandbox {
    /// Waits until something is so, looking again whenever the manifest changes.
    func waits(seconds: Int, until isSo: () throws -> Bool) throws -> Bool {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while try !isSo() {
            guard ContinuousClock.now < deadline else { return false }
            try manifest.waitForChange(atMostMilliseconds: 100)
        }
        return true
    }

    /// What the embedded store holds: the bytes of each file below its folder.
    func objects() throws -> [Data] {
        let folder = ground.appending(path: "objects")
        let keys: [URLResourceKey] = [.isRegularFileKey]
        let found = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: keys)
        return try (found?.compactMap { $0 as? URL } ?? []).filter {
            try $0.resourceValues(forKeys: Set(keys)).isRegularFile == true
        }.map { try Data(contentsOf: $0) }
    }

    /// What the embedded store has for a line: the SHA-256 of the body of its object's file.
    func digestOfObject(_ line: Line) throws -> String {
        let name = SHA256.hash(data: Data(line.key.utf8)).hexText
        let file = ground.appending(path: "objects/objects/\(name.prefix(2))/\(name)")
        return SHA256.hash(data: try Data(contentsOf: file).prefix(line.size)).hexText
    }
}

extension SHA256Digest {
    /// The digest in hexadecimal.
    var hexText: String { map { String(format: "%02x", $0) }.joined() }
}
