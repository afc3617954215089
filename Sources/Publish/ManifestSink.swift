// SPDX-License-Identifier: Apache-2.0

public import Jobs
import Manifests
import Synchronization

/// A manifest: a file of JSON Lines that link events are appended to, each exactly once.
///
/// The file holds whole lines only, over any crash: a batch is one append and one fdatasync, a batch
/// that fails is cut off again, and a line that a power cut tore is cut when the file is opened (its
/// bytes go to `<name>.torn` for a person). Whoever calls it compares `lastSequence` with what it has
/// queued and delivers every later event; what the file already has must not be delivered again.
///
/// The file may be moved, removed or emptied at any time (logrotate): the next batch begins a new one
/// and the count goes on. With a `ManifestRotation` a large file is begun anew by itself. While it is open it is locked (flock), so no second daemon can write it.
/// `deliver` blocks its thread for one fdatasync.
public final class ManifestSink: Sink {
    /// The file.
    public let path: String
    private let rotation: ManifestRotation?
    private let disk: ManifestDisk
    private let onDelivery: @Sendable () -> Void
    private let state: Mutex<State>

    private struct State: ~Copyable {
        /// Nothing after a failure; the next batch opens the file anew.
        var file: ManifestFile?
        var lastSequence: Int64?
        /// Whether a batch failed and could not be cut off again.
        var isUncertain = false
        /// The last number of whole lines that were cut off again.
        var cutOff: Int64?
        /// The size from which it is worth looking whether the file is to be begun anew.
        var rotateAt: Int64?
    }

    /// Opens the manifest, or creates it (0640) and its folder (0750, with a `.gitignore` of `*`).
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - rotation: When it is begun anew; nothing for never.
    ///   - onDelivery: Called after each batch, on the thread that delivered it.
    /// - Throws: `PublishError`, also when the file is there but is no manifest, or when another
    ///   process has it open for writing.
    public convenience init(
        path: String,
        rotation: ManifestRotation? = nil,
        onDelivery: @escaping @Sendable () -> Void = {}
    ) throws(PublishError) {
        try self.init(path: path, rotation: rotation, disk: ManifestDisk(), onDelivery: onDelivery)
    }

    init(
        path: String,
        rotation: ManifestRotation? = nil,
        disk: ManifestDisk,
        onDelivery: @escaping @Sendable () -> Void = {}
    ) throws(PublishError) {
        self.path = path
        self.rotation = rotation
        self.disk = disk
        self.onDelivery = onDelivery
        let file = try ManifestFile(path: path, disk: disk)
        state = Mutex(
            State(
                file: file,
                lastSequence: file.lastSequence,
                rotateAt: rotation?.limit
            )
        )
    }

    /// The number of the last event in the manifest, as far as it was seen; nothing for one that was
    /// missing or empty when it was opened and has got no event since.
    public var lastSequence: Int64? { state.withLock { $0.lastSequence } }

    /// The highest number that a reader may have seen, also in a line that was cut off again.
    public var shownSequence: Int64? {
        state.withLock { state in
            [state.lastSequence, state.cutOff].compactMap { $0 }.max()
        }
    }

    /// Whether it is known what the file has of a batch that failed.
    ///
    /// Until that is found out, and `settle` says that it was noted, its events must keep their numbers, and
    /// no others are delivered.
    public var isCertain: Bool { state.withLock { !$0.isUncertain } }

    /// Finds out what the file has of a batch that failed and could not be cut off again.
    ///
    /// - Returns: The number of the last event that it has; 0 for none.
    /// - Throws: `PublishError` while the file cannot be read.
    public func lookAgain() throws(PublishError) -> Int64 {
        try state.withLock { (state) throws(PublishError) in
            try open(&state)
            return state.lastSequence ?? 0
        }
    }

    /// Lets events be delivered again: what `lookAgain` found is noted.
    public func settle() { state.withLock { $0.isUncertain = false } }

    /// Appends events, which are on the disk when this returns.
    ///
    /// - Parameter events: Rising sequence numbers, all above `lastSequence`.
    /// - Throws: `PublishError`; then the file has none of these events, unless `isCertain` is false.
    public func deliver(_ events: [SinkEvent]) throws(PublishError) {
        try state.withLock { (state) throws(PublishError) in try deliver(events, &state) }
        onDelivery()
    }

    /// Appends events of links, as `deliver` does all events.
    public func deliver(links events: [LinkEvent]) throws(PublishError) {
        try deliver(events.map(SinkEvent.link))
    }

    /// How many bytes of the file count: whole lines that are on the disk; nothing while it is closed.
    var length: Int64? { state.withLock { $0.file?.length } }

    /// Closes the file and gives its lock back; the next batch would open it again.
    public func close() {
        state.withLock { $0.file = nil }
    }

    private func deliver(
        _ events: [SinkEvent],
        _ state: inout State
    ) throws(PublishError) {
        try open(&state)
        guard !state.isUncertain else {
            throw PublishError(
                .retry,
                code: "manifest-uncertain",
                message: "it is not known yet which lines \(path) has; the others are told later"
            )
        }
        if let rotation, !begin(anew: rotation, &state) {
            // It may have lost its name before that went wrong: the lines belong where the name is.
            try open(&state)
        }
        guard let last = events.last else { return }
        let bytes = try lines(of: events, after: state.lastSequence ?? 0)
        do throws(ManifestFile.Refused) {
            try state.file?.append(bytes)
        } catch {
            let lines = bytes.prefix(error.shown).count { $0 == UInt8(ascii: "\n") }
            if lines > 0 { state.cutOff = events.dropFirst(lines - 1).first?.sequence }
            if !error.isCutOff { state.isUncertain = true }
            state.file = nil
            throw error.cause
        }
        state.lastSequence = last.sequence
    }

    /// Opens the file where it is not open any more, or not the one that has the name.
    private func open(_ state: inout State) throws(PublishError) {
        if let file = state.file, file.isCurrent { return }
        // The lock goes before the new file asks for it.
        state.file = nil
        let file = try ManifestFile(path: path, disk: disk)
        if let last = file.lastSequence { state.lastSequence = max(state.lastSequence ?? 0, last) }
        state.file = file
    }

    /// Begins a large file anew; says whether it, or the new one, has the name for certain.
    private func begin(anew rotation: ManifestRotation, _ state: inout State) -> Bool {
        guard let file = state.file, let last = state.lastSequence,
            let threshold = state.rotateAt, file.length >= threshold
        else { return true }
        do throws(PublishError) {
            switch try rotation.rotate(file, last: last) {
            case .begun(let new):
                state.file = new
                state.rotateAt = max(rotation.limit, new.length * 2)
            case .notWorthIt(let threshold):
                state.rotateAt = threshold
            }
            return true
        } catch {
            // Each try reads the whole file.
            state.rotateAt = file.length + max(rotation.limit / 8, 1)
            rotation.report(error)
            return false
        }
    }

    private func lines(
        of events: [SinkEvent],
        after last: Int64
    ) throws(PublishError) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(events.count * ManifestLine.usualLength)
        var last = last
        for event in events {
            guard event.sequence > last else {
                throw PublishError(
                    .hold,
                    code: "manifest-sequence",
                    message: "event \(event.sequence) does not come after \(last), the last one of "
                        + "\(path); nothing was written; if the state folder was replaced, move "
                        + "the manifest away and restart presignd"
                )
            }
            ManifestLine.append(event, to: &bytes)
            last = event.sequence
        }
        return bytes
    }
}
