// SPDX-License-Identifier: Apache-2.0

import Jobs

/// What a CloudFront policy that came in a URL says.
struct CloudFrontCondition: Sendable {
    var resource: String?
    var address: String?
    /// Seconds since 1970.
    var notBefore: Int?
    var expires: Int

    /// Reads the JSON of a policy, or nothing.
    init?(policy: [UInt8]) {
        guard let value = try? JSONReader.read(policy),
            case .list(let statements)? = value["Statement"], let statement = statements.first,
            let condition = statement["Condition"],
            let expires = Self.seconds(condition["DateLessThan"])
        else { return nil }
        self.expires = expires
        notBefore = Self.seconds(condition["DateGreaterThan"])
        resource = statement["Resource"]?.string
        address = condition["IpAddress"]?["AWS:SourceIp"]?.string
    }

    private static func seconds(_ value: JSONValue?) -> Int? {
        guard case .number(let digits)? = value?["AWS:EpochTime"] else { return nil }
        return Int(String(decoding: digits, as: UTF8.self))
    }
}

extension JSONValue {
    /// The first member of a name, if this is an object that has it.
    fileprivate subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name.elementsEqual(name.utf8) }?.value
    }

    fileprivate var string: String? {
        guard case .text(let bytes) = self else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }
}
