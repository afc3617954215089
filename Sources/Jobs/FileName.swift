// SPDX-License-Identifier: Apache-2.0

/// The name of a file beneath a watched root: bytes, parts joined by `/`, no `/` at either end.
///
/// On Linux a name is any bytes but NUL and `/`. Swift's `String` would repair invalid UTF-8 and
/// call NFC and NFD equal, so that two files become one; a name therefore never passes through it
/// except to be shown.
public struct FileName: Hashable, Comparable, Sendable {
    /// The bytes as the kernel gave them.
    public var bytes: [UInt8]

    /// Makes a name from bytes relative to the root.
    public init(bytes: [UInt8]) { self.bytes = bytes }

    /// Makes a name from text, by its UTF-8 bytes.
    public init(_ text: String) { bytes = Array(text.utf8) }

    /// The part after the last `/`.
    public var lastPart: ArraySlice<UInt8> {
        guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return bytes[...] }
        return bytes[(slash + 1)...]
    }

    /// The name of something inside this folder; the root itself is the empty name.
    public func appending(_ part: some Collection<UInt8>) -> FileName {
        var joined: [UInt8] = []
        joined.reserveCapacity(bytes.count + 1 + part.count)
        joined.append(contentsOf: bytes)
        if !bytes.isEmpty { joined.append(UInt8(ascii: "/")) }
        joined.append(contentsOf: part)
        return FileName(bytes: joined)
    }

    /// Orders by bytes.
    public static func < (a: FileName, b: FileName) -> Bool {
        a.bytes.lexicographicallyPrecedes(b.bytes)
    }
}

extension FileName: CustomStringConvertible {
    /// The name as it may be shown: good text as it is, anything else escaped as `\xHH`.
    public var description: String { NameText.shown(bytes) }
}

/// The name of an object in a bucket: bytes, at most 1,024 of them on S3, never normalised.
public struct ObjectKey: Hashable, Sendable {
    /// The bytes that are percent-encoded into the URL.
    public var bytes: [UInt8]

    /// Makes a key from bytes.
    public init(bytes: [UInt8]) { self.bytes = bytes }

    /// Makes a key from text, by its UTF-8 bytes.
    public init(_ text: String) { bytes = Array(text.utf8) }
}

extension ObjectKey: CustomStringConvertible {
    /// The key as it may be shown: good text as it is, anything else escaped as `\xHH`.
    public var description: String { NameText.shown(bytes) }
}
