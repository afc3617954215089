// SPDX-License-Identifier: Apache-2.0

/// What all requests of one client have in common; every default is a value that is safe to keep.
public struct HTTPOptions: Sendable {
    /// The most brief requests at once to one host and port; default 16 to 256.
    ///
    /// Brief are those of less than 64 KiB whose answer is kept; it is found out what the host is
    /// good for. Others wait their turn.
    public var briefPerHost: ClosedRange<Int>
    /// The most other requests at once to one host and port; default 64.
    public var longPerHost: Int
    /// How long a connection, TLS included, may take; default 10 s.
    public var connectTimeout: Duration
    /// How long the answer may take once a small body is sent; default 60 s.
    ///
    /// A second is added for every 50 MB of body, because a store hashes before it answers.
    public var answerTimeout: Duration
    /// Over what time a body that moves too slowly is given up; default 30 s.
    public var stallTime: Duration
    /// The bytes a second a body must reach over `stallTime`; default 1024.
    public var stallRate: Int64
    /// How long a connection may lie idle and still be used again; default 4 s.
    ///
    /// Stores close idle connections after about 5 s, and a request sent into a closing one is lost.
    public var idleTime: Duration
    /// The size from which a body waits for the store's consent (`Expect: 100-continue`); default
    /// 1 MiB, nothing for never.
    public var expectFrom: Int64?
    /// The `User-Agent` of requests that bring none; default `presignd`.
    public var userAgent: String
    /// A file of trusted certificates (PEM) in place of the system's.
    public var caFile: String?
    /// Reads the clocks by which a sleep of the machine is noticed; default its own.
    ///
    /// The time since its start must be the true one.
    public var clocks: @Sendable () -> ClockReading = ClockReading.now
    /// Called on the client's thread after each jump of those clocks; default nothing.
    public var onJump: @Sendable () -> Void = {}

    /// Makes options; every default is the one its property names.
    public init(
        briefPerHost: ClosedRange<Int> = 16...256,
        longPerHost: Int = 64,
        connectTimeout: Duration = .seconds(10),
        answerTimeout: Duration = .seconds(60),
        stallTime: Duration = .seconds(30),
        stallRate: Int64 = 1_024,
        idleTime: Duration = .seconds(4),
        expectFrom: Int64? = 1 << 20,
        userAgent: String = "presignd",
        caFile: String? = nil
    ) {
        self.briefPerHost =
            max(briefPerHost.lowerBound, 1)...max(briefPerHost.upperBound, 1)
        self.longPerHost = max(longPerHost, 1)
        self.connectTimeout = connectTimeout
        self.answerTimeout = answerTimeout
        self.stallTime = stallTime
        self.stallRate = stallRate
        self.idleTime = idleTime
        self.expectFrom = expectFrom
        self.userAgent = userAgent
        self.caFile = caFile
    }
}
