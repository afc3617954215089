// SPDX-License-Identifier: Apache-2.0

import HTTP
import Jobs
import LocalStore
import Logging
import Objects
import Sign
import Testing

@testable import Daemon
@testable import Transfer

/// A store that tests talk to as the daemon does: the embedded one, or a real server that
/// `Tests/run.sh` started and told of in the environment.
struct StoreHost: Sendable, CustomTestStringConvertible {
    let testDescription: String
    private let keys: (id: String, secret: String)?
    private let endpoint: String

    /// The clocks of the embedded store and of whoever talks to it.
    private var clock: TestClock?

    static let embedded = StoreHost(testDescription: "embedded", keys: nil, endpoint: "")
    private var now: @Sendable () -> Timestamp {
        guard let clock else { return WallClock.now }
        return { clock.now }
    }
    private var sinceBoot: (@Sendable () -> Int64)? {
        guard let clock else { return nil }
        return { clock.now.nanoseconds }
    }

    /// One that lives by a clock of the test's.
    static func embedded(by clock: TestClock) -> StoreHost {
        var host = embedded
        host.clock = clock
        return host
    }
    /// The real ones that are there; whether they must be, `RealStoreTests` says.
    static let real: [StoreHost] = ["LOCALSTACK", "RGW", "SWIFT"].compactMap(StoreHost.init)
    static let all = [embedded] + real
    /// Those that keep versions where a bucket is told to.
    static let versioned = real.filter { $0.testDescription != "SWIFT" }

    private init(testDescription: String, keys: (String, String)?, endpoint: String) {
        self.testDescription = testDescription
        self.keys = keys
        self.endpoint = endpoint
    }

    private init?(_ name: String) {
        func value(_ suffix: String) -> String? { environmentValue("\(name)_\(suffix)") }
        guard let endpoint = value("ENDPOINT"), let id = value("ACCESS_KEY"),
            let secret = value("SECRET_KEY")
        else { return nil }
        self.init(testDescription: name, keys: (id, secret), endpoint: endpoint)
    }

    /// Runs a test with a store in a bucket of its own.
    func serve(
        in folder: TemporaryFolder,
        versioned: Bool = false,
        _ body: (Store) async throws -> Void
    ) async throws {
        guard let keys else { return try await serveEmbedded(in: folder, body) }
        try folder.writeSecret(keys.id, to: "id")
        try folder.writeSecret(keys.secret, to: "secret")
        let remote = S3Settings(
            bucket: "changes-\(UInt32.random(in: .min ... .max))",
            region: "us-east-1",
            endpoint: try Endpoint(endpoint),
            style: .path,
            credentials: .files(
                accessKey: folder["id"],
                secretKey: folder["secret"],
                sessionToken: nil
            )
        )
        let settings = StoreSettings(name: "local", kind: .s3(remote))
        let access = StoreAccess(settings, state: folder.path, environment: [:])
        try await ask(.put, access)
        if versioned {
            let text = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
            try await ask(.put, access, [QueryItem("versioning")], Array(text.utf8))
        }
        try await body(store(settings, access))
    }

    private func serveEmbedded(
        in folder: TemporaryFolder,
        _ body: (Store) async throws -> Void
    ) async throws {
        let state = folder["state"]
        let served = try LocalStore.open(
            LocalStoreSettings(folder: folder["objects"], port: 0),
            name: "local",
            credentialsFile: StateFolder.credentials(ofStore: "local", in: state),
            now: now,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        let (ports, ready) = AsyncStream<Int>.makeStream()
        let serving = Task { try await served.run { ready.yield($0) } }
        defer { serving.cancel() }
        var iterator = ports.makeAsyncIterator()
        let port = try #require(await iterator.next())
        let place = LocalStoreSettings(folder: folder["objects"], port: port)
        let settings = StoreSettings(name: "local", kind: .local(place))
        let access = StoreAccess(settings, state: state, environment: [:])
        try await body(store(settings, access))
    }

    func store(_ settings: StoreSettings, _ access: StoreAccess) throws -> Store {
        let memory = MemoryBudget(bytes: 32 << 20)
        return Store(
            settings,
            access: access,
            http: HTTPClient(),
            routes: try StoreRoutes(settings, access, environment: [:]),
            memory: memory,
            partMemory: PartMemory(within: memory),
            now: now,
            sinceBoot: sinceBoot
        )
    }

    /// Asks something of the bucket itself.
    private func ask(
        _ method: HTTPMethod,
        _ access: StoreAccess,
        _ query: [QueryItem] = [],
        _ body: [UInt8] = []
    ) async throws {
        let request = ObjectRequest(method, ObjectKey(bytes: []), query: query, lifetime: 300)
        let now = WallClock.now()
        let signed = try await access.uploads(at: now).presign(request, at: now)
        let response = try await HTTPClient().send(
            HTTPRequest(signed, body: .bytes(body), caFile: nil)
        )
        try #require([200, 409].contains(response.status), "\(response.status)")
    }
}
