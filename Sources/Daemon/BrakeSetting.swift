// SPDX-License-Identifier: Apache-2.0

import Jobs
import Synchronization

/// The brake that is in force, which a new reading of the configuration may change.
final class BrakeSetting: Sendable {
    private let setting: Mutex<Brake>

    init(_ brake: Brake = Brake()) { setting = Mutex(brake) }

    var value: Brake { setting.withLock { $0 } }

    func set(_ brake: Brake) { setting.withLock { $0 = brake } }
}
