// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Control
import Daemon
import Glibc
import Jobs
import Logging
import Settings

/// What every command that reads the configuration takes.
struct CommonOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: "The configuration file.")
    var config: String?

    @Option(
        help: """
            The least important log entries to show: debug, info, warning or error (default: info; \
            warning for upload).
            """
    )
    var logLevel: LogLevel?

    @Option(help: "How log entries are written to standard error: text, json or journal.")
    var logFormat: LineLogHandler.Format?

    /// The configuration, checked.
    ///
    /// - Parameter warning: Whether its warnings are logged: where a person or the journal looks for
    ///   them, and not with each command beside a daemon that has said them.
    /// - Returns: The configuration.
    /// - Throws: `CommandFailure` that says what has to be mended.
    func load(warning: Bool = false) throws -> Configuration {
        do {
            let loaded = try SettingsReader.load(config: try configPath())
            if warning { for text in loaded.warnings { logger.warning("\(text)") } }
            return loaded.configuration
        } catch {
            throw CommandFailure.configuration("\(error)")
        }
    }

    /// The templates as their files are now, under a configuration that is in force.
    @Sendable func loadTemplates(under inForce: Configuration) -> TemplateReading {
        guard let path = try? configPath() else {
            return TemplateReading(
                templates: inForce.templates,
                files: inForce.templateFiles,
                problems: ["config.yaml is not there any more; everything stays as it was"]
            )
        }
        return SettingsReader.templates(config: path, under: inForce)
    }

    private func configPath() throws -> String {
        try ConfigLocation.find(
            explicit: config,
            environment: environment,
            fileExists: { unsafe access($0, F_OK) == 0 }
        )
    }

    /// The process's environment.
    var environment: [String: String] { ProcessEnvironment.variables }

    /// A logger to standard error in the chosen format.
    var logger: Logger {
        let isService = environment["JOURNAL_STREAM"] != nil
        let format = logFormat ?? (isService ? .journal : .text)
        let level = (logLevel ?? .info).level
        return Logger(label: "presignd") { _ in
            LineLogHandler(logLevel: level, format: format, now: WallClock.now)
        }
    }

    /// What the rooms below need of this process.
    var surroundings: Surroundings {
        Surroundings(environment: environment, version: Version.text, logger: logger)
    }
}

/// The log levels a person chooses from.
enum LogLevel: String, CaseIterable, ExpressibleByArgument {
    case debug, info, warning, error

    var level: Logger.Level {
        switch self {
        case .debug: .debug
        case .info: .info
        case .warning: .warning
        case .error: .error
        }
    }
}

extension LineLogHandler.Format: ExpressibleByArgument {}

extension CommonOptions {
    /// Runs `body` with the operations of the running daemon, or of this process if none runs.
    func withOperations<Result: Sendable>(
        working: Bool = false,
        _ body: @escaping @Sendable (any Operations) async throws -> Result
    ) async throws -> Result {
        let loaded = Swift.Result { try load() }
        let path = try? configPath()
        let surroundings = surroundings
        do {
            return try await Signals.cancelling {
                do {
                    let service = Service(try loaded.get(), surroundings)
                    return try await service.withOperations(working: working, body)
                } catch let refusal as CommandFailure {
                    // The daemon runs on what was right, and can say what is wrong with the rest.
                    guard case .failure = loaded,
                        let state = path.flatMap(SettingsReader.stateFolder),
                        let result = try await Service.withDaemon(state: state, body)
                    else { throw refusal }
                    return result
                }
            }
        } catch let error as StateFolderError {
            if case .taken = error { throw CommandFailure.taken("\(error)") }
            throw CommandFailure.failed("\(error)")
        } catch let error as LostStateError {
            throw CommandFailure.configuration("\(error)")
        } catch let error as CommandFailure {
            throw error
        } catch is CancellationError {
            throw CommandFailure.interrupted
        } catch {
            throw CommandFailure.failed("\(error)")
        }
    }
}
