// SPDX-License-Identifier: Apache-2.0

import Jobs

/// One condition of a policy ("POST Policy", Amazon S3 API Reference).
enum PolicyCondition: Hashable, Sendable {
    /// The field, by its name in lower case, has exactly this value.
    case equal(field: String, [UInt8])
    /// The value of the field begins so.
    case prefix(field: String, [UInt8])
    /// The file has so many bytes.
    case size(ClosedRange<Int64>)

    init(_ value: JSONValue) throws(SignatureRefusal) {
        switch value {
        case .object(let members):
            guard members.count == 1, let member = members.first,
                case .text(let wanted) = member.value
            else {
                throw .badPolicy(
                    "Invalid Simple-Condition: Simple-Conditions must have exactly one property "
                        + "specified."
                )
            }
            self = .equal(field: Self.name(member.name), wanted)
        case .list(let parts): self = try Self.read(parts)
        default: throw .badPolicy("Invalid Condition.")
        }
    }

    /// The field the condition is about, in lower case.
    var field: String? {
        switch self {
        case .equal(let field, _), .prefix(let field, _): field
        case .size: nil
        }
    }

    /// Whether a value meets it; without a field the value is empty, which only `prefix` can take.
    func holds(for value: [UInt8]?) -> Bool {
        switch self {
        case .equal(_, let wanted): value == wanted
        case .prefix(_, let wanted): (value ?? []).starts(with: wanted)
        case .size: true
        }
    }

    private static func read(_ parts: [JSONValue]) throws(SignatureRefusal) -> PolicyCondition {
        guard parts.count == 3, case .text(let word) = parts[0] else {
            throw .badPolicy("Invalid Condition.")
        }
        let operation = name(word)
        if operation == "content-length-range" {
            guard let least = number(parts[1]), let most = number(parts[2]), least <= most else {
                throw .badPolicy("Invalid content-length-range.")
            }
            return .size(least...most)
        }
        guard case .text(let field) = parts[1], field.first == UInt8(ascii: "$"),
            case .text(let wanted) = parts[2]
        else { throw .badPolicy("Invalid Condition.") }
        switch operation {
        case "eq": return .equal(field: name(Array(field.dropFirst())), wanted)
        case "starts-with": return .prefix(field: name(Array(field.dropFirst())), wanted)
        default: throw .badPolicy("Unknown operation '\(NameText.shown(word))'.")
        }
    }

    private static func number(_ value: JSONValue) -> Int64? {
        let number: Int64? =
            if case .text(let digits) = value {
                Int64(String(decoding: digits, as: UTF8.self))
            } else {
                value.integer
            }
        return number.flatMap { $0 >= 0 ? $0 : nil }
    }

    private static func name(_ bytes: [UInt8]) -> String {
        let name = CanonicalHeaders.lowercased(String(decoding: bytes, as: UTF8.self))
        return String(decoding: name, as: UTF8.self)
    }
}

extension PolicyCondition: CustomStringConvertible {
    /// The condition as a policy has it, for a message.
    var description: String {
        switch self {
        case .equal(let field, let wanted):
            #"["eq", "$\#(field)", "\#(NameText.shown(wanted))"]"#
        case .prefix(let field, let wanted):
            #"["starts-with", "$\#(field)", "\#(NameText.shown(wanted))"]"#
        case .size(let range):
            #"["content-length-range", \#(range.lowerBound), \#(range.upperBound)]"#
        }
    }
}
