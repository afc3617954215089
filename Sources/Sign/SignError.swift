// SPDX-License-Identifier: Apache-2.0

public import Jobs

/// Why a request cannot be signed; the text is for people, and holds neither secret nor token.
public enum SignError: Error, Hashable, Sendable {
    /// The URL would live for no time, longer than stores accept, or beyond the year 2261.
    case lifetime(seconds: Int, longest: Int?)
    /// The URL would begin to work when it has ended.
    case start(Timestamp, end: Timestamp)
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
    /// The account key is not base64.
    case accountKey
    /// The private key is no RSA key in PEM, or it is encrypted.
    case privateKey(isEncrypted: Bool)
    /// The system's cryptography refused to sign.
    case signing
    /// The scheme has no such condition.
    case condition(String, SignatureScheme)
    /// The condition is no address.
    case address(String, wanted: String)
    /// A field of an Azure SAS has a value that none can have.
    case azure(field: String, value: String, wanted: String)
    /// The name of a header is no HTTP token (RFC 9110, section 5.6.2).
    case headerName(String)
    /// The value of this header has a control character, so it cannot be sent as one line.
    case headerValue(name: String)
    /// `Host` was given as a header.
    case hostHeader
    /// A form cannot have this; the end of a sentence.
    case form(String)
    /// A query parameter was given that the signature itself adds.
    case reservedParameter(String)
}

extension SignError: CustomStringConvertible {
    /// What is wrong, and what to write instead.
    public var description: String {
        switch self {
        case .lifetime(let seconds, let longest):
            if let longest {
                "a lifetime of \(seconds) s cannot be signed; stores accept 1 to \(longest) s "
                    + "(\(longest / 86_400) days)"
            } else {
                "a lifetime of \(seconds) s cannot be signed; it must be at least 1 s "
                    + "and end before 2262"
            }
        case .start(let start, let end):
            "the URL would not work before \(start.rfc3339), but it ends at \(end.rfc3339)"
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
        case .accountKey:
            "the account key is not base64; copy it whole from the storage account's access keys"
        case .privateKey(true):
            "the private key is encrypted; write it without a passphrase "
                + "(openssl pkey -in KEY -out PLAIN)"
        case .privateKey(false):
            "the private key is no RSA key in PEM; it begins with -----BEGIN PRIVATE KEY----- or "
                + "-----BEGIN RSA PRIVATE KEY-----"
        case .signing:
            "OpenSSL on this system refused to sign with the private key; "
                + "see its policy (openssl.cnf)"
        case .condition(let name, let scheme):
            "\(name) cannot be a condition of a URL signed by \(scheme.rawValue)"
        case .address(let text, let wanted):
            "\"\(Self.shown(text))\" is no address; write \(wanted)"
        case .azure(_, let value, let wanted):
            "\"\(Self.shown(value))\" is not possible; write \(wanted)"
        case .headerName(let name):
            "\"\(Self.shown(name))\" is no name of a header"
        case .headerValue(let name):
            "the value of header \(Self.shown(name)) has a line break or another control character"
        case .hostHeader:
            "the header host is always signed; set it by the endpoint instead"
        case .form(let problem): "an upload form \(Self.shown(problem))"
        case .reservedParameter(let name):
            "the query parameter \(Self.shown(name)) is added by the signature; leave it out"
        }
    }

    private static func shown(_ text: String) -> String { NameText.shown(Array(text.utf8)) }
}
