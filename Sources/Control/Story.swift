// SPDX-License-Identifier: Apache-2.0

/// Which file to tell the story of.
public struct StoryQuery: Hashable, Sendable, Codable {
    /// The bytes of the absolute path, in base64, since a path need not be text.
    public var path: String

    /// Makes a query.
    public init(path: String) { self.path = path }
}

/// The story of one file under one template.
public struct StoryReport: Hashable, Sendable, Codable {
    /// The template; absent when none watches a folder above the file.
    public var template: String?
    /// The file, escaped where it is no good text.
    public var path: String
    /// What the watcher says of it now, in a sentence.
    public var watcher: String
    /// Its jobs, newest first.
    public var jobs: [JobReport]
    /// Its newest link, if there is one.
    public var link: LinkReport?

    /// Makes a story.
    public init(
        template: String?,
        path: String,
        watcher: String,
        jobs: [JobReport],
        link: LinkReport?
    ) {
        self.template = template
        self.path = path
        self.watcher = watcher
        self.jobs = jobs
        self.link = link
    }
}
