// SPDX-License-Identifier: Apache-2.0

extension SettingsReader {
    /// The state folder that a file names, whatever else is wrong: a daemon that runs on it can be
    /// asked all the same.
    ///
    /// - Parameter path: The configuration's file.
    /// - Returns: The folder, absolute; nothing where the file cannot be read.
    public static func stateFolder(config path: String) -> String? {
        if let draft = read(path, Findings()) { return draft.state }
        guard let config = try? PathText.absolute(path, in: workingDirectory()),
            let text = try? TextFile.read(config)
        else { return nil }
        // What is no YAML still has a line for it, or means the default.
        let folder = PathText.clean("\(config)/..")
        let line = text.split(whereSeparator: \.isNewline).first { $0.hasPrefix(Self.key) }
        return try? PathText.absolute(line.map(value(on:)) ?? "./state", in: folder)
    }

    private static let key = "state:"

    /// The plain value on a line, without quotes and a comment.
    private static func value(on line: Substring) -> String {
        var text = line.dropFirst(key.count).drop { $0 == " " }
        if let quote = text.first, quote == "\"" || quote == "'" {
            return String(text.dropFirst().prefix { $0 != quote })
        }
        if let comment = text.indices.first(where: { text[$0...].hasPrefix(" #") }) {
            text = text[..<comment]
        }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
