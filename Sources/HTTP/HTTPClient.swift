// SPDX-License-Identifier: Apache-2.0

/// Sends HTTP requests, many at once, over kept connections.
///
/// A client is one thread that owns everything of libcurl's (its handles must not be shared). A
/// request is put into a mailbox, the thread takes what has gathered there, and answers are handed
/// back in batches. Start here, then `Mailbox`, `CurlLoop`, `EasyHandle`.
///
/// Nothing is ever tried again here but what HTTP itself asks for: a kept connection that was
/// already dead is replaced, and a 417 is answered without `Expect`. The first request to a host
/// goes alone; others wait until it has its connection, or fail with it when none comes about.
public final class HTTPClient: Sendable {
    private let mailbox: Mailbox
    private let route: HTTPRoute
    /// The client whose thread this one uses, if it has none of its own.
    private let owner: HTTPClient?

    /// Makes a client; its thread starts with the first request.
    public init(_ options: HTTPOptions = HTTPOptions()) {
        mailbox = Mailbox(options: options)
        route = HTTPRoute()
        owner = nil
    }

    private init(owner: HTTPClient, route: HTTPRoute) {
        mailbox = owner.mailbox
        self.route = route
        self.owner = owner
    }

    deinit { if owner == nil { mailbox.post(.stop) } }

    /// This client by another route: the same thread and connections, and the same limits on all.
    public func routed(_ route: HTTPRoute) -> HTTPClient {
        HTTPClient(owner: owner ?? self, route: route)
    }

    /// Sends one request and waits for the whole answer, whatever its status.
    ///
    /// Cancelling the task breaks the transfer off.
    ///
    /// - Parameter request: What to send.
    /// - Returns: The answer.
    /// - Throws: `HTTPError` when there is none.
    public func send(_ request: HTTPRequest) async throws(HTTPError) -> HTTPResponse {
        let transfer = try Transfer(request, options: mailbox.options, route: route)
        let result: Transfer.Outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                transfer.continuation = continuation
                if let refusal = mailbox.post(.start(transfer)) {
                    transfer.continuation = nil
                    continuation.resume(returning: .failure(refusal))
                }
            }
        } onCancel: {
            mailbox.post(.cancel(transfer))
        }
        return try result.get()
    }

    /// What the clocks say, for `HTTPRequest.signedAt`.
    public var clocks: ClockReading { mailbox.options.clocks() }

    /// Closes idle connections and uses none that is older than this moment.
    ///
    /// After a sleep of the machine this happens by itself: such connections are often dead without
    /// knowing it. Requests under way are left alone, but after a sleep for those that have to be
    /// signed anew (`HTTPRequest.signedAt`).
    public func dropConnections() {
        mailbox.post(.dropConnections)
    }

    /// Limits how many bytes of bodies are sent in a second, by all requests together; counts from
    /// now on, for those under way too.
    ///
    /// - Parameter rate: Bytes a second; nothing: no limit.
    public func limitUploads(to rate: Int64?) {
        mailbox.post(.limitUploads(rate))
    }

    /// Cancels every request under way and ends the thread; returns once it has ended.
    ///
    /// Requests sent later fail with `HTTPError.unavailable`. May be called more than once.
    public func shutdown() async {
        await withCheckedContinuation { continuation in
            mailbox.stop(then: continuation)
        }
    }
}
