// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Jobs
import Testing

@testable import Credentials

/// A home folder of real files, removed when the test is done with it.
final class Folder: Sendable {
    let path: String

    init() throws {
        path = "\(NSTemporaryDirectory())/credentials-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: "\(path)/.aws",
            withIntermediateDirectories: true
        )
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file anew, as an editor does: another file under the same name.
    @discardableResult
    func write(_ name: String, _ text: String, mode: Int = 0o600) throws -> String {
        let file = "\(path)/\(name)"
        let new = "\(file).\(UUID().uuidString)"
        try Data(text.utf8).write(to: URL(filePath: new))
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: new)
        guard unsafe rename(new, file) == 0 else { throw POSIXError(.EIO) }
        return file
    }

    func remove(_ name: String) throws {
        try FileManager.default.removeItem(atPath: "\(path)/\(name)")
    }

    /// A finder at home here; no test asks the metadata of the machine it runs on.
    func finder(_ environment: [String: String] = [:]) -> CredentialFinder {
        let isNamed = environment["AWS_EC2_METADATA_SERVICE_ENDPOINT"] != nil
        let none = isNamed ? [:] : ["AWS_EC2_METADATA_DISABLED": "true"]
        return CredentialFinder(environment: environment.merging(none) { $1 }, home: path)
    }
}

extension AccessKey {
    /// Id, secret and token, to compare in one go.
    var parts: [String?] { [id, secret.reveal(), sessionToken?.reveal()] }
}
