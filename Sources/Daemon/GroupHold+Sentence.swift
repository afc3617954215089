// SPDX-License-Identifier: Apache-2.0

import Jobs

extension GroupHold {
    /// Why a group waits and what to do, as the end of a sentence.
    var sentence: String {
        switch self {
        case .uploading: "members are still to be uploaded"
        case .dead(let count):
            (count == 1 ? "a member needs" : "\(count) members need")
                + " a person: `presignd jobs --state dead` says why; mend it and `presignd retry`, or "
                + "`presignd cancel` the job"
        case .paused: "its template is paused; `presignd resume` has it go on"
        case .quiet: "its latest member came a short time ago"
        case .marker(let name): "the file \(name) is not in its folder yet"
        case .settling: "a file in its folder is not whole yet"
        case .away: "its watched folder is away, so nobody knows what is still to come"
        case .failed(let reason): "it cannot be published: \(reason)"
        }
    }

    /// Whether a person should know.
    var isTrouble: Bool {
        switch self {
        case .dead, .away, .failed: true
        case .uploading, .paused, .quiet, .marker, .settling: false
        }
    }
}
