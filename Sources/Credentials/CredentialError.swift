// SPDX-License-Identifier: Apache-2.0

public import Jobs

/// Why there is no access key; names what was looked at and the cure, and never holds a secret.
public enum CredentialError: Error, Hashable, Sendable {
    /// A file could not be read.
    case unreadable(file: String, problem: String)
    /// A file that holds a secret can be read by other users.
    case readableByOthers(file: String)
    /// A file is there, but does not hold one value.
    case noValue(file: String, problem: String)
    /// A file is no key of a Google service account.
    case badServiceAccount(file: String, problem: String)
    /// A line of a profile file is neither a section nor `name = value`.
    case badLine(file: String, line: Int, problem: String)
    /// No file has the profile.
    case noProfile(name: String, files: [String])
    /// A profile or the environment has one half of what belongs together.
    case incomplete(place: String, missing: String)
    /// A setting of a profile or of the environment has a value that cannot be used.
    case badSetting(place: String, setting: String, wanted: String)
    /// Profiles take their keys from each other in a circle.
    case loop(profiles: [String])
    /// A profile gets its key in a way that is not built in.
    case unsupported(profile: String, setting: String)
    /// A variable of the environment is needed and not set.
    case noVariable(name: String, purpose: String)
    /// A variable of the environment has a value that is none.
    case badVariable(name: String, wanted: String)
    /// No place that the AWS tools would look at has a key.
    case nothingFound(lookedAt: [String])
    /// The one who hands out keys does not answer, or has a bad moment.
    case unreachable(source: String, problem: String)
    /// The one who hands out keys refuses.
    case refused(source: String, reason: String, cure: String)
    /// What was handed out is no key.
    case badAnswer(source: String, problem: String)
    /// A program that hands out keys did not do so.
    case programFailed(source: String, problem: String)
    /// The key that was found has ended.
    case ended(source: String, at: Timestamp)
}

extension CredentialError {
    /// Whether the same may succeed a little later without anybody doing anything.
    var isPassing: Bool {
        if case .unreachable = self { return true }
        return false
    }
}

extension CredentialError {
    /// What was asked and what it said, without the cure: one of several in a list.
    var short: String {
        switch self {
        case .refused(let source, let reason, _): "\(source): \(reason)"
        case .unreachable(let source, let problem): "\(source): \(problem)"
        default: description
        }
    }
}

extension CredentialError: CustomStringConvertible {
    /// What happened and what to do.
    public var description: String {
        switch self {
        case .unreadable(let file, let problem): "cannot read \(file): \(problem)"
        case .readableByOthers(let file):
            "\(file) can be read by other users; run: chmod 600 '\(file)'"
        case .noValue(let file, let problem): "\(file) \(problem); put one value into it"
        case .badServiceAccount(let file, let problem):
            "\(file) \(problem); name the JSON file of a service account's key "
                + "(gcloud iam service-accounts keys create)"
        case .badLine(let file, let line, let problem): "\(file), line \(line): \(problem)"
        case .noProfile(let name, let files):
            "there is no profile \"\(name)\" in \(files.joined(separator: " or ")); "
                + "add it (aws configure --profile \(name)), or name another"
        case .incomplete(let place, let missing): "\(place) has no \(missing); add it"
        case .badSetting(let place, let setting, let wanted):
            "\(place): \(setting) must be \(wanted); correct it"
        case .loop(let profiles):
            "profiles take their keys from each other in a circle "
                + "(\(profiles.joined(separator: " → "))); give one of them a key"
        case .unsupported(let profile, let setting):
            "profile \"\(profile)\" uses \(setting), which presignd does not support; use a role, "
                + "a key, or a profile with credential_process = "
                + "aws configure export-credentials --profile \(profile)"
        case .noVariable(let name, let purpose): "\(name) is not set; \(purpose)"
        case .badVariable(let name, let wanted): "\(name) is no \(wanted); correct or unset it"
        case .nothingFound(let lookedAt):
            "found no access key; looked at: \(lookedAt.joined(separator: "; ")). "
                + "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, run: aws configure, "
                + "or give the store its credentials"
        case .unreachable(let source, let problem):
            "\(source): \(problem); it is asked again"
        case .refused(let source, let reason, let cure): "\(source): \(reason); \(cure)"
        case .badAnswer(let source, let problem): "\(source): the answer \(problem)"
        case .programFailed(let source, let problem): "\(source) \(problem)"
        case .ended(let source, let end):
            "\(source): the key ended at \(end.rfc3339) and no later one is to be had; "
                + "renew it, and look at this machine's clock"
        }
    }
}
