// SPDX-License-Identifier: Apache-2.0

/// A name and a value: an HTTP header.
public struct Header: Hashable, Sendable {
    /// The name as it will be sent; compared without regard to case.
    public var name: String
    /// The value without line breaks.
    public var value: String

    /// Makes a header.
    public init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}

/// A name and a value in the query of a URL, both decoded.
public struct QueryItem: Hashable, Sendable {
    /// The decoded name.
    public var name: String
    /// The decoded value; empty for a parameter without one (`?uploads`).
    public var value: String

    /// Makes a query parameter.
    public init(_ name: String, _ value: String = "") {
        self.name = name
        self.value = value
    }
}

/// An HTTP method a URL can be signed for.
public enum HTTPMethod: String, Hashable, Sendable, Codable, CaseIterable {
    /// Fetch an object.
    case get = "GET"
    /// Store an object.
    case put = "PUT"
    /// Ask about an object.
    case head = "HEAD"
    /// Remove an object.
    case delete = "DELETE"
    /// Begin or end an upload in parts.
    case post = "POST"
}

/// One request to a store, before it is signed.
public struct ObjectRequest: Hashable, Sendable {
    /// What to do.
    public var method: HTTPMethod
    /// The object; empty for a request on the bucket itself.
    public var key: ObjectKey
    /// Headers that the client will send and the signature covers; `Host` is always covered.
    public var headers: [Header]
    /// Query parameters besides those of the signature.
    public var query: [QueryItem]
    /// Seconds from signing until the URL expires.
    public var lifetime: Int

    /// Makes a request.
    public init(
        _ method: HTTPMethod,
        _ key: ObjectKey,
        headers: [Header] = [],
        query: [QueryItem] = [],
        lifetime: Int
    ) {
        self.method = method
        self.key = key
        self.headers = headers
        self.query = query
        self.lifetime = lifetime
    }
}

/// A request that is ready to be sent: exactly these headers, to this URL.
public struct SignedRequest: Hashable, Sendable {
    /// What to do.
    public var method: HTTPMethod
    /// The URL with its signature.
    public var url: SignedURL
    /// The headers that must be sent as they stand, because they are signed (minio#12924).
    public var headers: [Header]

    /// Makes a signed request.
    public init(method: HTTPMethod, url: SignedURL, headers: [Header]) {
        self.method = method
        self.url = url
        self.headers = headers
    }
}
