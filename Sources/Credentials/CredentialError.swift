// SPDX-License-Identifier: Apache-2.0

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
    /// A profile or the environment has one half of a key without the other.
    case incomplete(place: String, missing: String)
    /// A profile gets its key in a way that is not built in.
    case unsupported(profile: String, setting: String)
    /// A variable of the environment is needed and not set.
    case noVariable(name: String, purpose: String)
    /// A variable of the environment has a value that is none.
    case badVariable(name: String, wanted: String)
    /// No place that the AWS tools would look at has a key.
    case nothingFound(lookedAt: [String])
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
        case .unsupported(let profile, let setting):
            "profile \"\(profile)\" uses \(setting), which is not available yet; "
                + "use a profile with aws_access_key_id and aws_secret_access_key"
        case .noVariable(let name, let purpose): "\(name) is not set; \(purpose)"
        case .badVariable(let name, let wanted): "\(name) is no \(wanted); correct or unset it"
        case .nothingFound(let lookedAt):
            "found no access key; looked at: \(lookedAt.joined(separator: "; ")). "
                + "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, run: aws configure, "
                + "or give the store its credentials"
        }
    }
}
