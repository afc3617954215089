// SPDX-License-Identifier: Apache-2.0

import HTTP
import Jobs
import Logging
import Synchronization
import Transfer

/// The stores by name, as the configuration that is in force has them.
///
/// A transfer keeps the store it began with, whatever is read anew meanwhile.
final class StoreTable: Sendable {
    /// Stores that are made and not used yet.
    struct Content: Sendable {
        fileprivate var settings: [String: StoreSettings] = [:]
        fileprivate var memory: Memory?
        fileprivate var stores: [String: Store] = [:]
        fileprivate var routes: [String: StoreRoutes] = [:]
    }

    /// The bounds that all stores share.
    fileprivate struct Memory: Sendable {
        var bytes: Int
        var budget: MemoryBudget
        var parts: PartMemory

        init(bytes: Int) {
            self.bytes = bytes
            budget = MemoryBudget(bytes: bytes)
            parts = PartMemory(within: budget)
        }
    }

    private let http: HTTPClient
    private let environment: [String: String]
    private let logger: Logger
    private let content: Mutex<Content>

    /// Makes the stores of a configuration.
    ///
    /// - Throws: `StoreRouteError`, when one cannot be reached as it says.
    init(
        _ configuration: Configuration,
        environment: [String: String],
        http: HTTPClient,
        logger: Logger
    ) throws(StoreRouteError) {
        self.http = http
        self.logger = logger
        self.environment = environment
        content = Mutex(Content())
        use(try prepare(configuration))
    }

    /// A table of stores that never change.
    init(_ stores: [String: Store]) {
        http = HTTPClient()
        environment = [:]
        logger = Logger(label: "presignd")
        content = Mutex(Content(stores: stores))
    }

    /// The store of a name, if there is one.
    subscript(name: String) -> Store? { content.withLock { $0.stores[name] } }

    /// Makes the stores of another configuration; those that stay the same are kept, with what they
    /// learned.
    ///
    /// - Throws: `StoreRouteError`; nothing is changed in any case.
    func prepare(_ configuration: Configuration) throws(StoreRouteError) -> Content {
        let old = content.withLock { $0 }
        let bytes = configuration.limits.memory
        // What is under way under the old bound ends under it.
        let kept = old.memory.flatMap { $0.bytes == bytes ? $0 : nil }
        let memory = kept ?? Memory(bytes: bytes)
        var new = Content(settings: configuration.stores, memory: memory)
        for (name, settings) in configuration.stores {
            let access = StoreAccess(
                settings,
                state: configuration.state,
                environment: environment
            ) { [logger] region in
                logger.notice(
                    "the bucket of store \(name) is in \(region): it is asked there; set `region: \(region)`"
                )
            }
            // Read again: a proxy's credentials may be others in the same file.
            let routes = try StoreRoutes(settings, access, environment: environment)
            new.routes[name] = routes
            let isSame = old.settings[name] == settings && old.routes[name] == routes
            if isSame, kept != nil, let store = old.stores[name] {
                new.stores[name] = store
                continue
            }
            new.stores[name] = Store(
                settings,
                access: access,
                http: http,
                routes: routes,
                memory: memory.budget,
                partMemory: memory.parts
            )
        }
        return new
    }

    /// Puts prepared stores in the place of the present ones.
    func use(_ content: Content) { self.content.withLock { $0 = content } }
}
