// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Tells files that look like secrets: by a name that keys and passwords have, and by the beginning of
/// a private key.
///
/// It is a net for mistakes, not for those who want to publish a secret. ASCII case does not count.
public enum SecretSigns: Sendable {
    private static let folders = [".git", ".ssh", ".aws", ".gnupg"]
    private static let keys = ["id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "id_xmss"]
    private static let endings = [".pem", ".key", ".kdbx", ".p12", ".pfx"]

    /// The sign by which a name beneath a root looks like a secret's (`*.pem`), or nothing.
    public static func sign(of name: FileName) -> String? {
        let lower = name.bytes.map { (0x41...0x5a).contains($0) ? $0 | 0x20 : $0 }
        let parts = lower.split(separator: UInt8(ascii: "/"))
        guard let last = parts.last else { return nil }
        for folder in folders
        where parts.dropLast().contains(where: { $0.elementsEqual(folder.utf8) }) {
            return "\(folder)/**"
        }
        if last.elementsEqual(".env".utf8) { return ".env" }
        if last.starts(with: ".env.".utf8) { return ".env.*" }
        for ending in endings where last.reversed().starts(with: ending.utf8.reversed()) {
            return "*\(ending)"
        }
        for key in keys where last.starts(with: key.utf8) {
            return last.reversed().starts(with: ".pub".utf8.reversed()) ? nil : "\(key)*"
        }
        return nil
    }

    /// The bytes of a file that are looked at.
    public static let headSize = 4_096

    /// Whether a line of the beginning of a file begins a private key: `-----BEGIN … PRIVATE KEY-----`.
    public static func isPrivateKey(_ head: ArraySlice<UInt8>) -> Bool {
        var text = head.prefix(headSize)
        if text.starts(with: [0xef, 0xbb, 0xbf]) { text = text.dropFirst(3) }
        // Every file is searched, and memchr(3) does that many times faster than a loop here.
        var rest = text
        while let dash = firstDash(in: rest) {
            let beginsLine =
                dash == text.startIndex || text[dash - 1] == 0x0a || text[dash - 1] == 0x0d
            if beginsLine, beginsKey(text[dash...]) { return true }
            rest = text[(dash + 1)...]
        }
        return false
    }

    private static func firstDash(in text: ArraySlice<UInt8>) -> Int? {
        unsafe text.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress,
                let found = unsafe memchr(base, Int32(UInt8(ascii: "-")), bytes.count)
            else { return nil }
            return unsafe text.startIndex + (UnsafeRawPointer(found) - base)
        }
    }

    private static func beginsKey(_ text: ArraySlice<UInt8>) -> Bool {
        let start = "-----BEGIN ".utf8
        guard text.starts(with: start) else { return false }
        let line = text.dropFirst(start.count).prefix(80).prefix { $0 != 0x0a && $0 != 0x0d }
        return ["PRIVATE KEY-----", "PRIVATE KEY BLOCK-----"].contains { end in
            line.indices.contains { line[$0...].starts(with: end.utf8) }
        }
    }
}
