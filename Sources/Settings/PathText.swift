// SPDX-License-Identifier: Apache-2.0

/// Makes the paths of the settings absolute.
enum PathText {
    /// The absolute, lexically cleaned path of a text that is relative to a folder.
    static func absolute(_ text: String, in folder: String) throws(ValueProblem) -> String {
        guard !text.isEmpty else { throw ValueProblem("is empty", cure: "write a path") }
        guard !text.hasPrefix("~") else {
            throw ValueProblem(
                "begins with ~, which is not expanded",
                cure: "write the whole path (a folder that is really named so: ./~…)"
            )
        }
        return clean(text.utf8.first == UInt8(ascii: "/") ? text : "\(folder)/\(text)")
    }

    /// An absolute path without empty parts, `.` and `..`.
    static func clean(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == ".." {
                _ = parts.popLast()
            } else {
                parts.append(part)
            }
        }
        return "/" + parts.joined(separator: "/")
    }
}
