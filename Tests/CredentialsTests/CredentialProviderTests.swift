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
    func renewal() async throws {
        try write("AK1")
        let provider = provider
        #expect(try await provider.key(at: start).id == "AK1")
        try write("AKNEW")
        #expect(try await provider.key(at: start + .milliseconds(999)).id == "AK1")
        #expect(try await provider.key(at: start + .seconds(1)).id == "AKNEW")
    }

    @Test("looks again when the clock was set back")
    func clockSetBack() async throws {
        try write("AK1")
        let provider = provider
        #expect(try await provider.key(at: start).id == "AK1")
        try write("AKNEW")
        #expect(try await provider.key(at: start - .seconds(500)).id == "AKNEW")
    }

    @Test("says what is wrong when there is no key, and has one as soon as there is")
    func recovery() async throws {
        let provider = provider
        await #expect(throws: CredentialError.self) { try await provider.key(at: start) }
        try write("AK1")
        #expect(try await provider.key(at: start).id == "AK1")
    }

    @Test(
        "keeps the old key while the file is away or half written, and for no longer than a while",
        arguments: [nil, "", "[default]\naws_access_key_id = AKNEW\n", "[default]\naws_acc"]
    )
    func halfWritten(text: String?) async throws {
        try write("AK1")
        let provider = provider
        #expect(try await provider.key(at: start).id == "AK1")
        if let text { try folder.write("keys", text) } else { try folder.remove("keys") }
        #expect(try await provider.key(at: start + .seconds(1)).id == "AK1")
        #expect(try await provider.key(at: start + .seconds(9)).id == "AK1")
        await #expect(throws: CredentialError.self) {
            try await provider.key(at: start + .seconds(11))
        }
        try write("AKNEWER")
        #expect(try await provider.key(at: start + .seconds(11)).id == "AKNEWER")
    }

    @Test("reads a file anew at once when the store refused its key")
    func refused() async throws {
        try write("AK1")
        let provider = provider
        #expect(try await provider.key(at: start).id == "AK1")
        try write("AKNEW")
        #expect(try await provider.key(at: start).id == "AK1")
        #expect(try await provider.key(at: start, fresh: true).id == "AKNEW")
    }

    @Test("is asked by many at once while a file is rotated, and always has one key or the other")
    func manyCallers() async throws {
        try write("AK1")
        let provider = provider
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask { [start] in
                    for turn in 0..<Int64(2_000) {
                        let now = start + .milliseconds(10 * turn)
                        let id = try await provider.key(at: now).id
                        #expect(["AK1", "AK-TWO"].contains(id))
                    }
                }
            }
            group.addTask {
                for turn in 1...200 { try write(turn.isMultiple(of: 2) ? "AK1" : "AK-TWO") }
            }
            try await group.waitForAll()
        }
    }
}
