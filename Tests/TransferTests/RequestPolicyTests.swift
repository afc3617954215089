// SPDX-License-Identifier: Apache-2.0
import Jobs
import Objects
import Testing

@testable import Transfer

/// What comes next, without the numbers that another test is about.
private enum Next: String {
    case deliver, transient, throttled, clock, key, otherKey, region
}

/// One answer of a store, and what becomes of the request.
private struct Row: CustomTestStringConvertible {
    var method = HTTPMethod.put
    var status: Int
    var code = ""
    var message = ""
    /// Seconds that the store's `Date` is behind our time of signing.
    var lead: Int64 = 0
    var next: Next

    init(_ status: Int, _ code: String, _ next: Next, _ message: String = "", lead: Int64 = 0) {
        (self.status, self.code, self.next) = (status, code, next)
        (self.message, self.lead) = (message, lead)
    }

    static func head(_ status: Int, _ next: Next, lead: Int64 = 0) -> Row {
        var row = Row(status, "", next, lead: lead)
        row.method = .head
        return row
    }

    var testDescription: String { "\(method.rawValue) \(status) \(code) lead \(lead) → \(next)" }
}

/// RELIABILITY's table of classes, row by row.
private let rows: [Row] =
    // Throttling: its codes, 429, and a 503 of any kind.
    [
        "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottledException",
        "TooManyRequestsException", "ProvisionedThroughputExceededException",
        "TransactionInProgressException", "RequestLimitExceeded", "BandwidthLimitExceeded",
        "LimitExceededException", "RequestThrottled", "SlowDown", "PriorRequestNotComplete",
        "EC2ThrottledException", "SlowDownRead", "SlowDownWrite", "ServiceUnavailable",
    ].map { Row(400, $0, .throttled) }
    + [
        Row(429, "", .throttled), Row(503, "", .throttled), Row(503, "SlowDown", .throttled),
        Row(503, "InternalError", .throttled), .head(503, .throttled), .head(429, .throttled),
    ]
    // Transient: its codes whatever the status, and 500, 502, 504.
    + [
        "RequestTimeout", "RequestTimeoutException", "InternalError", "InternalErrors",
        "InternalFailure", "IncompleteBody", "OperationAborted", "ConditionalRequestConflict",
        "OperationTimedOut",
    ].map { Row(400, $0, .transient) }
    + [
        Row(500, "", .transient), Row(502, "", .transient), Row(504, "", .transient),
        Row(500, "InternalError", .transient), Row(408, "", .transient),
        Row(409, "OperationAborted", .transient), Row(409, "", .transient),
        .head(500, .transient), .head(502, .transient),
    ]
    // 200 with an error document: by the code inside.
    + [
        Row(200, "SlowDown", .throttled), Row(200, "InternalError", .transient),
        Row(200, "RequestTimeout", .transient), Row(200, "AccessDenied", .otherKey),
        Row(200, "RequestTimeTooSkewed", .clock, lead: 1_200),
        Row(200, "SomethingNew", .transient),
    ]
    // Skew: only with five minutes between the clocks; else the URL was too old, or it is permanent.
    + ["RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture", "ExpiredRequest"].flatMap {
        [
            Row(403, $0, .clock, lead: 1_200), Row(403, $0, .clock, lead: -25_200),
            Row(403, $0, .clock, lead: 300), Row(403, $0, .key, lead: 299),
        ]
    }
    + ["AuthFailure", "InvalidSignatureException", "SignatureDoesNotMatch"].flatMap {
        [Row(403, $0, .clock, lead: -301), Row(403, $0, .otherKey, lead: 10)]
    }
    + [
        Row(403, "AccessDenied", .clock, "Request has expired", lead: 900),
        Row(403, "AccessDenied", .clock, lead: 25_200),
        Row(403, "AccessDenied", .otherKey, lead: 5),
        Row(403, "AccessDenied", .otherKey, "you may not", lead: 900),
        .head(403, .clock, lead: -900), .head(403, .otherKey),
    ]
    // Credentials: the key is read anew, once; so is a URL that was too old though the clocks agree.
    + ["ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "InvalidToken"].map {
        Row(400, $0, .key)
    }
    + [Row(403, "AccessDenied", .key, "Request has expired")]
    // Another region: once, where the store names it.
    + [
        "PermanentRedirect", "TemporaryRedirect", "AuthorizationHeaderMalformed",
        "AuthorizationQueryParametersError", "IllegalLocationConstraintException",
    ].flatMap {
        [
            Row(400, $0, .region, "</Message><Region>eu-west-1</Region><Message>"),
            Row(400, $0, .deliver),
            Row(400, $0, .deliver, "</Message><Region>a/b</Region><Message>"),
        ]
    }
    // A key that is refused may have been replaced: once more if it was, and only then.
    + [
        Row(403, "AccessDenied", .otherKey, "so it is"), Row(401, "", .otherKey),
        Row(403, "InvalidAccessKeyId", .otherKey), Row(403, "", .otherKey),
    ]
    // Permanent, and what the caller has to understand: one request.
    + [
        (404, "NoSuchBucket"), (400, "EntityTooLarge"), (400, "KeyTooLongError"),
        (400, "InvalidRequest"),
        (501, "NotImplemented"), (400, "BadDigest"), (400, "InvalidDigest"),
        (400, "XAmzContentSHA256Mismatch"), (412, "PreconditionFailed"), (404, "NoSuchUpload"),
        (301, "PermanentRedirect"), (307, "TemporaryRedirect"),
        (400, "AuthorizationHeaderMalformed"), (400, "MalformedXML"), (405, "MethodNotAllowed"),
        (400, "InvalidPart"), (418, ""), (507, ""), (403, "QuotaExceeded"),
    ].map { Row($0.0, $0.1, .deliver, "so it is") }
    + [Row(200, "", .deliver), Row(204, "", .deliver), .head(404, .deliver), .head(200, .deliver)]

