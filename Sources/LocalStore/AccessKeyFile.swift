// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Jobs

/// The file that holds the access key of an embedded store, in the form of AWS credentials files.
///
/// So the AWS tools can use it by `AWS_SHARED_CREDENTIALS_FILE`. It is made once, with random
/// values, 0600 in folders 0700, and only read from then on: making it anew would end every link.
enum AccessKeyFile {
    /// Reads the key, after making it if there is no file yet; says whether it was made.
    static func load(_ path: String) throws(LocalStoreError) -> (key: AccessKey, isNew: Bool) {
        if let key = try read(path) { return (key, false) }
        try write(makeKey(), to: path)
        guard let key = try read(path) else {
            throw .credentials(path: path, problem: "went away while it was read; start again")
        }
        return (key, true)
    }

    private static func read(_ path: String) throws(LocalStoreError) -> AccessKey? {
        let text: [UInt8]
        do {
            let file = try OpenFile(path, flags: O_RDONLY)
            let mode = try file.status(path: path).st_mode
            guard mode & 0o077 == 0 else {
                throw LocalStoreError.credentials(
                    path: path,
                    problem: "may be read by other users; run: chmod 600 '\(path)'"
                )
            }
            text = try bytes(of: file, path: path)
        } catch let problem as FileProblem {
            if problem.code == ENOENT { return nil }
            throw .credentials(path: path, problem: "cannot be read: \(errorText(problem.code))")
        } catch let error as LocalStoreError {
            throw error
        } catch {
            throw .credentials(path: path, problem: "cannot be read: \(error)")
        }
        guard let key = parse(String(decoding: text, as: UTF8.self)) else {
            throw .credentials(
                path: path,
                problem: "has no aws_access_key_id and aws_secret_access_key under [default]; "
                    + "restore it, or remove it to get new ones (which ends all links)"
            )
        }
        return key
    }

    private static func bytes(of file: OpenFile, path: String) throws(FileProblem) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 4_096)
        var problem: FileProblem?
        let count = unsafe bytes.withUnsafeMutableBytes { raw in
            do throws(FileProblem) {
                return unsafe try file.read(into: raw, at: 0, path: path)
            } catch {
                problem = error
                return 0
            }
        }
        if let problem { throw problem }
        return Array(bytes.prefix(count))
    }

    private static func parse(_ text: String) -> AccessKey? {
        var values: [Substring: Substring] = [:]
        var isDefault = false
        for line in text.split(whereSeparator: \.isNewline) {
            let line = line.trimmed
            if line.hasPrefix("#") || line.hasPrefix(";") { continue }
            if line.hasPrefix("[") {
                isDefault = line == "[default]"
            } else if isDefault, let equals = line.firstIndex(of: "=") {
                let value = line[line.index(after: equals)...].trimmed
                values[line[..<equals].trimmed] = value
            }
        }
        guard let id = values["aws_access_key_id"], !id.isEmpty,
            let secret = values["aws_secret_access_key"], !secret.isEmpty
        else { return nil }
        return AccessKey(id: String(id), secret: Secret(String(secret)))
    }

    private static func makeKey() -> AccessKey {
        let characters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".utf8)
        let tail = (0..<12).map { _ in characters[Int.random(in: 0..<characters.count)] }
        let secret = (0..<30).map { _ in UInt8.random(in: .min ... .max) }
        return AccessKey(
            id: "PRESIGND" + String(decoding: tail, as: UTF8.self),
            secret: Secret(secret.base64)
        )
    }

    /// Puts the file in place whole; if another process was first, its file stays.
    private static func write(_ key: AccessKey, to path: String) throws(LocalStoreError) {
        let folder = PrivateFolder.parent(of: path)
        let temporary = "\(path).\(getpid()).new"
        let text =
            "[default]\naws_access_key_id = \(key.id)\n"
            + "aws_secret_access_key = \(key.secret.reveal())\n"
        do {
            try PrivateFolder.make(folder)
            unsafe unlink(temporary)
            let file = try OpenFile(temporary, flags: O_WRONLY | O_CREAT | O_EXCL, as: "create")
            try unsafe Array(text.utf8).withUnsafeBytes {
                try unsafe file.write($0, path: temporary)
            }
            try file.synchronize(path: temporary)
            defer { unsafe unlink(temporary) }
            guard
                unsafe cs_rename_noreplace(AT_FDCWD, temporary, AT_FDCWD, path) == 0
                    || errno == EEXIST
                    || (errno == EINVAL && (unsafe link(temporary, path) == 0 || errno == EEXIST))
            else { throw FileProblem.last("rename into place", path) }
            try PrivateFolder.synchronize(folder)
        } catch {
            throw .credentials(path: path, problem: "could not be made: \(error)")
        }
    }
}
