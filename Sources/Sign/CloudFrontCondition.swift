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

    /// Whether a URL is one that a pattern stands for: `*` for any characters, `?` for one.
    static func matches(_ url: [UInt8], pattern: [UInt8]) -> Bool {
        var (at, place) = (0, 0)
        // Where to go on after the latest star, which then takes one character more.
        var retry: (at: Int, place: Int)?
        while at < url.count {
            if place < pattern.count, pattern[place] == UInt8(ascii: "*") {
                retry = (at, place + 1)
                place += 1
            } else if place < pattern.count,
                pattern[place] == UInt8(ascii: "?") || pattern[place] == url[at]
            {
                (at, place) = (at + 1, place + 1)
            } else if let last = retry {
                retry = (last.at + 1, last.place)
                (at, place) = (last.at + 1, last.place)
            } else {
                return false
            }
        }
        return pattern[place...].allSatisfy { $0 == UInt8(ascii: "*") }
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
