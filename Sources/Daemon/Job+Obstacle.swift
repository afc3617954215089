// SPDX-License-Identifier: Apache-2.0

import Jobs

extension Job {
    /// The longest key a store takes, in bytes (Amazon S3 User Guide, "Naming Amazon S3 objects").
    private static let longestKey = 1_024

    /// What keeps this job from being tried at all.
    ///
    /// Such a job is queued all the same, so that `presignd jobs` shows it with its reason.
    var obstacle: Failure? {
        if let secret = secretObstacle { return secret }
        if template.badName == .hold, !template.filter.holds.isWaived,
            !NameText.isGood(file.name.bytes)
        {
            return Failure(
                .hold,
                code: "bad-name",
                message: "the name is no good text and the template says `bad_name: hold`; "
                    + "rename the file, or set `bad_name: percent` and `presignd retry \(id)`, or send "
                    + "this one anyway: `presignd retry --anyway \(id)`"
            )
        }
        if key.bytes.count > Self.longestKey {
            return Failure(
                .giveUp,
                code: "KeyTooLongError",
                message: "its key has \(key.bytes.count) bytes, stores take \(Self.longestKey); "
                    + "shorten the file's name or the template's `key:`"
            )
        }
        return nil
    }
}
