// SPDX-License-Identifier: Apache-2.0

/// What an error document says (S3's, Google's and Azure's are of one form), as far as anything here depends on it.
///
/// Everything in it was written by the other side: bounded, without control characters, never
/// more than text to compare and to show.
public struct StoreError: Hashable, Sendable {
    /// `NoSuchBucket` and the like; empty if the document has none.
    public var code = ""
    /// The store's own words.
    public var message = ""
    /// The header that was not understood, where the store names one.
    public var header = ""
    /// The region that the bucket is in, where the store says so.
    public var region = ""
    /// What the store says besides: Google's `Details`, Azure's `AuthenticationErrorDetail`.
    public var detail = ""
    /// What the store's operator finds this request by.
    public var requestID = ""

    /// Makes an error without anything in it.
    public init() {}

    /// The longest document that is read.
    static let longest = 65_536

    /// Reads an error document, or nothing when the bytes are none.
    ///
    /// The root may be `<Error>`, or `<ErrorResponse>` around it as some gateways send it.
    public init?(_ bytes: [UInt8]) {
        guard bytes.count <= Self.longest else { return nil }
        var scanner = XMLScanner(bytes)
        var path: [ArraySlice<UInt8>] = []
        while let piece = scanner.next() {
            switch piece {
            case .open(let name):
                path.append(name)
                guard Self.isExpected(path) else { return nil }
            case .close:
                guard path.popLast() != nil else { return nil }
                if path.isEmpty { return }
            case .text(let text):
                guard let name = path.last, path.count > 1 else { continue }
                set(name, to: text)
            }
        }
        return nil
    }

    private static func isExpected(_ path: [ArraySlice<UInt8>]) -> Bool {
        guard let root = path.first, path.count <= 32 else { return false }
        return root.elementsEqual("Error".utf8) || root.elementsEqual("ErrorResponse".utf8)
    }

    private mutating func set(_ name: ArraySlice<UInt8>, to text: String) {
        if name.elementsEqual("Code".utf8) {
            code += text
        } else if name.elementsEqual("Message".utf8) {
            message += text
        } else if name.elementsEqual("Header".utf8) {
            header += text
        } else if name.elementsEqual("Region".utf8) {
            region += text
        } else if name.elementsEqual("Details".utf8)
            || name.elementsEqual("AuthenticationErrorDetail".utf8)
        {
            detail += text
        } else if name.elementsEqual("RequestId".utf8) {
            requestID += text
        }
    }
}
