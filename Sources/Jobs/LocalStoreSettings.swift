// SPDX-License-Identifier: Apache-2.0

/// The embedded store.
public struct LocalStoreSettings: Hashable, Sendable {
    /// The folder that holds the objects, absolute.
    public var folder: String
    /// The address it listens on, without brackets; default `127.0.0.1`.
    public var host: String
    /// The port it listens on; default 9400.
    public var port: Int
    /// What links name, if it differs from the listening address.
    public var publicEndpoint: Endpoint?
    /// Bytes the folder may hold; no bound if absent.
    public var maxSize: Int64?

    /// Makes settings of an embedded store.
    public init(
        folder: String,
        host: String = "127.0.0.1",
        port: Int = 9400,
        publicEndpoint: Endpoint? = nil,
        maxSize: Int64? = nil
    ) {
        self.folder = folder
        self.host = host
        self.port = port
        self.publicEndpoint = publicEndpoint
        self.maxSize = maxSize
    }
}
