// SPDX-License-Identifier: Apache-2.0

/// How much of an upload is told while it runs, and in what form.
enum ProgressStyle: Hashable {
    /// Links on standard output; on standard error lines that are drawn over.
    case live
    /// Links on standard output; on standard error lines of a log.
    case plain
    /// Links on standard output; on standard error only trouble.
    case problems
    /// Links on standard output; on standard error only what gets none.
    case quiet
    /// Events on standard output; on standard error only trouble.
    case json

    /// The way that was asked for, or the one that fits where standard error goes.
    init(json: Bool, noProgress: Bool, quiet: Bool, canDraw: Bool) {
        if json {
            self = .json
        } else if quiet {
            self = .quiet
        } else if noProgress {
            self = .problems
        } else {
            self = canDraw ? .live : .plain
        }
    }

    /// Milliseconds after which it is told again how far an upload is; nothing: never.
    var pause: Int? {
        switch self {
        case .live: 200
        case .json: 1_000
        case .plain: 10_000
        case .problems, .quiet: nil
        }
    }
}
