// SPDX-License-Identifier: Apache-2.0
public import Jobs

/// Where an upload in parts is remembered, so that it goes on after a crash; what a call has
/// returned from must survive one.
public struct PartLedger: Sendable {
    /// The upload that was begun for the job, if one was.
    public var load: @Sendable () async throws(Failure) -> PartUpload?
    /// Remembers that an upload is about to begin (it has no id yet), or has begun.
    public var save: @Sendable (PartUpload) async throws(Failure) -> Void
    /// Remembers that a part is finished.
    public var finish: @Sendable (_ number: Int, UploadedPart) async throws(Failure) -> Void
    /// Remembers that the store may have begun uploads whose ids nobody knows.
    public var noteStray: @Sendable (ObjectKey) async throws(Failure) -> Void

    /// Makes a ledger of its calls.
    public init(
        load: @escaping @Sendable () async throws(Failure) -> PartUpload?,
        save: @escaping @Sendable (PartUpload) async throws(Failure) -> Void,
        finish: @escaping @Sendable (_ number: Int, UploadedPart) async throws(Failure) -> Void,
        noteStray: @escaping @Sendable (ObjectKey) async throws(Failure) -> Void
    ) {
        self.load = load
        self.save = save
        self.finish = finish
        self.noteStray = noteStray
    }
}
