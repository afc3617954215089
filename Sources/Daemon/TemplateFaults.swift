// SPDX-License-Identifier: Apache-2.0

import Settings
import Synchronization

/// What is wrong with the files of templates now, so that it is told once and shown for as long.
final class TemplateFaults: Sendable {
    private let state = Mutex<(problems: [String], warnings: [String])>(([], []))

    /// One sentence for each.
    var problems: [String] { state.withLock { $0.problems } }

    /// Takes over what a reading found.
    ///
    /// - Returns: What was not told before.
    func set(
        _ problems: [String],
        warnings: [String] = []
    ) -> (problems: [String], warnings: [String]) {
        state.withLock { state in
            let news = (
                problems.filter { !state.problems.contains($0) },
                warnings.filter { !state.warnings.contains($0) }
            )
            state = (problems, warnings)
            return news
        }
    }
}
