// SPDX-License-Identifier: Apache-2.0

import Jobs

/// The statement that a CloudFront signature covers, as JSON without white space.
struct CloudFrontPolicy: Sendable {
    /// The JSON text.
    let bytes: [UInt8]
    /// Whether CloudFront can put it together itself, so that the URL need not carry it.
    let isCanned: Bool

    /// Writes the policy of a URL.
    ///
    /// - Throws: `SignError.address` when the address is neither one nor a block.
    init(url: [UInt8], end: Timestamp, _ conditions: GrantConditions) throws(SignError) {
        var text: [UInt8] = []
        text.append(text: #"{"Statement":[{"Resource":"#)
        text.appendJSONString(conditions.resource.map { Array($0.utf8) } ?? url)
        text.append(text: #","Condition":{"DateLessThan":{"AWS:EpochTime":"#)
        text.appendDecimal(Int(end.seconds))
        text.append(UInt8(ascii: "}"))
        if let address = conditions.address {
            guard let block = AddressText.block(address) else {
                throw .address(address, wanted: "192.0.2.7 or a block 192.0.2.0/24")
            }
            text.append(text: #","IpAddress":{"AWS:SourceIp":"#)
            text.appendJSONString(block)
            text.append(UInt8(ascii: "}"))
        }
        if let start = conditions.notBefore {
            text.append(text: #","DateGreaterThan":{"AWS:EpochTime":"#)
            text.appendDecimal(Int(start.seconds))
            text.append(UInt8(ascii: "}"))
        }
        text.append(text: "}}]}")
        bytes = text
        isCanned = conditions == GrantConditions()
    }

    /// Base64 with `-`, `_` and `~` for `+`, `=` and `/`, which a query may hold as they are.
    static func safe(_ bytes: [UInt8]) -> [UInt8] {
        bytes.base64.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "+"): UInt8(ascii: "-")
            case UInt8(ascii: "="): UInt8(ascii: "_")
            case UInt8(ascii: "/"): UInt8(ascii: "~")
            default: byte
            }
        }
    }
}

extension CloudFrontPolicy {
    /// Undoes `safe`, or gives nothing when the text is anything else.
    static func bytes(safe text: String) -> [UInt8]? {
        let digits = text.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "-"): UInt8(ascii: "+")
            case UInt8(ascii: "_"): UInt8(ascii: "=")
            case UInt8(ascii: "~"): UInt8(ascii: "/")
            default: byte
            }
        }
        return [UInt8](base64: String(decoding: digits, as: UTF8.self))
    }
}

extension GrantConditions {
    /// Refuses a start that the URL would not live to see.
    func requireStart(before end: Timestamp) throws(SignError) {
        if let notBefore, notBefore.seconds >= end.seconds { throw .start(notBefore, end: end) }
    }
}
