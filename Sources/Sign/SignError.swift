// SPDX-License-Identifier: Apache-2.0

public import Jobs

/// Why a request cannot be signed; the text is for people, and holds neither secret nor token.
public enum SignError: Error, Hashable, Sendable {
    /// The URL would live for no time, or longer than stores accept.
    case lifetime(seconds: Int, longest: Int)
    /// The addressing style needs a bucket, and there is none.
    case noBucket(AddressingStyle)
    /// The style puts the bucket in front of a host that cannot carry it.
    case bucketInHost(bucket: String, host: String)
    /// A part of the credential scope is empty or has a character that would end it early.
    case scope(part: String, value: String)
    /// The id of the access key is empty.
    case noKeyID
    /// The secret of the access key is empty.
    case noSecret
    /// The name of a header is no HTTP token (RFC 9110, section 5.6.2).
    case headerName(String)
    /// The value of this header has a control character, so it cannot be sent as one line.
    case headerValue(name: String)
    /// `Host` was given as a header.
    case hostHeader
    /// A query parameter was given that the signature itself adds.
    case reservedParameter(String)
}

extension SignError: CustomStringConvertible {
    /// What is wrong, and what to write instead.
    public var description: String {
        switch self {
        case .lifetime(let seconds, let longest):
            "a lifetime of \(seconds) s cannot be signed; stores accept 1 to \(longest) s "
                + "(\(longest / 86_400) days)"
        case .noBucket(let style):
            "style \(style.rawValue) needs a bucket; name one, or use style cname "
                + "if the host stands for the bucket"
        case .bucketInHost(let bucket, let host):
            "bucket \"\(Self.shown(bucket))\" cannot stand in front of the host \(host); "
                + "use style path"
        case .scope(let part, let value):
            "\(part) \"\(Self.shown(value))\" cannot be signed; it must be printable ASCII "
                + "without spaces and slashes, such as \(part == "region" ? "us-east-1" : "s3")"
        case .noKeyID: "the id of the access key is empty; nothing can be signed with it"
        case .noSecret: "the secret of the access key is empty; nothing can be signed with it"
        case .headerName(let name):
            "\"\(Self.shown(name))\" is no name of a header"
        case .headerValue(let name):
            "the value of header \(Self.shown(name)) has a line break or another control character"
        case .hostHeader:
            "the header host is always signed; set it by the endpoint instead"
        case .reservedParameter(let name):
            "the query parameter \(Self.shown(name)) is added by the signature; leave it out"
        }
    }

    private static func shown(_ text: String) -> String { NameText.shown(Array(text.utf8)) }
}
