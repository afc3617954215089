// SPDX-License-Identifier: Apache-2.0
import Dispatch
import HTTP
import Jobs
import Objects
import Synchronization
import Testing

@testable import Transfer

@Suite("What is on its way to a store while the machine sleeps", .timeLimit(.minutes(3)))
struct SleepTests {
    /// A machine and a store by the same time, which passes at once where the test says so.
    private final class Night: Sendable {
        private let passed = Mutex<(asleep: Int64, stopped: Int64)>((0, 0))
        /// Whether the store keeps who asks waiting.
        let isHolding = Mutex(false)
        let arrived: AsyncStream<Void>
        private let arrives: AsyncStream<Void>.Continuation
        private let morning = DispatchSemaphore(value: 0)
        let refusals = Mutex(0)

        init() { (arrived, arrives) = AsyncStream.makeStream() }

        /// The right time.
        var now: Timestamp {
            let (asleep, stopped) = passed.withLock { $0 }
            return Timestamp(nanoseconds: StoreClock.sinceBoot())
                + .seconds(Self.start + asleep + stopped)
        }

        var sinceBoot: Int64 {
            StoreClock.sinceBoot() + passed.withLock { $0.asleep } * 1_000_000_000
        }

        /// What the machine's clocks say: a sleep is known to it, a virtual machine that is stopped
        /// only has its clock set afterwards.
        var clocks: ClockReading {
            let (asleep, stopped) = passed.withLock { $0 }
            let now = StoreClock.sinceBoot()
            return ClockReading(
                sinceStart: now,
                running: now - asleep * 1_000_000_000,
                wall: now + stopped * 1_000_000_000
            )
        }

        func pass(hours: Int64, isAsleep: Bool, _ http: HTTPClient) {
            passed.withLock {
                if isAsleep { $0.asleep += hours * 3_600 } else { $0.stopped += hours * 3_600 }
            }
            // Something has to wake the client's thread.
            http.dropConnections()
        }

        /// Answers by the time of the signature, which is the URL's.
        func answer(_ exchange: Exchange) -> Reply? {
            if isHolding.withLock({ $0 }) {
                arrives.yield()
                morning.wait()
                morning.signal()
                return nil
            }
            let signed = exchange.target.split(separator: "=").last.flatMap { Int64($0) } ?? 0
            var reply = Reply(headers: [Good.opaque, ("Content-Range", "bytes 0-0/3")], body: [1])
            if exchange.method == "PUT" { reply.body = [] } else { reply.status = 206 }
            if abs(signed - now.seconds) > 900 {
                refusals.withLock { $0 += 1 }
                reply = error(403, "RequestTimeTooSkewed")
            }
            reply.headers.append(("date", HTTPDateText.text(now)))
            return reply
        }

        func end() { morning.signal() }

        private static let start: Int64 = 1_795_456_800
    }

    private final class Line: Sendable {
        let night = Night()
        let server: StoreServer
        let http: HTTPClient
        let channel: StoreChannel
        let signings = Mutex<[Timestamp]>([])
        /// How many requests are under way at most.
        static let atOnce = 8

        init() {
            let night = night
            server = StoreServer { exchange, _ in night.answer(exchange) }
            var options = HTTPOptions(briefPerHost: Self.atOnce...Self.atOnce)
            options.clocks = { night.clocks }
            // What was sent before the night is not answered after it.
            options.onJump = { night.isHolding.withLock { $0 = false } }
            http = HTTPClient(options)
            channel = StoreChannel(
                http: http,
                place: place(port: server.port),
                now: { night.now },
                running: { night.sinceBoot },
                pause: { _ in await Task.yield() }
            )
        }

        deinit {
            night.end()
            server.stop()
        }

