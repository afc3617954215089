// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Hummingbird
import HummingbirdCore
import NIOCore

/// The body of a request as it comes in, and what is still to come of it.
struct IncomingBody {
    /// Bytes that were announced and have not come; beyond all bounds when none were announced.
    private(set) var rest: Int64
    /// Whether the client waits for `100 Continue` before it sends (RFC 9110, section 10.1.1).
    let mustInvite: Bool
    /// Whether the client sends the body: because it was told to, or without asking.
    var isInvited: Bool
    private var parts: RequestBody.AsyncIterator

    init(_ request: Request) {
        parts = request.body.makeAsyncIterator()
        if request.headers[.transferEncoding] != nil {
            rest = .max
        } else {
            rest = request.headers[.contentLength].flatMap { Int64($0) } ?? 0
        }
        mustInvite = rest > 0 && request.headers[.expect]?.lowercased() == "100-continue"
        isInvited = !mustInvite
    }

    /// The next bytes, or nothing at the end, which comes early when the client goes away.
    mutating func next() async throws -> ByteBuffer? {
        guard let part = try await parts.next() else { return nil }
        rest -= Int64(part.readableBytes)
        return part
    }

    /// Takes bytes in and forgets them.
    mutating func discard(upTo limit: Int64) async throws {
        var taken: Int64 = 0
        while taken < limit, let part = try await parts.next() {
            taken += Int64(part.readableBytes)
        }
    }
}
