// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

@testable import Credentials

@Suite("A provider of one source's key")
struct CredentialProviderTests {
    private let folder: Folder
    private let start = Timestamp(seconds: 1_000)

    init() throws { folder = try Folder() }

    /// Ids of different length, so that two files differ however coarse the clock of the disk is.
    private func write(_ id: String) throws {
        let text = "[default]\naws_access_key_id = \(id)\naws_secret_access_key = s\n"
        try folder.write("keys", text)
    }

    private var provider: CredentialProvider<AccessKey> {
        CredentialProvider(.credentialsFile("\(folder.path)/keys"), finder: folder.finder())
    }

    @Test("reads a file that was written anew, a second after it last looked")
    func renewal() throws {
        try write("AK1")
        let provider = provider
        #expect(try provider.key(at: start).id == "AK1")
        try write("AKNEW")
        #expect(try provider.key(at: start + .milliseconds(999)).id == "AK1")
        #expect(try provider.key(at: start + .seconds(1)).id == "AKNEW")
    }

    @Test("looks again when the clock was set back")
    func clockSetBack() throws {
        try write("AK1")
        let provider = provider
        #expect(try provider.key(at: start).id == "AK1")
        try write("AKNEW")
        #expect(try provider.key(at: start - .seconds(500)).id == "AKNEW")
    }

    @Test("says what is wrong when the file goes, and has a key as soon as it is back")
    func recovery() throws {
        let provider = provider
        #expect(throws: CredentialError.self) { try provider.key(at: start) }
        try write("AK1")
        #expect(try provider.key(at: start).id == "AK1")
        try folder.remove("keys")
        #expect(throws: CredentialError.self) { try provider.key(at: start + .seconds(1)) }
        try write("AKNEW")
        #expect(try provider.key(at: start + .seconds(1)).id == "AKNEW")
    }
}
