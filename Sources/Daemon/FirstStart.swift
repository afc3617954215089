// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Jobs
import Queue
import Synchronization
import Watch

import struct Watch.Sighting

/// Tells the scan which files need no look: those that are handled, and, when a template is started
/// for the first time, those that its `on_start` leaves alone.
///
/// Until the first scan has ended the choice is made anew at each start; from then on it is
/// remembered, and a file that came while presignd was down is always processed.
final class FirstStart: Sendable {
    private let template: Template
    private let queue: Queue
    private let firstStartedAt = Mutex<Timestamp?>(nil)

    init(template: Template, queue: Queue) {
        self.template = template
        self.queue = queue
    }

    /// Reads whether this template has been started on this folder before.
    func begin(at now: Timestamp) async throws(QueueError) {
        guard try await queue.isFirstStart(template: template.name, root: template.watch) else {
            return
        }
        firstStartedAt.withLock { $0 = now }
    }

    /// Answers for one batch of the scan; called on the watcher's own thread, which may block.
    func areKnown(_ sightings: [Sighting], _ foundBy: FoundBy) -> [Bool] {
        let files = sightings.map {
            SettledFile(root: template.watch, name: $0.name, stamp: $0.stamp)
        }
        let left = files.map { foundBy == .startScan && isLeftAlone($0.stamp) }
        let answer = Answer(count: files.count)
        Task { [queue, template] in
            do {
                let skipped = zip(files, left).filter(\.1).map { ($0.0, sha256: [UInt8]?.none) }
                if !skipped.isEmpty {
                    try await queue.remember(skipped, template: template.name)
                }
                answer.give(try await queue.has(files, template: template.name))
            } catch {
                // Not known: the file settles, and intake tells of the trouble.
                answer.give(Array(repeating: false, count: files.count))
            }
        }
        return answer.wait()
    }

    private func isLeftAlone(_ stamp: FileStamp) -> Bool {
        guard let start = firstStartedAt.withLock({ $0 }) else { return false }
        switch template.onStart {
        case .process: return false
        case .skip: return stamp.changed < start
        case .newerThan(let age): return stamp.changed < start && stamp.modified < start - age
        }
    }

    /// Carries an answer from a task to a thread that is not one of the tasks' own.
    private final class Answer: Sendable {
        private let values: Mutex<[Bool]>
        private let semaphore = DispatchSemaphore(value: 0)

        init(count: Int) { values = Mutex(Array(repeating: false, count: count)) }

        func give(_ answer: [Bool]) {
            values.withLock { $0 = answer }
            semaphore.signal()
        }

        func wait() -> [Bool] {
            semaphore.wait()
            return values.withLock { $0 }
        }
    }
}