        func put() async throws -> StoreReply {
            try await channel.send(
                ObjectRequest(.put, ObjectKey("k"), lifetime: 60),
                .bytes([1]),
                { request, terms in
                    self.signings.withLock { $0.append(terms.now) }
                    return SignedRequest(
                        method: request.method,
                        url: self.url(at: terms.now),
                        headers: request.headers
                    )
                },
                subject: "nothing was sent"
            )
        }

        func url(at moment: Timestamp) -> SignedURL {
            SignedURL(Array("http://127.0.0.1:\(server.port)/k?t=\(moment.seconds)".utf8))
        }
    }

    @Test("is signed anew and sent again, at no cost and without a refusal")
    func sentAgain() async throws {
        let line = Line()
        line.night.isHolding.withLock { $0 = true }
        let task = Task { try await line.put() }
        var arrived = line.night.arrived.makeAsyncIterator()
        await arrived.next()
        line.night.pass(hours: 9, isAsleep: true, line.http)
        let reply = try await task.value
        guard case .done = reply.meaning else { return #expect(Bool(false), "\(reply.meaning)") }
        // Nobody knows whether the first arrived.
        #expect(reply.attempts == 2)
        let times = line.signings.withLock { $0 }
        #expect(times.count == 2 && (times[1] - times[0]).seconds >= 9 * 3_600)
        #expect(line.night.refusals.withLock { $0 } == 0)
        #expect(line.channel.tokens == TokenBucket.capacity)
        #expect(line.channel.state.withLock { $0.trouble } == nil)
        #expect(line.channel.state.withLock { $0.pace.limit } == nil)
    }

    @Test(
        "is refused once at most, however much there is, when only the clock tells of it",
        arguments: [true, false]
    )
    func refusedOnce(isAsleep: Bool) async throws {
        let line = Line()
        _ = try await line.put()
        line.night.isHolding.withLock { $0 = true }
        try await withThrowingTaskGroup(of: StoreReply.self) { group in
            // Some are under way, the others wait at the host.
            for _ in 0..<64 { group.addTask { try await line.put() } }
            var arrived = line.night.arrived.makeAsyncIterator()
            for _ in 0..<Line.atOnce { await arrived.next() }
            line.night.pass(hours: 9, isAsleep: isAsleep, line.http)
            for try await reply in group {
                guard case .done = reply.meaning else {
                    return #expect(Bool(false), "\(reply.meaning)")
                }
            }
        }
        #expect(line.night.refusals.withLock { $0 } <= (isAsleep ? 0 : 1))
        #expect(line.channel.tokens == TokenBucket.capacity)
    }

    @Test("is a link that is made anew before it is fetched again", arguments: [true, false])
    func link(isAsleep: Bool) async throws {
        let line = Line()
        _ = try await line.put()
        line.night.isHolding.withLock { $0 = true }
        let receipt = Receipt(
            size: 3,
            sha256: [],
            crc64nvme: 0,
            contentType: "",
            etag: "0123-opaque",
            integrity: .signed
        )
        let made = Mutex(0)
        let task = Task {
            await LinkProof(channel: line.channel).prove(ObjectKey("k"), receipt: receipt) {
                made.withLock { $0 += 1 }
                return line.url(at: line.channel.now)
            }
        }
        var arrived = line.night.arrived.makeAsyncIterator()
        await arrived.next()
        line.night.pass(hours: 9, isAsleep: isAsleep, line.http)
        #expect(await task.value == nil)
        let refusals = line.night.refusals.withLock { $0 }
        #expect(refusals <= (isAsleep ? 0 : 1))
        #expect(made.withLock { $0 } == 2 + refusals)
    }

    @Test("is a trouble like others when the clocks jump all the time")
    func always() {
        let policy = RequestPolicy()
        var tries = RequestPolicy.Tries(made: 1)
        #expect(policy.after(.slept, tries, jitter: 1) == .signAnew)
        tries.wakings = policy.wakings
        guard case .again = policy.after(.slept, tries, jitter: 1) else {
            return #expect(Bool(false))
        }
    }
}
