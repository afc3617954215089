// SPDX-License-Identifier: Apache-2.0

import Jobs
import Synchronization
import Testing

@testable import Credentials

/// A source of keys that a test holds in its hand: each reading waits until it is answered.
private final class Source: Sendable {
    private struct State {
        var readings = 0
        var waiting: [CheckedContinuation<Result<Found<AccessKey>, CredentialError>, Never>] = []
        var watchers: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    /// How often it was read so far.
    var readings: Int { state.withLock { $0.readings } }

    func read() async throws(CredentialError) -> Found<AccessKey> {
        let result = await withCheckedContinuation { continuation in
            let watchers = state.withLock { state in
                state.readings += 1
                state.waiting.append(continuation)
                defer { state.watchers = [] }
                return state.watchers
            }
            for watcher in watchers { watcher.resume() }
        }
        return try result.get()
    }

    /// Waits until somebody reads, and answers.
    func answer(_ result: Result<Found<AccessKey>, CredentialError>) async {
        while true {
            let reader = state.withLock { $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() }
            if let reader { return reader.resume(returning: result) }
            await withCheckedContinuation { continuation in
                let isThere = state.withLock { state in
                    if state.waiting.isEmpty { state.watchers.append(continuation) }
                    return !state.waiting.isEmpty
                }
                if isThere { continuation.resume() }
            }
        }
    }
}

@Suite("A temporary key")
struct RenewalTests {
    private let start = Timestamp(seconds: 1_795_000_000)
    private let source = Source()
    private let provider: CredentialProvider<AccessKey>

    init() {
        provider = CredentialProvider(files: []) { [source] _ throws(CredentialError) in
            try await source.read()
        }
    }

    private static let outage = CredentialError.unreachable(source: "STS", problem: "no answer")
    private static let denial = CredentialError.refused(
        source: "STS",
        reason: "no",
        cure: "mend it"
    )

    private func key(_ id: String, _ seconds: Int64) -> Result<Found<AccessKey>, CredentialError> {
        .success(
            Found(
                AccessKey(
                    id: id,
                    secret: Secret("s"),
                    sessionToken: Secret("t"),
                    expiresAt: start + .seconds(seconds)
                )
            )
        )
    }

    /// Asks for the key and answers the one reading that this needs.
    private func ask(
        at seconds: Int64,
        fresh: Bool = false,
        lasting: Int64 = 0,
        answering result: Result<Found<AccessKey>, CredentialError>
    ) async throws -> String {
        async let answered: Void = source.answer(result)
        let key = try await provider.key(
            at: start + .seconds(seconds),
            fresh: fresh,
            lasting: .seconds(lasting)
        )
        await answered
        return key.id
    }

    /// Asks for the key and expects an answer without waiting for a reading.
    private func ask(
        at seconds: Int64,
        fresh: Bool = false,
        lasting: Int64 = 0
    ) async throws
        -> String
    {
        try await provider.key(
            at: start + .seconds(seconds),
            fresh: fresh,
            lasting: .seconds(lasting)
        ).id
    }

    @Test("is read once for all who ask at the same time")
    func together() async throws {
        try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<50 { group.addTask { try await ask(at: 0) } }
            await source.answer(key("A", 3_600))
            for try await id in group { #expect(id == "A") }
        }
        #expect(source.readings == 1)
    }

    @Test("is renewed in the background from 15 minutes before its end")
    func advisory() async throws {
        #expect(try await ask(at: 0, answering: key("A", 3_600)) == "A")
        #expect(try await ask(at: 2_699) == "A")
        #expect(source.readings == 1)
        #expect(try await ask(at: 2_700) == "A", "nobody waits")
        #expect(try await ask(at: 2_700) == "A")
        await source.answer(key("B", 7_200))
        while try await ask(at: 2_701) == "A" { await Task.yield() }
        #expect(try await ask(at: 2_701) == "B")
        #expect(source.readings == 2)
    }

    @Test("is waited for from 5 minutes before its end, and used if its renewal fails")
    func mandatory() async throws {
        #expect(try await ask(at: 0, answering: key("A", 3_600)) == "A")
        #expect(try await ask(at: 3_300, answering: .failure(Self.outage)) == "A")
        #expect(try await ask(at: 3_304) == "A", "not asked again at once")
        #expect(try await ask(at: 3_305, answering: .failure(Self.denial)) == "A")
        #expect(try await ask(at: 3_314) == "A")
        #expect(try await ask(at: 3_315, answering: key("B", 7_200)) == "B")
    }

    @Test("that lives shortly is renewed at half its life, and waited for in its last quarter")
    func short() async throws {
        #expect(try await ask(at: 0, answering: key("A", 100)) == "A")
        #expect(try await ask(at: 49) == "A")
        #expect(source.readings == 1)
        #expect(try await ask(at: 75, answering: key("B", 1_000)) == "B")
    }

    @Test("is gone when it has ended and there is no other, and then the reason is told")
    func gone() async throws {
        #expect(try await ask(at: 0, answering: key("A", 3_600)) == "A")
        await #expect(throws: Self.outage) {
            try await ask(at: 3_600, answering: .failure(Self.outage))
        }
        await #expect(throws: Self.outage) { try await ask(at: 3_601) }
        #expect(try await ask(at: 3_605, answering: key("B", 7_200)) == "B")
    }

