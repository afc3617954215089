// SPDX-License-Identifier: Apache-2.0

/// A YAML value as the settings see it: every scalar is the text that stands in the file.
///
/// YAML 1.1 would make `off` a boolean, `012` ten and `1e3` a thousand; a person who writes
/// `prove: off` or `bucket: 012` means the text.
struct YAMLValue {
    var line: Int
    var content: Content

    enum Content {
        case text(String)
        /// A key with nothing after it.
        case nothing
        case list([YAMLValue])
        case mapping([Entry])
        /// Already reported; whoever meets it says nothing more.
        case refused
    }

    struct Entry {
        var name: String
        var line: Int
        var value: YAMLValue
    }
}