@Suite("A request after an attempt (Q3)")
struct RequestPolicyTests {
    private let policy = RequestPolicy()

    @Test("has at least the eighty rows that were agreed")
    func size() { #expect(rows.count >= 80) }

    @Test("goes on as its class says", arguments: rows)
    private func classes(row: Row) {
        let step = policy.after(ending(row), RequestPolicy.Tries(made: 1), jitter: 1)
        let next: Next? =
            switch step {
            case .deliver: .deliver
            case .again(_, let cost): cost == 5 ? .throttled : .transient
            case .correctClock: .clock
            case .changeRegion: .region
            case .renewKey: .key
            case .replaceKey: .otherKey
            case .signAnew: nil
            }
        #expect(next == row.next)
        if case .correctClock(let offset) = step { #expect(offset == .seconds(-row.lead)) }
    }

    private func ending(_ row: Row) -> RequestPolicy.Ending {
        let body =
            row.code.isEmpty
            ? "" : "<Error><Code>\(row.code)</Code><Message>\(row.message)</Message></Error>"
        let date = HTTPDateText.text(testNow - .seconds(row.lead))
        let answer = StoreAnswer(
            status: row.status,
            body: row.method == .head ? [] : Array(body.utf8),
            header: { $0 == "date" ? date : $0 == "etag" ? "\"e\"" : nil }
        )
        let trouble = answer.trouble(of: row.method, at: place(port: 1), signedAt: testNow)
        return trouble.map { .trouble($0) } ?? .answered
    }

    @Test("waits twice as long each time at most, from 50 ms or a second, up to 20 s")
    func pauses() {
        func pause(_ trouble: Trouble, made: Int, jitter: Double = 1) -> Span? {
            let tries = RequestPolicy.Tries(made: made)
            let step = RequestPolicy(attempts: 99).after(.trouble(trouble), tries, jitter: jitter)
            if case .again(let span, _) = step { return span }
            return nil
        }
        let bad = Trouble.transient(wish: nil)
        #expect(
            [1, 2, 3, 4].map { pause(bad, made: $0) } == [50, 100, 200, 400].map(Span.milliseconds)
        )
        let busy = Trouble.throttling(wish: nil)
        #expect(
            [1, 2, 5, 6, 50].map { pause(busy, made: $0) } == [1, 2, 16, 20, 20].map(Span.seconds)
        )
        #expect(pause(busy, made: 3, jitter: 0.5) == .seconds(2))
        // The server's wish: not less than ours, not more than five seconds over it.
        #expect(pause(.transient(wish: .zero), made: 1) == .milliseconds(50))
        #expect(pause(.transient(wish: .seconds(1)), made: 1) == .seconds(1))
        #expect(pause(.transient(wish: .seconds(90)), made: 1) == .milliseconds(5_050))
    }

    @Test("ends after five attempts, and after one where nothing was answered for good reason")
    func ends() {
        let lost = RequestPolicy.Ending.lost
        #expect(policy.after(lost, .init(made: 4), jitter: 0) == .again(after: .zero, cost: 14))
        #expect(policy.after(lost, .init(made: 5), jitter: 0) == .deliver)
        #expect(policy.after(.failed, .init(made: 1), jitter: 0) == .deliver)
    }

    @Test("changes each thing in its signature once")
    func changes() {
        let tries = RequestPolicy.Tries(made: 1, changed: [.clock, .key, .region])
        let skew = RequestPolicy.Ending.trouble(.skew(.seconds(900)))
        #expect(policy.after(skew, tries, jitter: 0) == .deliver)
        #expect(policy.after(.trouble(.credentials), tries, jitter: 0) == .deliver)
        #expect(policy.after(.trouble(.refusedKey), tries, jitter: 0) == .deliver)
        let elsewhere = RequestPolicy.Ending.trouble(.elsewhere(region: "eu-west-1"))
        #expect(policy.after(elsewhere, tries, jitter: 0) == .deliver)
    }
}

@Suite("The tokens of a store")
struct TokenBucketTests {
    @Test("pay for retries until there are too few, and come back with what goes well")
    func tokens() {
        var bucket = TokenBucket()
        let paid = (1...36).map { _ in bucket.pay(14) }
        #expect(paid.count { $0 } == 35)
        #expect(bucket.tokens == 10)
        bucket.refund(lastCost: nil)
        bucket.refund(lastCost: 14)
        #expect(bucket.tokens == 25)
        for _ in 1...1_000 { bucket.refund(lastCost: nil) }
        #expect(bucket.tokens == TokenBucket.capacity)
    }
}

/// An HTTP date, as servers write it.
enum HTTPDateText {
    static func text(_ moment: Timestamp) -> String {
        let time = CalendarTime(moment)
        let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ]
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let day = Int(moment.seconds / 86_400) % 7
        return """
            \(days[day]), \(two(time.day)) \(months[time.month - 1]) \(time.year) \
            \(two(time.hour)):\(two(time.minute)):\(two(time.second)) GMT
            """
    }
}
