// SPDX-License-Identifier: Apache-2.0

/// Why a text is no pattern that could match a name.
public enum NamePatternError: Error, Hashable, Sendable {
    /// There is nothing in it, or nothing but `!` and `/`.
    case empty
    /// It begins with `#`, as a comment does.
    case comment
    /// A NUL byte, which no name has.
    case nul
    /// A `[` without its `]`.
    case openSet
    /// A class such as `[:alpha:]` that is not known.
    case unknownClass(String)
    /// A `\` with nothing after it.
    case endsWithBackslash
    /// Too many bytes between the first and the last wildcard of one part.
    case tooLong

    /// What is wrong, as the end of a sentence.
    public var problem: String {
        switch self {
        case .empty: "matches nothing"
        case .comment: "is a comment"
        case .nul: "holds a NUL byte, which no name has"
        case .openSet: "has a [ without its ]"
        case .unknownClass(let name):
            "has the unknown class [:\(NameText.shown(Array(name.utf8))):]"
        case .endsWithBackslash: "ends with a \\"
        case .tooLong:
            "has more than \(GlobPart.mostBetween) bytes between two wildcards of one part"
        }
    }

    /// What to write instead.
    public var cure: String {
        switch self {
        case .empty, .nul: "write a name, *.ext, folder/ or /top/**/deep"
        case .comment: "write \\# for a name that begins with #"
        case .openSet: "close it, or write \\[ for the sign itself"
        case .unknownClass: "write a range, such as [a-z0-9]"
        case .endsWithBackslash: "write \\\\ for the sign itself"
        case .tooLong: "put a * in the place of some of them"
        }
    }
}
