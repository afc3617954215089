// SPDX-License-Identifier: Apache-2.0

/// A word of a command line that is printed for people to paste.
enum ShellWord {
    /// The word as a POSIX shell reads it back, whatever is in it.
    static func quoted(_ text: String) -> String {
        "'" + text.replacing("'", with: #"'\''"#) + "'"
    }
}
