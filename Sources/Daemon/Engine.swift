// SPDX-License-Identifier: Apache-2.0

import Control
import HTTP
import Jobs
import LocalStore
import Logging
import Publish
import Queue
import Synchronization
import Watch

/// The rooms, opened and put in order; the only one that knows the order.
final class Engine: Sendable {
    /// What the rooms are opened for.
    enum Purpose: Sendable {
        /// Watch, work, and answer on the control socket.
        case daemon
        /// Work on what a command queues.
        case upload
        /// Answer questions of a command.
        case look
    }

    private let settings: Mutex<Configuration>
    /// What is in force; changes as a whole when it is read anew.
    var configuration: Configuration {
        get { settings.withLock { $0 } }
        set {
            settings.withLock { $0 = newValue }
            roots.set(newValue)
            templates.set(newValue)
        }
    }
    let purpose: Purpose
    let logger: Logger
    let state: StateFolder
    let queue: Queue
    let http: HTTPClient
    let watcher: FolderWatcher
    /// Tells that templates were edited; nothing where they are not read anew.
    let jobsFolder: FolderChanges?
    let stores: StoreTable
    let localStores: [LocalStore]
    let sinks: [String: ManifestSink]
    let pusher: Pusher
    let copyKeepers: [String: CopyKeeper]
    let pagePublishers: [String: PagePublisher]
    let gate = StoreGate()
    let board = UploadBoard()
    let held = HeldFiles()
    let drain = DrainGate()
    let publisher: Publisher
    let intake: Intake
    let dispatcher: Dispatcher
    let sweeper: UploadSweeper
    let groups: GroupKeeper
    let pages: GroupPages
    let maker: EventMaker
    let groupBoard = GroupBoard()
    /// Waits for what the watcher had reported before.
    let marks: IntakeMarks
    let bandwidth: BandwidthKeeper
    /// Reads the configuration anew; nothing where that has no meaning.
    let reread: Rereading?
    /// Which folder each template watches.
    let roots: WatchedRoots
    /// The templates that are in force.
    let templates: TemplatesInForce
    let missing: MissingFiles
    let linkKeeper: LinkKeeper
    let removals: RemovalKeeper
    let orders: OrderKeeper
    /// The latest reading anew.
    let reloads = Mutex<Task<Void, Never>?>(nil)
    /// What is wrong with the files of templates, which stay as they were.
    let templateFaults = TemplateFaults()
    let crash: CrashRecord
    let manager: ServiceManager
    let version: String
    let environment: [String: String]
    /// Why the latest files could not be queued, until others can be.
    private let refusal = Mutex<String?>(nil)
    var intakeProblem: String? {
        get { refusal.withLock { $0 } }
        set { refusal.withLock { $0 = newValue } }
    }
    /// Why the files of the configuration are not what is in force, if they are not.
    private let refusedReload = Mutex<String?>(nil)
    var reloadProblem: String? {
        get { refusedReload.withLock { $0 } }
        set { refusedReload.withLock { $0 = newValue } }
    }
    /// The first thing that made it impossible to go on.
    private let fault = Mutex<(any Error)?>(nil)

