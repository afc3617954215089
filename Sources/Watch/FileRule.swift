// SPDX-License-Identifier: Apache-2.0

public import Jobs

/// The rule by which a file, or a folder above it, is left out.
public enum FileRule: Hashable, Sendable {
    /// It is presignd's own: its hold for removals, or the list of rules in the root.
    case own
    /// A name that is ignored unless a template says otherwise: `*.part`, `.*`.
    case builtIn(String)
    /// A pattern under `exclude:` of the template.
    case excluded(String)
    /// No pattern under `include:` of the template means it.
    case notIncluded
    /// A line of `.presignignore` in the root.
    case ignoreFile(line: Int, pattern: String)
    /// It is there to say that this file is whole.
    case sidecar(of: String)
    /// Its size or age.
    case limit(FileLimit)
    /// It is the file that tells that the folder is mounted.
    case marker
}

extension FileRule: CustomStringConvertible {
    /// The rule in short, as it may be shown: `*.part`, `exclude "*.log"`.
    public var description: String {
        switch self {
        case .own: "presignd's own"
        case .builtIn(let rule): rule
        case .excluded(let pattern): "exclude \"\(pattern)\""
        case .notIncluded: "include"
        case .ignoreFile(let line, let pattern): "\(IgnoreFile.name) line \(line): \(pattern)"
        case .sidecar: "ready"
        case .limit(let limit): limit.key
        case .marker: "require_marker"
        }
    }

    /// Why the file is left out and what to do, as the end of a sentence.
    public var sentence: String {
        switch self {
        case .own: "because it is presignd's own"
        case .builtIn(IgnoreRules.hidden):
            "because its name matches \(IgnoreRules.hidden); rename it to have it uploaded, or say "
                + "`hidden: true` in the template"
        case .builtIn(let rule):
            "because its name matches \(rule); rename it to have it uploaded, or write "
                + "`exclude: [\"!\(rule)\"]` in the template"
        case .excluded(let pattern):
            "because it matches `exclude: \"\(pattern)\"` of the template"
        case .notIncluded: "because it matches no pattern under `include:` of the template"
        case .ignoreFile(let line, let pattern):
            "because it matches line \(line) of \(IgnoreFile.name) in the watched folder: \(pattern)"
        case .sidecar(let name):
            "because it is there to say that \(name) is whole (`ready:` of the template)"
        case .limit(let limit): limit.sentence
        case .marker: "because it is the `require_marker:` of the template"
        }
    }
}

extension FileLimit {
    /// The template's key.
    fileprivate var key: String {
        switch self {
        case .tooSmall: "min_size"
        case .tooLarge: "max_size"
        case .tooOld: "max_age"
        case .tooYoung: "min_age"
        }
    }

    fileprivate var sentence: String {
        switch self {
        case .tooSmall(let size):
            "because it has fewer than the \(size) bytes of `min_size:` in the template"
        case .tooLarge(let size):
            "because it has more than the \(size) bytes of `max_size:` in the template"
        case .tooOld(let age):
            "because it last changed longer ago than the \(age.seconds) s of `max_age:` in the "
                + "template"
        case .tooYoung(let until):
            "until it is as old as `min_age:` of the template says: at \(until.rfc3339)"
        }
    }
}
