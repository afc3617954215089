// SPDX-License-Identifier: Apache-2.0

/// How the file is called that says that another one, beside it, is whole: `{name}.done`.
public struct SidecarName: Hashable, Sendable {
    /// As it is written, with `{name}` for the whole name of the other file.
    public let text: String
    private let front: [UInt8]
    private let back: [UInt8]

    /// `{name}.done`.
    public static let usual = SidecarName(front: [], back: Array(".done".utf8))

    private init(front: [UInt8], back: [UInt8]) {
        self.front = front
        self.back = back
        text = String(decoding: front + Array("{name}".utf8) + back, as: UTF8.self)
    }

    /// Reads a text.
    ///
    /// - Throws: `SidecarNameError` unless it has `{name}` once, something else, and no `/`.
    public init(_ text: String) throws(SidecarNameError) {
        let bytes = Array(text.utf8)
        let mark = Array("{name}".utf8)
        let places = bytes.indices.filter { bytes[$0...].starts(with: mark) }
        guard let place = places.first, places.count == 1, bytes.count > mark.count,
            !bytes.contains(UInt8(ascii: "/")), !bytes.contains(0),
            bytes.filter({ $0 == UInt8(ascii: "{") }).count == 1
        else { throw SidecarNameError() }
        self.init(front: Array(bytes[..<place]), back: Array(bytes[(place + mark.count)...]))
    }

    /// The name of the file that tells of this one.
    public func sidecar(of part: some Sequence<UInt8>) -> [UInt8] { front + part + back }

    /// The name of the file of which this one tells; nothing when it tells of none.
    public func file(of part: some BidirectionalCollection<UInt8>) -> [UInt8]? {
        guard part.count > front.count + back.count, part.starts(with: front),
            part.suffix(back.count).elementsEqual(back)
        else { return nil }
        return Array(part.dropFirst(front.count).dropLast(back.count))
    }
}

/// Why a text is no name of a sidecar.
public struct SidecarNameError: Error, Hashable, Sendable {
    /// What is wrong, as the end of a sentence.
    public var problem: String { "must hold {name} once, something else, and no /" }
}
