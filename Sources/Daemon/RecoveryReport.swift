// SPDX-License-Identifier: Apache-2.0

/// What was brought back from manifests.
public struct RecoveryReport: Hashable, Sendable {
    /// What one file told.
    public struct File: Hashable, Sendable {
        /// The file.
        public var path: String
        /// The sink it belongs to, which goes on after the highest number.
        public var sink: String
        /// Whole lines of a manifest.
        public var lines = 0
        /// Lines that are torn, or none of a manifest.
        public var skipped = 0
        /// Lines of templates that are not in the configuration.
        public var withoutTemplate = 0
        /// Links that were not known.
        public var recovered = 0
        /// The highest number.
        public var last: Int64 = 0
    }

    /// The files, in the order they were read.
    public var files: [File] = []
    /// What a person should know.
    public var notes: [String] = []
}
