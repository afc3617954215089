// SPDX-License-Identifier: Apache-2.0

import Jobs
import Synchronization

/// A clock that stands still until a test sets it.
final class TestClock: Sendable {
    private let moment: Mutex<Timestamp>

    init(_ moment: Timestamp) { self.moment = Mutex(moment) }

    var now: Timestamp {
        get { moment.withLock { $0 } }
        set { moment.withLock { $0 = newValue } }
    }
}
