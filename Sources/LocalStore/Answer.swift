// SPDX-License-Identifier: Apache-2.0

import HTTPTypes
import Jobs
import NIOCore

/// What goes back to the client.
struct Answer: Sendable {
    /// What stands behind the head.
    enum Body: Sendable {
        /// Nothing; a HEAD answer has a `content-length` all the same.
        case none
        /// A few bytes.
        case bytes(ByteBuffer)
        /// A part of an object, read while it is sent.
        case object(StoredObject, Range<Int64>)
    }

    var status: Int
    var headers: [Header]
    var body: Body

    /// The head in the server's terms, with the headers of every answer.
    func head(requestID: String, at moment: Timestamp, closing: Bool) -> HTTPResponse {
        var fields = HTTPFields()
        fields.reserveCapacity(headers.count + 4)
        Self.add("date", HTTPDate.text(moment), to: &fields)
        Self.add("server", "presignd", to: &fields)
        Self.add("x-amz-request-id", requestID, to: &fields)
        for header in headers { Self.add(header.name, header.value, to: &fields) }
        if closing { Self.add("connection", "close", to: &fields) }
        return HTTPResponse(status: .init(code: status), headerFields: fields)
    }

    private static func add(_ name: String, _ value: String, to fields: inout HTTPFields) {
        guard let name = HTTPField.Name(name) else { return }
        fields.append(HTTPField(name: name, value: value))
    }
}

extension Answer {
    /// The answer to a request that is not granted.
    init(_ refusal: Refusal, to method: String, resource: String, requestID: String) {
        let xml = refusal.xml(resource: resource, requestID: requestID)
        status = refusal.code.status
        headers =
            [
                Header("content-type", "application/xml"),
                Header("content-length", "\(xml.count)"),
            ] + refusal.headers
        body = method == "HEAD" ? .none : .bytes(ByteBuffer(bytes: xml))
    }
}
