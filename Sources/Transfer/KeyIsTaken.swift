// SPDX-License-Identifier: Apache-2.0
internal import Jobs

/// The key holds another's object; what that means for the job is decided elsewhere.
struct KeyIsTaken: Error {
    /// What a person is told if the job can go no further.
    var failure: Failure
}
