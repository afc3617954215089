// SPDX-License-Identifier: Apache-2.0
internal import HTTP
internal import Jobs
internal import Objects

extension HTTPRequest {
    /// Makes the request that was signed: its headers and no others.
    ///
    /// `Content-Length` and `Host` are left out, because the transport writes both itself.
    init(_ signed: SignedRequest, body: HTTPBody, caFile: String?) {
        var headers: [(name: String, value: String)] = []
        headers.reserveCapacity(signed.headers.count)
        for header in signed.headers {
            let name = header.name.lowercased()
            guard name != "content-length", name != "host" else { continue }
            headers.append((header.name, header.value))
        }
        self.init(
            method: signed.method.rawValue,
            url: signed.url.reveal(),
            headers: headers,
            body: body,
            caFile: caFile
        )
    }
}

extension StoreAnswer {
    /// Takes what the transport brought.
    init(_ response: HTTPResponse) {
        let headers = response.headers
        self.init(
            status: response.status,
            body: response.body,
            header: { headers[$0] },
            values: { headers.values(of: $0) }
        )
    }
}
