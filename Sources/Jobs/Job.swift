// SPDX-License-Identifier: Apache-2.0

/// One file's trip under one template.
public struct Job: Hashable, Sendable {
    /// The id of the job and of its link.
    public var id: UniqueID
    /// The template as it was when the file was queued, which the jobs of a folder share.
    public var sharedTemplate: Shared<Template>
    /// The file, as it was when it had settled.
    public var file: SettledFile
    /// The object's key; fixed before anything is sent.
    public var key: ObjectKey
    /// What comes next.
    public var step: Step
    /// Tries of this step that failed for other reasons than the file; they only lengthen its wait.
    public var attempts: Int
    /// Tries of this step that failed because of the file; they are limited.
    public var fileTries = FileTries()
    /// When it was queued.
    public var queuedAt: Timestamp
    /// What proves the upload, once there is one.
    public var receipt: Receipt?

    /// Makes a job with a template of its own.
    public init(
        id: UniqueID,
        template: Template,
        file: SettledFile,
        key: ObjectKey,
        step: Step = .upload,
        attempts: Int = 0,
        queuedAt: Timestamp,
        receipt: Receipt? = nil
    ) {
        self.init(
            id: id,
            sharing: Shared(template),
            file: file,
            key: key,
            step: step,
            attempts: attempts,
            queuedAt: queuedAt,
            receipt: receipt
        )
    }

    /// Makes a job whose template others have too.
    public init(
        id: UniqueID,
        sharing template: Shared<Template>,
        file: SettledFile,
        key: ObjectKey,
        step: Step = .upload,
        attempts: Int = 0,
        queuedAt: Timestamp,
        receipt: Receipt? = nil
    ) {
        self.id = id
        sharedTemplate = template
        self.file = file
        self.key = key
        self.step = step
        self.attempts = attempts
        self.queuedAt = queuedAt
        self.receipt = receipt
    }

    /// The template as it was when the file was queued.
    public var template: Template {
        // Lent, not copied: it is as large as all the rest ten times over.
        _read { yield sharedTemplate.value }
        set { sharedTemplate = Shared(newValue) }
    }
}

/// The steps of a job, in order.
public enum Step: Int, Hashable, Sendable, Codable {
    /// Send the file and prove that it arrived.
    case upload = 0
    /// Sign the link, prove it, and tell the sinks.
    case publish = 1
}

/// Where a job stands, and who moves it on.
public enum JobState: String, Hashable, Sendable, Codable, CaseIterable {
    /// Due now or later; a worker claims it.
    case waiting
    /// A worker has it; at the next start it is `waiting` again.
    case running
    /// Its link is published; nobody moves it on.
    case done
    /// It needs a person: `presignd retry`.
    case dead
    /// There is nothing left to do; nobody moves it on.
    case dropped
}

/// Why there was nothing left to do for a job.
public enum DropReason: String, Hashable, Sendable, Codable {
    /// The file changed; its new content is a job of its own.
    case superseded
    /// The file went away before it was uploaded.
    case vanished
    /// A person said so.
    case cancelled
}
