// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Which addresses a request may connect to, whatever name or number its URL has.
///
/// It is held against the address itself, when the socket is about to be made and again when a kept
/// connection is used: a name that leads elsewhere the second time gains nothing.
public enum AddressRule: Hashable, Sendable {
    /// Any.
    case any
    /// Those of the public Internet.
    case publicOnly
    /// Those of this machine and of private networks.
    case privateOnly
    /// Both, but none that is neither: link-local (where clouds keep their metadata), multicast.
    case publicOrPrivate

    func allows(_ kind: AddressKind?) -> Bool {
        switch self {
        case .any: true
        case .publicOnly: kind == .onInternet
        case .privateOnly: kind == .inPrivate
        case .publicOrPrivate: kind == .onInternet || kind == .inPrivate
        }
    }
}

/// What kind of network an IP address is in (the IANA special-purpose address registries).
enum AddressKind: Hashable, Sendable {
    /// The public Internet.
    case onInternet
    /// This machine, or a private network: loopback, RFC 1918, shared (RFC 6598), unique local.
    case inPrivate
    /// Anything else: no host that a person would name.
    case special

    /// The kind of an address of 4 or 16 bytes in network order; nothing for another length.
    init?(_ bytes: [UInt8]) {
        switch bytes.count {
        case 4: self = Self.kind(of: bytes.reduce(0) { $0 << 8 | UInt32($1) })
        case 16: self = Self.kind(of: bytes)
        default: return nil
        }
    }

    /// The kind of an address in its text form, with or without a zone.
    init?(text: String) {
        let address = String(text.prefix { $0 != "%" })
        var bytes = [UInt8](repeating: 0, count: 16)
        if unsafe inet_pton(AF_INET, address, &bytes) == 1 {
            self.init(Array(bytes[..<4]))
        } else if unsafe inet_pton(AF_INET6, address, &bytes) == 1 {
            self.init(bytes)
        } else {
            return nil
        }
    }

    private static func kind(of address: UInt32) -> AddressKind {
        func isIn(_ network: UInt32, _ length: UInt32) -> Bool {
            (address ^ network) >> (32 - length) == 0
        }
        let near: [(UInt32, UInt32)] = [
            (0x0a00_0000, 8), (0x6440_0000, 10), (0x7f00_0000, 8), (0xac10_0000, 12),
            (0xc0a8_0000, 16),
        ]
        if near.contains(where: isIn) { return .inPrivate }
        let special: [(UInt32, UInt32)] = [
            // "This network", link-local, IETF's own, 6to4 relays.
            (0x0000_0000, 8), (0xa9fe_0000, 16), (0xc000_0000, 24), (0xc058_6300, 24),
            // Documentation and benchmarks.
            (0xc000_0200, 24), (0xc612_0000, 15), (0xc633_6400, 24), (0xcb00_7100, 24),
            // Multicast, reserved, broadcast.
            (0xe000_0000, 4), (0xf000_0000, 4),
            // The host that each machine in Azure sees there.
            (0xa83f_8110, 32),
        ]
        return special.contains(where: isIn) ? .special : .onInternet
    }

    private static func kind(of address: [UInt8]) -> AddressKind {
        if address == [UInt8](repeating: 0, count: 15) + [1] { return .inPrivate }
        if address[0] & 0xfe == 0xfc { return .inPrivate }
        // NAT64 reaches an address of version 4 (RFC 6052).
        let translated: [UInt8] = [0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0]
        if address.starts(with: translated) {
            return kind(of: address.suffix(4).reduce(0) { $0 << 8 | UInt32($1) }) == .onInternet
                ? .onInternet : .special
        }
        // All that is given out lies in 2000::/3. Left out of that: IETF's own with Teredo
        // (2001::/23), documentation, 6to4, which may lead to any address of version 4.
        let isGlobal = address[0] & 0xe0 == 0x20
        let special: [([UInt8], UInt8)] = [
            ([0x20, 0x01, 0x00], 0xfe), ([0x20, 0x01, 0x0d, 0xb8], 0xff), ([0x20, 0x02], 0xff),
            ([0x3f, 0xff, 0x00], 0xf0),
        ]
        let isSpecial = special.contains { front, mask in
            address.starts(with: front.dropLast())
                && address[front.count - 1] & mask == front[front.count - 1] & mask
        }
        return isGlobal && !isSpecial ? .onInternet : .special
    }
}
