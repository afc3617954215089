// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Where the bucket stands in URLs, as a store's section says it.
struct Addressing {
    let section: Section
    let bucket: String
    /// The hosts that URLs will name.
    let hosts: [Endpoint]

    /// `auto` is our word for "decide by the host".
    private enum Choice: String, CaseIterable { case auto, path, virtual, cname }

    /// Reads `addressing`.
    ///
    /// `auto` is virtual where every host is known to take a bucket in front of it, and path for any
    /// other, which need not have a DNS name for each bucket; a bucket with a dot is path on TLS,
    /// because a wildcard certificate covers no dot.
    func read(isVirtualHost: (Endpoint) -> Bool) -> AddressingStyle {
        let isDotted = bucket.contains(".") && hosts.contains(where: \.isSecure)
        switch section.choice("addressing", Choice.self) ?? .auto {
        case .path: return .path
        case .cname: return .cname
        case .auto:
            return hosts.allSatisfy(isVirtualHost) && isHostName && !isDotted ? .virtual : .path
        case .virtual:
            check(isDotted: isDotted)
            return .virtual
        }
    }

    private func check(isDotted: Bool) {
        if hosts.contains(where: \.isIPAddress) || !isHostName {
            section.report(
                "addressing",
                "virtual puts the bucket \"\(bucket)\" in front of the host, which is not possible "
                    + (isHostName ? "with an IP address" : "with this name"),
                cure: "write addressing: path"
            )
        } else if isDotted {
            section.findings.warn(
                section.place("addressing"),
                "the bucket \"\(bucket)\" has a dot, which a wildcard certificate does not cover",
                cure: "write addressing: path if TLS fails"
            )
        }
    }

    private var isHostName: Bool {
        bucket.utf8.allSatisfy {
            $0.isASCIIDigit || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-")
                || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
        }
    }
}
