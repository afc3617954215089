// SPDX-License-Identifier: Apache-2.0

public import Jobs

/// A file that holds one key and nothing else: text on one line, or PEM.
public enum KeyFile: Sendable {
    /// Reads a key, without the line break at its end.
    ///
    /// - Throws: `CredentialError` when it cannot be read, is empty, or other users can read it.
    public static func text(_ path: String) throws(CredentialError) -> Secret {
        guard var bytes = try SecretFile(path: path).content(isPrivate: true) else {
            throw .unreadable(file: path, problem: "there is no such file")
        }
        while let last = bytes.last, last <= 0x20 { bytes.removeLast() }
        guard !bytes.isEmpty else { throw .noValue(file: path, problem: "is empty") }
        return Secret(String(decoding: bytes, as: UTF8.self))
    }
}
