// SPDX-License-Identifier: Apache-2.0

import Jobs
import Testing

@testable import LocalStore

@Suite("A connection to the embedded store", .timeLimit(.minutes(3)))
struct ConnectionTests {
    static let impatient = LocalStore.Limits(idle: .milliseconds(300), grace: .seconds(3_600))

    @Test(
        "is closed when the client falls silent",
        arguments: ["", "GET /local/k HT", "PUT /local/k HTTP/1.1\r\nHost: x\r\nContent-"]
    )
    func silence(begun: String) async throws {
        try await RunningStore.serve(in: TemporaryFolder(), limits: Self.impatient) { store in
            try await store.talk { connection in
                try connection.write(Array(begun.utf8))
                while !connection.isEnded() {}
            }
        }
    }

    @Test("is closed when the client falls silent in the middle of a body")
    func silentBody() async throws {
        try await RunningStore.serve(in: TemporaryFolder(), limits: Self.impatient) { store in
            let request = try store.sign(ObjectRequest(.put, ObjectKey("k"), lifetime: 60))
            let target = RunningStore.target(of: request.url.reveal())
            try await store.talk { connection in
                let headers = [
                    Header("Host", "127.0.0.1:\(store.port)"), Header("Content-Length", "100"),
                ]
                try connection.write(RunningStore.head("PUT", target, headers) + [1, 2, 3])
                while !connection.isEnded() {}
            }
            #expect(try await store.ask(.head, ObjectKey("k")).status == 404)
        }
    }

    @Test("is closed when the client does not read, so that the store can end")
    func notReading() async throws {
        let folder = try TemporaryFolder()
        try await RunningStore.serve(in: folder) { store in
            let body = [UInt8](repeating: 1, count: 40_000_000)
            try await store.ask(.put, ObjectKey("k"), body: body)
        }
        try await RunningStore.serve(in: folder, limits: Self.impatient) { store in
            let request = try store.sign(ObjectRequest(.get, ObjectKey("k"), lifetime: 60))
            let target = RunningStore.target(of: request.url.reveal())
            let reader = try await store.talk { connection in
                try connection.write(
                    RunningStore.head("GET", target, [Header("Host", "127.0.0.1:\(store.port)")])
                )
                _ = try connection.head()
                return connection
            }
            // With an hour of grace, serving ends only because the connection does.
            store.cancel()
            await store.ended()
            withExtendedLifetime(reader) {}
        }
    }

    @Test("may finish its request when the store is told to stop")
    func gracefulEnd() async throws {
        try await RunningStore.serve(in: TemporaryFolder()) { store in
            let request = try store.sign(ObjectRequest(.put, ObjectKey("k"), lifetime: 60))
            let target = RunningStore.target(of: request.url.reveal())
            let half = [UInt8](repeating: 1, count: ObjectServer.chunk)
            try await store.talk { connection in
                let headers = [
                    Header("Host", "127.0.0.1:\(store.port)"),
                    Header("Content-Length", "\(2 * half.count)"), Header("Expect", "100-continue"),
                ]
                try connection.write(RunningStore.head("PUT", target, headers))
                #expect(try connection.head().status == 100)
                try connection.write(half)
                store.cancel()
                try connection.write(half)
                #expect(try connection.reply(to: "PUT").status == 200)
                #expect(connection.isEnded())
            }
        }
    }

    @Test("does not keep the store from ending longer than the grace")
    func boundedGrace() async throws {
        let limits = LocalStore.Limits(grace: .milliseconds(100))
        try await RunningStore.serve(in: TemporaryFolder(), limits: limits) { store in
            let request = try store.sign(ObjectRequest(.put, ObjectKey("k"), lifetime: 60))
            let target = RunningStore.target(of: request.url.reveal())
            try await store.talk { connection in
                let headers = [
                    Header("Host", "127.0.0.1:\(store.port)"), Header("Content-Length", "100"),
                    Header("Expect", "100-continue"),
                ]
                try connection.write(RunningStore.head("PUT", target, headers))
                #expect(try connection.head().status == 100)
                store.cancel()
                while !connection.isEnded() {}
            }
        }
    }
}
