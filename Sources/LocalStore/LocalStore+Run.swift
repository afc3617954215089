// SPDX-License-Identifier: Apache-2.0

import Glibc
import Hummingbird
import HummingbirdCore
import Jobs
import Logging
import NIOCore
import NIOPosix

extension LocalStore {
    /// Serves until the task is cancelled, then finishes the requests under way, within seconds.
    ///
    /// When it returns, another store may have the folder.
    ///
    /// - Parameter onReady: called once with the port, which is not the one of the settings if that
    ///   is 0.
    /// - Throws: `LocalStoreError` when the address or the folder cannot be had. Being cancelled is no error.
    public func run(onReady: @escaping @Sendable (Int) -> Void) async throws {
        try folder.take()
        defer { folder.release() }
        let disk = NIOThreadPool(numberOfThreads: limits.threads)
        disk.start()
        let (started, start) = AsyncStream<Void>.makeStream()
        let server = makeServer(on: disk) { [settings] channel in
            onReady(channel.localAddress?.port ?? settings.port)
            start.finish()
        }
        // A child task would be cancelled with this one, and every request under way with it.
        let serving = Task {
            defer { start.finish() }
            try await server.run()
        }
        async let counted: Void = countFiles(on: disk)
        let grace = limits.grace
        let result = await withTaskCancellationHandler {
            await serving.result
        } onCancel: {
            Task { await Self.stop(server, serving, once: started, within: grace) }
        }
        await counted
        // Fails only on a pool that was never started.
        try await disk.shutdownGracefully()
        if case .failure(let error) = result { throw describe(error) }
    }

    private func makeServer(
        on disk: NIOThreadPool,
        onReady: @escaping @Sendable (any Channel) async -> Void
    ) -> Server<HTTP1Channel> {
        let objects = ObjectServer(gate: gate, folder: folder, disk: disk, now: now, logger: logger)
        let idle = TimeAmount(limits.idle)
        // Below `info`, Hummingbird's own messages may show a request line with its signature.
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .info)
        return Server(
            childChannelSetup: HTTP1Channel(
                responder: { request, writer, _ in
                    try await objects.respond(to: request, with: writer)
                },
                configuration: .init(
                    additionalChannelHandlers: [StalledWriteHandler(timeout: idle)],
                    idleTimeout: idle
                )
            ),
            configuration: ServerConfiguration(
                address: .hostname(settings.host, port: settings.port),
                availableConnectionsDelegate: MaximumAvailableConnections(
                    limits.connections,
                    logger: quiet
                )
            ),
            onServerRunning: onReady,
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            logger: quiet
        )
    }

    /// Lets requests under way finish, but no longer than `grace`.
    private static func stop(
        _ server: Server<HTTP1Channel>,
        _ serving: Task<Void, any Error>,
        once started: AsyncStream<Void>,
        within grace: Duration
    ) async {
        for await _ in started {}
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await server.shutdownGracefully() }
            group.addTask { try? await Task.sleep(for: grace) }
            await group.next()
            serving.cancel()
            group.cancelAll()
        }
    }

    private func countFiles(on disk: NIOThreadPool) async {
        let folder = folder
        guard let quota = folder.quota else { return }
        do {
            try await disk.runIfActive { quota.start(with: try folder.sumOfSizes()) }
        } catch {
            logger.error(
                "embedded store: cannot add up its objects, so max_size keeps it from taking any: \(error)"
            )
        }
    }

    private func describe(_ error: any Error) -> LocalStoreError {
        if let error = error as? IOError, error.errnoCode == EADDRINUSE {
            return .portTaken(host: settings.host, port: settings.port)
        }
        return .cannotListen(host: settings.host, port: settings.port, reason: "\(error)")
    }
}
