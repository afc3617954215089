// SPDX-License-Identifier: Apache-2.0

/// What a request is sent for, as far as people are told what has not come of it.
public enum Deed: Hashable, Sendable {
    /// A file is stored.
    case upload
    /// An object is taken away.
    case removal
    /// An object is copied.
    case copy
}
