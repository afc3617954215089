// SPDX-License-Identifier: Apache-2.0
public import Jobs

/// The line a job waits in: its template's, for its store, among small files or large ones.
public struct Lane: Hashable, Sendable {
    /// From this size on a file is a large one; the database keeps who is what, so it stays.
    private static let largeSize: Int64 = 64 << 10

    /// The template's name.
    public var template: String
    /// The store's name.
    public var store: String
    /// Whether it is for large files.
    public var isLarge: Bool

    /// Makes a lane.
    public init(template: String, store: String, isLarge: Bool) {
        self.template = template
        self.store = store
        self.isLarge = isLarge
    }

    /// The lane of a job.
    public init(of job: Job) {
        self.init(
            template: job.template.name,
            store: job.template.store,
            isLarge: Self.isLarge(job.file.stamp.size)
        )
    }

    /// Whether a file of so many bytes is a large one: it keeps a connection busy for long, where a
    /// small one mostly waits for an answer.
    public static func isLarge(_ size: Int64) -> Bool { size >= largeSize }
}
