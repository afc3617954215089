// SPDX-License-Identifier: Apache-2.0
import HTTP
import Jobs
import Objects
import Synchronization
import Testing

@testable import Transfer

@Suite("What is sent to a store", .timeLimit(.minutes(3)))
struct StoreChannelTests {
    /// A channel whose pauses take no time, and what they were.
    private final class Line: Sendable {
        let server: StoreServer
        let channel: StoreChannel
        let terms = Mutex<[SigningTerms]>([])

        init(
            now: Timestamp = testNow,
            region: BucketRegion = BucketRegion(),
            _ script: @escaping StoreServer.Script
        ) {
            server = StoreServer(script)
            channel = StoreChannel(
                http: HTTPClient(HTTPOptions()),
                place: place(port: server.port),
                region: region,
                now: { now },
                pause: { _ in await Task.yield() }
            )
        }

        deinit { server.stop() }

        func put() async throws -> StoreReply {
            let request = ObjectRequest(.put, ObjectKey("k"), lifetime: 60)
            let sign = signer(port: server.port)
            return try await channel.send(
                request,
                .bytes([1]),
                { request, terms in
                    self.terms.withLock { $0.append(terms) }
                    return try await sign(request, terms)
                },
                subject: "nothing was sent"
            )
        }
    }

    private static let good = Reply(headers: [Good.opaque])

