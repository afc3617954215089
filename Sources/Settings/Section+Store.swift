// SPDX-License-Identifier: Apache-2.0

import Jobs

extension Section {
    /// Reads an endpoint and requires that nobody on the way can read what goes there.
    func endpoint(_ key: String) -> Endpoint? {
        let endpoint = read(key, Words.endpoint)
        if let endpoint { requireSecure(key, endpoint) }
        return endpoint
    }

    /// Reads a name that stands in the path of URLs: of a bucket, a container, an account.
    ///
    /// - Parameters:
    ///   - key: The key.
    ///   - wanted: What it is the name of, such as `a bucket`.
    /// - Returns: The name; nothing when it is absent or was reported.
    func storeName(_ key: String, of wanted: String) -> String? {
        read(key) { text throws(ValueProblem) in
            let bytes = Array(text.utf8)
            guard (1...255).contains(bytes.count), bytes.allSatisfy(Self.isNameByte),
                text != ".", text != ".."
            else {
                throw ValueProblem(
                    "\"\(text)\" is not the name of \(wanted)",
                    cure: "write the name alone, without s3:// and without a path"
                )
            }
            return text
        }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        byte.isASCIIDigit || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "_")
            || byte == UInt8(ascii: "-")
            || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }

    private func requireSecure(_ key: String, _ endpoint: Endpoint) {
        let allowed = boolean("allow_insecure_endpoint") ?? false
        guard !endpoint.isSecure, !endpoint.isLoopback, !allowed else { return }
        report(
            key,
            "is plain http beyond this machine: anyone on the way can read files and links",
            cure: "write https://, or add allow_insecure_endpoint: true"
        )
    }
}
