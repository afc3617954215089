// SPDX-License-Identifier: Apache-2.0

import Glibc
import Jobs
import NIOCore
import Testing

@testable import LocalStore

@Suite("A removal from the embedded store under a condition", .timeLimit(.minutes(2)))
struct ConditionalRemovalTests {
    private static let key = ObjectKey("k")
    private let temporary: TemporaryFolder
    private let folder: ObjectFolder
    private var path: String { "\(temporary.path)/objects" }

    init() throws {
        temporary = try TemporaryFolder()
        folder = try ObjectFolder(
            path: "\(temporary.path)/objects",
            maxSize: nil,
            at: Timestamp(seconds: 0)
        )
    }

    /// Makes an object's file, to be copied by links to it.
    private func make(_ byte: UInt8, as name: String) throws -> String {
        let object = try folder.begin(
            IncomingObject.Request(key: Self.key, headers: [], replacing: true)
        )
        try object.append([ByteBuffer(bytes: [byte])])
        let etag = try object.commit(at: Timestamp(seconds: 0)).etag
        let place = "\(path)/objects/\(ObjectFolder.place(of: Self.key))"
        try #require(unsafe link(place, "\(path)/\(name)") == 0)
        return etag
    }

    /// A file on its way in that is on the disk and has only to take its place.
    private func ready(_ name: String) throws -> String {
        let incoming = folder.newName()
        try #require(unsafe link("\(path)/\(name)", "\(path)/incoming/\(incoming)") == 0)
        return incoming
    }

    private static func wait(_ span: Duration) {
        let end = ContinuousClock.now + span
        while ContinuousClock.now < end {}
    }

    @Test("takes nothing that takes the object's place meanwhile")
    func race() async throws {
        let etag = try make(1, as: "old")
        _ = try make(2, as: "new")
        let condition = Conditions { $0 == "if-match" ? "\"\(etag)\"" : nil }
        for round in 0..<1_500 {
            _ = try folder.commit(try ready("old"), as: Self.key, size: 1, replacing: true)
            let name = try ready("new")
            let lead = Duration.microseconds(round % 100)
            async let removal = Self.remove(from: folder, if: condition)
            Self.wait(lead)
            _ = try folder.commit(name, as: Self.key, size: 1, replacing: true)
            let outcome = try await removal
            try #require(folder.has(Self.key), "\(outcome) in round \(round)")
        }
    }

    private static func remove(
        from folder: ObjectFolder,
        if condition: Conditions
    ) async throws -> ObjectFolder.Removal {
        try folder.remove(key, if: condition)
    }
}