    @Test("is tried again after a bad moment, and tells how often it was sent")
    func transient() async throws {
        let line = Line { _, number in number < 3 ? error(500, "InternalError") : Self.good }
        let reply = try await line.put()
        #expect(reply.attempts == 4)
        guard case .done = reply.meaning else { return #expect(Bool(false), "\(reply.meaning)") }
        // Three retries were paid, the last of them came back.
        #expect(line.channel.tokens == TokenBucket.capacity - 2 * 14)
    }

    @Test("is given up after five attempts")
    func givenUp() async throws {
        let line = Line { _, _ in error(503, "SlowDown") }
        let reply = try await line.put()
        #expect(reply.attempts == 5)
        guard case .failed(let failure) = reply.meaning else { return #expect(Bool(false)) }
        #expect(failure.advice == .throttle(after: nil))
    }

    @Test("is tried once only when the store's tokens are used up (Q9)")
    func emptyBucket() async throws {
        // One in six is taken, so that it is not given up as out.
        let line = Line { _, number in
            number % 6 == 5 ? Self.good : error(500, "InternalError")
        }
        for _ in 0..<24 { _ = try await line.put() }
        #expect(line.channel.tokens < 14)
        for _ in 0..<6 { #expect(try await line.put().attempts == 1) }
    }

    @Test("is hardly sent at all while the store is out, and fails as the last one did (Q9)")
    func out() async throws {
        let isOut = Mutex(true)
        let line = Line { _, _ in isOut.withLock { $0 } ? error(500, "InternalError") : Self.good }
        let began = ContinuousClock.now
        for _ in 0..<100 {
            guard case .failed(let failure) = try await line.put().meaning else {
                return #expect(Bool(false))
            }
            #expect(failure.code == "InternalError")
        }
        let asked = line.server.requests.count
        // Eight to find out, and one a second; the machine may be slow.
        #expect(asked <= 9 + Int((ContinuousClock.now - began).components.seconds))
        isOut.withLock { $0 = false }
        var isBack = false
        while !isBack { if case .done = try await line.put().meaning { isBack = true } }
        guard case .done = try await line.put().meaning else { return #expect(Bool(false)) }
    }

    @Test(
        "is signed anew by the store's clock, once, at no cost (C19)",
        arguments: [1_200, -25_200]
    )
    func skew(offset: Int64) async throws {
        let began = ContinuousClock.now
        let date = HTTPDateText.text(testNow + .seconds(offset))
        let line = Line { _, number in
            var reply = number == 0 ? error(403, "RequestTimeTooSkewed") : Self.good
            reply.headers.append(("date", date))
            return reply
        }
        let reply = try await line.put()
        guard case .done = reply.meaning else { return #expect(Bool(false), "\(reply.meaning)") }
        #expect(line.channel.tokens == TokenBucket.capacity)
        _ = try await line.put()
        let times = line.terms.withLock { $0.map { ($0.now - testNow).seconds } }
        #expect(times.first == 0)
        // The store's time goes on by the clock since boot; this one's wall clock stands still.
        let passed = (ContinuousClock.now - began).components.seconds
        #expect(times.dropFirst().allSatisfy { (-1...passed + 1).contains($0 - offset) })
        #expect(line.server.requests.count == 3)
    }

    @Test("costs one refusal, not one a worker, when the clock is wrong at the start")
    func firstAlone() async throws {
        let date = HTTPDateText.text(testNow + .seconds(1_200))
        let refusals = Mutex(0)
        let line = Line { exchange, number in
            var reply = Self.good
            if number == 0 {
                refusals.withLock { $0 += 1 }
                reply = error(403, "RequestTimeTooSkewed")
            }
            reply.headers.append(("date", date))
            return reply
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<16 { group.addTask { _ = try await line.put() } }
            try await group.waitForAll()
        }
        let wrong = line.terms.withLock { $0.count { abs(($0.now - testNow).seconds) < 60 } }
        #expect(wrong == 1)
        #expect(line.server.requests.count == 17)
    }

    @Test("asks for a key read anew when the store says that it has ended, once (P5)")
    func renewed() async throws {
        let line = Line { _, number in number == 0 ? error(400, "ExpiredToken") : Self.good }
        guard case .done = try await line.put().meaning else { return #expect(Bool(false)) }
        #expect(line.terms.withLock { $0.map(\.renewsKey) } == [false, true])
        let ended = Line { _, _ in error(400, "ExpiredToken") }
        _ = try await ended.put()
        #expect(ended.server.requests.count == 2)
    }

    @Test("is repeated with the key that replaced a refused one, and only if there is one")
    func replaced() async throws {
        let line = Line { _, number in
            number == 0 ? error(403, "InvalidAccessKeyId", "revoked") : Self.good
        }
        let old = signer(port: line.server.port)
        let new = signer(port: line.server.port, signature: "new")
        let reply = try await line.channel.send(
            ObjectRequest(.put, ObjectKey("k"), lifetime: 60),
            .bytes([1]),
            { try await ($1.renewsKey ? new : old)($0, $1) },
            subject: "nothing was sent"
        )
        guard case .done = reply.meaning else { return #expect(Bool(false), "\(reply.meaning)") }
        #expect(line.server.requests.count == 2)
        #expect(line.channel.tokens == TokenBucket.capacity)
    }

    @Test("is signed for the region that the store names, once, and so is all that follows (C20)")
    func region() async throws {
        let moves = Mutex<[String]>([])
        let region = BucketRegion("us-east-1") { move in moves.withLock { $0.append(move) } }
        let line = Line(region: region) { _, number in
            guard number == 0 else { return Self.good }
            return Reply(status: 301, headers: [("x-amz-bucket-region", "eu-west-1")])
        }
        guard case .done = try await line.put().meaning else { return #expect(Bool(false)) }
        _ = try await line.put()
        #expect(line.terms.withLock { $0.map(\.region) } == [nil, "eu-west-1", "eu-west-1"])
        #expect(moves.withLock { $0 } == ["eu-west-1"])
        #expect(line.channel.tokens == TokenBucket.capacity)
    }

    @Test("does not follow a store that sends it about, nor to where it was signed for")
    func about() async throws {
        for names in [["us-east-1"], ["eu-west-1", "eu-west-2"]] {
            let line = Line(region: BucketRegion("us-east-1")) { _, number in
                let name = names[min(number, names.count - 1)]
                return Reply(status: 301, headers: [("x-amz-bucket-region", name)])
            }
            guard case .failed(let failure) = try await line.put().meaning else {
                return #expect(Bool(false))
            }
            #expect(failure.advice == .parkStore)
            #expect(line.server.requests.count == names.count)
        }
    }

    @Test("keeps to its pace over one lost connection, and forgets it in an outage")
    func pace() async throws {
        let isOut = Mutex(false)
        let line = Line { _, number in
            if number == 0 { return error(503, "SlowDown") }
            return number == 1 || isOut.withLock { $0 } ? nil : Self.good
        }
        guard case .done = try await line.put().meaning else { return #expect(Bool(false)) }
        #expect(line.server.requests.count == 3)
        #expect(line.channel.state.withLock { $0.pace.limit } != nil)
        isOut.withLock { $0 = true }
        for _ in 1...3 { _ = try? await line.put() }
        #expect(line.channel.state.withLock { $0.pace.limit } == nil)
    }

    @Test("takes an answer that a key is taken or missing for a good one, though it is no success")
    func answers() async throws {
        let line = Line { _, number in
            number == 0 ? error(500, "InternalError") : error(412, "PreconditionFailed")
        }
        guard case .keyTaken = try await line.put().meaning else { return #expect(Bool(false)) }
        // What the retry cost came back.
        #expect(line.channel.tokens == TokenBucket.capacity)
    }

    @Test("is never repeated where that changes nothing")
    func final() async throws {
        let line = Line { _, _ in error(403, "AccessDenied", "you may not") }
        #expect(try await line.put().attempts == 1)
        #expect(line.server.requests.count == 1)
    }
}

@Suite("The clock of a store")
struct StoreClockTests {
    private final class Clocks: Sendable {
        let wall = Mutex(testNow)
        let boot = Mutex<Int64>(5_000)

        func pass(_ seconds: Int64) {
            wall.withLock { $0 = $0 + .seconds(seconds) }
            boot.withLock { $0 += seconds * 1_000_000_000 }
        }

        var clock: StoreClock {
            StoreClock(wall: { self.wall.withLock { $0 } }, running: { self.boot.withLock { $0 } })
        }
    }

    @Test("is this machine's while they agree to a minute")
    func agrees() {
        let clocks = Clocks()
        let clock = clocks.clock
        clock.learn(testNow + .seconds(59))
        #expect(clock.now == testNow && clock.offset == .zero)
    }

    @Test("is taken over from a minute on, and runs on with the time since boot")
    func differs() {
        let clocks = Clocks()
        let clock = clocks.clock
        clock.learn(testNow + .seconds(1_200))
        #expect(clock.now == testNow + .seconds(1_200))
        clocks.pass(100)
        #expect(clock.now == testNow + .seconds(1_300))
        #expect(clock.offset == .seconds(1_200))
        clock.learn(testNow + .seconds(110))
        #expect(clock.offset == .zero)
    }

    @Test("stays what it was when this machine's clock is set", arguments: [1_200, -25_200])
    func jump(seconds: Int64) {
        let clocks = Clocks()
        let clock = clocks.clock
        _ = clock.now
        clocks.pass(10)
        clocks.wall.withLock { $0 = $0 + .seconds(seconds) }
        #expect(clock.now == testNow + .seconds(10))
        // An answer then says that the clock is right now.
        clock.learn(testNow + .seconds(10 + seconds))
        #expect(clock.now == testNow + .seconds(10 + seconds))
    }

    @Test("is not upset by a date that cannot be")
    func hostile() {
        let clock = Clocks().clock
        clock.learn(Timestamp(nanoseconds: .min))
        clock.learn(Timestamp(nanoseconds: .max))
        _ = (clock.now, clock.offset)
    }
}
