// SPDX-License-Identifier: Apache-2.0

public import Jobs

/// Tells names that are not to be uploaded: dotfiles, and what programs call files in the making.
///
/// A rule counts at every level: nothing beneath an ignored folder is looked at. Names are compared
/// as bytes, ASCII case counts, except for the two names Windows leaves behind in either case.
public struct IgnoreRules: Sendable {
    private let takesHidden: Bool

    /// Makes the built-in rules, with or without the one for names that begin with a dot.
    public init(takesHidden: Bool = false) { self.takesHidden = takesHidden }

    /// The rule by which a name beneath a root is ignored, as it may be shown (`*.part`), or nothing.
    public func rule(ignoring name: FileName) -> String? {
        for part in name.bytes.split(separator: UInt8(ascii: "/")) {
            if let rule = rule(ignoringPart: part) { return rule }
        }
        return nil
    }

    /// The rule by which one part of a name is ignored, or nothing.
    func rule(ignoringPart part: some BidirectionalCollection<UInt8>) -> String? {
        guard let first = part.first, let last = part.last else { return nil }
        switch first {
        case UInt8(ascii: "."):
            if let rule = dotRule(part) { return rule }
        case UInt8(ascii: "~") where part.starts(with: "~$".utf8): return "~$*"
        case UInt8(ascii: "T"), UInt8(ascii: "t"):
            if part.equalsIgnoringCase("thumbs.db") { return "Thumbs.db" }
        case UInt8(ascii: "D"), UInt8(ascii: "d"):
            if part.equalsIgnoringCase("desktop.ini") { return "desktop.ini" }
        default: break
        }
        switch last {
        case UInt8(ascii: "~"): return "*~"
        case UInt8(ascii: "t") where part.ends(with: ".part"): return "*.part"
        case UInt8(ascii: "t") where part.ends(with: ".filepart"): return "*.filepart"
        case UInt8(ascii: "l") where part.ends(with: ".partial"): return "*.partial"
        case UInt8(ascii: "p") where part.ends(with: ".tmp"): return "*.tmp"
        case UInt8(ascii: "p") where part.ends(with: ".swp"): return "*.swp"
        case UInt8(ascii: "d") where part.ends(with: ".crdownload"): return "*.crdownload"
        default: return nil
        }
    }

    /// Names the closest rule for a name that begins with a dot.
    private func dotRule(_ part: some BidirectionalCollection<UInt8>) -> String? {
        if part.starts(with: ".nfs".utf8) { return ".nfs*" }
        if part.starts(with: ".goutputstream-".utf8) { return ".goutputstream-*" }
        if part.starts(with: ".~lock.".utf8), part.ends(with: "#") { return ".~lock.*#" }
        return takesHidden ? nil : Self.hidden
    }

    /// The rule for names that begin with a dot.
    static let hidden = ".*"
}

extension BidirectionalCollection<UInt8> {
    fileprivate func ends(with text: StaticString) -> Bool {
        let length = text.utf8CodeUnitCount
        guard count >= length else { return false }
        return unsafe suffix(length).elementsEqual(
            UnsafeBufferPointer(start: text.utf8Start, count: length)
        )
    }

    /// Compares with a lower-case ASCII text.
    fileprivate func equalsIgnoringCase(_ text: StaticString) -> Bool {
        let wanted = unsafe UnsafeBufferPointer(
            start: text.utf8Start,
            count: text.utf8CodeUnitCount
        )
        return unsafe elementsEqual(wanted) { byte, wanted in
            (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                ? byte | 0x20 == wanted : byte == wanted
        }
    }
}