    @Test("that nobody renews is not asked for again and again")
    func same() async throws {
        #expect(try await ask(at: 0, answering: key("A", 3_600)) == "A")
        #expect(try await ask(at: 3_300, answering: key("A", 3_600)) == "A")
        #expect(try await ask(at: 3_304) == "A")
        #expect(try await ask(at: 3_305, answering: key("A", 3_600)) == "A")
        #expect(try await ask(at: 3_314) == "A")
        #expect(source.readings == 3)
    }

    @Test("that the store refused is read anew once, however many say so")
    func refused() async throws {
        #expect(try await ask(at: 0, answering: key("A", 3_600)) == "A")
        try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<50 { group.addTask { try await ask(at: 1, fresh: true) } }
            await source.answer(key("B", 3_601))
            for try await id in group { #expect(["A", "B"].contains(id)) }
        }
        #expect(try await ask(at: 5, fresh: true) == "B", "a refusal of the key before")
        #expect(source.readings == 2)
        #expect(try await ask(at: 11, fresh: true, answering: key("C", 3_602)) == "C")
    }

    @Test("that the store refused and its source stands by is not read anew for a minute")
    func refusedAgain() async throws {
        #expect(try await ask(at: 0, answering: key("A", 3_600)) == "A")
        #expect(try await ask(at: 1, fresh: true, answering: key("A", 3_600)) == "A")
        #expect(try await ask(at: 60, fresh: true) == "A")
        #expect(try await ask(at: 61, fresh: true, answering: key("B", 3_600)) == "B")
    }

    @Test("stays when the store refused it and no other can be had")
    func refusedInOutage() async throws {
        #expect(try await ask(at: 0, answering: key("A", 3_600)) == "A")
        #expect(try await ask(at: 1, fresh: true, answering: .failure(Self.outage)) == "A")
        #expect(try await ask(at: 2) == "A")
    }

    @Test("that ends before a link shall is renewed first, but not for every link")
    func lasting() async throws {
        #expect(try await ask(at: 0, answering: key("A", 3_600)) == "A")
        #expect(try await ask(at: 500, lasting: 3_000) == "A", "3,100 s are left")
        #expect(try await ask(at: 600, lasting: 3_000, answering: key("B", 4_200)) == "B")
        #expect(try await ask(at: 1_049, lasting: 86_400) == "B", "no key lasts so long")
        #expect(try await ask(at: 1_050, lasting: 86_400, answering: key("C", 4_650)) == "C")
        #expect(source.readings == 3)
    }

    @Test("of a file counts a while longer from when the file broke, whatever failed before")
    func grace() throws {
        func stamps(_ inode: UInt64) -> [SecretFile.Stamp?] {
            [SecretFile.Stamp(inode: inode, size: 1, modified: 1, changed: 1)]
        }
        typealias State = RenewalState<AccessKey>
        func wish(_ seconds: Int64) -> State.Wish { State.Wish(now: start + .seconds(seconds)) }
        let found = Found(AccessKey(id: "A", secret: Secret("s")))
        var state = State()
        #expect(state.decide(wish(0)) { stamps(1) }.0 == .renewFirst(forced: false))
        state.take(.success(found), stamps(1), forced: false, at: start)
        state.take(.failure(Self.outage), stamps(1), forced: true, at: start)
        #expect(state.decide(wish(100)) { stamps(1) }.0 == .use(found))
        for second in Int64(101)...110 {
            let now = start + .seconds(second)
            let broken = stamps(UInt64(second))
            #expect(state.decide(wish(second)) { broken }.0 == .renewFirst(forced: false))
            state.take(.failure(Self.denial), broken, forced: false, at: now)
            #expect(state.fallback(at: now) == .use(found))
        }
        #expect(state.decide(wish(111)) { stamps(111) }.0 == .renewFirst(forced: false))
        state.take(.failure(Self.denial), stamps(111), forced: false, at: start + .seconds(111))
        #expect(state.fallback(at: start + .seconds(111)) == .fail(Self.denial))
        state.take(.success(found), stamps(112), forced: false, at: start + .seconds(112))
        #expect(state.quick(wish(111)) == found)
    }

    @Test("is waited for no longer than the caller's task may")
    func cancelled() async throws {
        let caller = Task { try await ask(at: 0) }
        async let stopped: Void = caller.cancel()
        await stopped
        await #expect(throws: CredentialError.self) { try await caller.value }
        await source.answer(key("A", 3_600))
        while (try? await ask(at: 0)) != "A" { await Task.yield() }
    }

    @Test("is not harmed by a clock that jumps")
    func jumps() async throws {
        #expect(try await ask(at: 0, answering: key("A", 3_600)) == "A")
        #expect(try await ask(at: -86_400) == "A")
        #expect(try await ask(at: 100) == "A")
        #expect(source.readings == 1)
        #expect(try await ask(at: 86_400, answering: key("B", 90_000)) == "B")
        #expect(try await ask(at: 200) == "B", "the clock was set back again")
        #expect(source.readings == 2)
    }
}