    init(
        _ configuration: Configuration,
        _ surroundings: Surroundings,
        state: StateFolder,
        purpose: Purpose,
        reread: Rereading? = nil
    ) throws {
        let host = Intake.hostName()
        let configuration = configuration.filling(host: host)
        settings = Mutex(configuration)
        self.reread = reread
        self.purpose = purpose
        self.state = state
        logger = surroundings.logger
        version = surroundings.version
        environment = surroundings.environment
        manager = ServiceManager(environment: purpose == .daemon ? surroundings.environment : [:])
        crash = try CrashRecord(in: state.path)
        queue = try Queue.open(
            folder: state.path,
            at: WallClock.now(),
            afterCrash: crash.signal != nil,
            hasReserve: purpose != .look,
            routing: SinkRouting(configuration.sinks.values)
        )
        (sinks, copyKeepers) = try Self.openSinks(configuration, for: purpose, logger)
        // Before anything is made that a backup may still have: an embedded store's keys.
        if queue.isWithoutEvents { try Self.refuseLostState(configuration, sinks) }
        var options = HTTPOptions(
            // A file in parts has many of these.
            longPerHost: max((configuration.limits.transfers ?? 0) * 2, 64),
            userAgent: "presignd/\(surroundings.version)"
        )
        options.onJump = { [logger = surroundings.logger] in
            logger.notice(
                "the machine or this process slept, or the clock was set: what was under way is sent anew"
            )
        }
        http = HTTPClient(options)
        watcher = try FolderWatcher(now: WallClock.now)
        jobsFolder =
            reread == nil
            ? nil : try FolderChanges(of: configuration.jobs, ending: [".yaml", ".yml"])
        localStores = purpose == .look ? [] : try Self.openLocalStores(configuration, state, logger)
        stores = try StoreTable(
            configuration,
            environment: surroundings.environment,
            http: http,
            logger: logger
        )
        pagePublishers = Self.pagePublishers(configuration, stores, logger)
        bandwidth = BandwidthKeeper(configuration.limits.bandwidth, http: http, logger: logger)
        pages = GroupPages(queue: queue, stores: stores)
        maker = EventMaker(stores: stores, pages: pages)
        let outboxBell = Bell()
        let templates = TemplatesInForce(configuration)
        self.templates = templates
        let routing = SinkRouting(configuration.sinks.values)
        let renewal = LinkRenewal(
            queue: queue,
            stores: stores,
            routing: routing,
            template: { templates[$0] },
            storesThatRenew: { templates.storesThatRenew },
            outboxChanged: { outboxBell.ring() }
        )
        let orders = OrderKeeper(
            queue: queue,
            revoker: LinkRevoker(renewal: renewal),
            logger: logger,
            onNews: { outboxBell.ring() }
        )
        self.orders = orders
        let linkKeeper = Self.linkKeeper(
            renewal,
            orders,
            gate: gate,
            hasRetention: { templates.haveRetention },
            logger
        )
        self.linkKeeper = linkKeeper
        let news = NewsBell()
        publisher = Publisher(
            queue: queue,
            sinks: sinks,
            routing: routing,
            outboxChanged: { outboxBell.ring() },
            visitPlanned: { linkKeeper.expect($0) },
            jobsDue: { news.tell() },
            logger: logger
        )
        pusher = Pusher(
            try Self.targets(of: configuration, surroundings, purpose, http),
            PushLoop.Surroundings(
                queue: queue,
                publisher: publisher,
                maker: maker,
                renewal: PushRenewal(renewal),
                clock: .machine,
                logger: logger
            ),
            bell: outboxBell
        )
        let watcher = watcher
        let folders = WatchedRoots(configuration)
        roots = folders
        // A file that was given to `upload` lies elsewhere; nobody watches it.
        let lookAgain: @Sendable (SettledFile, String) -> Void = { file, template in
            guard folders[template] == file.root else { return }
            watcher.lookAgain(file.name, template: template, after: .seconds(5))
        }
        removals = RemovalKeeper(queue: queue, logger: logger) { orders.wake() }
        missing = MissingFiles(queue: queue, logger: logger, removals: removals) { template in
            await watcher.isThere(template: template)
        }
        let groupBell = Bell()
        let marks = IntakeMarks(watcher)
        self.marks = marks
        let stillness: GroupKeeper.Asking = { folder, template in
            let stillness = await watcher.stillness(beneath: folder, template: template)
            // What had settled is in the queue then, and counts.
            await marks.caughtUp()
            return stillness
        }
        groups = GroupKeeper(
            queue: queue,
            stores: stores,
            publisher: publisher,
            pages: pages,
            board: groupBoard,
            uploads: board,
            bell: groupBell,
            stillness: purpose == .daemon ? stillness : nil,
            wakeOthers: { news.tell() },
            logger: logger
        )
        intake = Intake(
            queue: queue,
            board: board,
            held: held,
            host: host,
            wake: {
                news.tell()
                groupBell.ring()
            },
            lookAgain: lookAgain,
            logger: logger
        )
        sweeper = UploadSweeper(queue: queue, stores: stores, gate: gate, logger: logger)
        dispatcher = Dispatcher(
            claimer: JobClaimer(queue: queue, gate: gate, logger: logger),
            pipeline: Pipeline(
                queue: queue,
                stores: stores,
                publisher: publisher,
                gate: gate,
                board: board,
                sweeper: sweeper,
                policy: RetryPolicy(),
                lookAgain: lookAgain,
                isThere: { file, template in
                    guard folders[template] == file.root else { return true }
                    return await watcher.isThere(template: template)
                },
                logger: logger,
                memberMoved: { groupBell.ring() }
            ),
            news: news,
            places: TransferPlaces(configuration.limits)
        )
        dispatcher.setRules(configuration.templates)
        intake.brake.set(configuration.limits.holdAbove)
    }

    private static func openLocalStores(
        _ configuration: Configuration,
        _ state: StateFolder,
        _ logger: Logger
    ) throws -> [LocalStore] {
        try StateFolder.makeFolder(state.path + "/stores")
        var opened: [LocalStore] = []
        for store in configuration.stores.values.sorted(by: { $0.name < $1.name }) {
            guard case .local(let settings) = store.kind else { continue }
            opened.append(
                try LocalStore.open(
                    settings,
                    name: store.name,
                    credentialsFile: StateFolder.credentials(ofStore: store.name, in: state.path),
                    now: WallClock.now,
                    logger: logger
                )
            )
        }
        return opened
    }

    private static func openSinks(
        _ configuration: Configuration,
        for purpose: Purpose,
        _ logger: Logger
    ) throws -> ([String: ManifestSink], [String: CopyKeeper]) {
        guard purpose != .look else { return ([:], [:]) }
        var sinks: [String: ManifestSink] = [:]
        var keepers: [String: CopyKeeper] = [:]
        for (name, settings) in configuration.sinks {
            guard case .manifest(let path) = settings.kind else { continue }
            (sinks[name], keepers[name]) = try openManifest(settings, at: path, logger)
        }
        return (sinks, keepers)
    }

    /// Notes what makes it impossible to go on, and stops.
    func fail(_ error: any Error) {
        fault.withLock { if $0 == nil { $0 = error } }
        stop()
    }

    /// What made it impossible to go on, if anything did.
    var failure: (any Error)? { fault.withLock { $0 } }

    /// Takes in nothing more; what is under way may finish.
    func stop() {
        manager.stopping("stopping", within: .seconds(20))
        watcher.stop()
        jobsFolder?.stop()
        drain.shut(false)
        dispatcher.stop()
    }
}
