// SPDX-License-Identifier: Apache-2.0

import Jobs

extension InspectedURL {
    /// `X-Amz-…` and `X-Goog-…`.
    mutating func readVersion4(_ prefix: String) {
        signatureName = prefix + "Signature"
        let credential = parts[prefix + "Credential"].map { $0.split(separator: "/") } ?? []
        if credential.count >= 5 {
            keyID = credential.dropLast(4).joined(separator: "/")
            region = String(credential[credential.count - 3])
        } else {
            problems.append("\(prefix)Credential is not KEY/DAY/REGION/SERVICE/…_request")
        }
        issuedAt = parts[prefix + "Date"].flatMap { Timestamp(basic: $0) }
        if issuedAt == nil { problems.append("\(prefix)Date is no time such as 20261125T180000Z") }
        lifetime = parts[prefix + "Expires"].flatMap { Int($0) }
        if lifetime == nil { problems.append("\(prefix)Expires is no number of seconds") }
        if let issuedAt, let lifetime {
            expiresAt = Self.moment(issuedAt.seconds, plus: lifetime)
        }
        for name in SignatureDialect.parameterNames where parts.count(of: prefix + name) > 1 {
            problems.append("\(prefix)\(name) is there more than once")
        }
        signedHeaders =
            parts[prefix + "SignedHeaders"]
            .map { $0.split(separator: ";").map { $0.lowercased() } } ?? []
        if !signedHeaders.contains("host") { problems.append("the host is not signed") }
        isTemporary = parts[prefix + "Security-Token"] != nil
    }

    /// `AWSAccessKeyId`, `Expires`, `Signature`.
    mutating func readVersion2() {
        signatureName = "Signature"
        keyID = parts["AWSAccessKeyId"]
        expiresAt = parts["Expires"].flatMap { Int($0) }.flatMap { Self.moment(0, plus: $0) }
        if expiresAt == nil { problems.append("Expires is no number of seconds since 1970") }
        isTemporary = parts[SigV2Text.tokenName] != nil
    }

    /// `sp`, `st`, `se`, `sv`, `sig` and their like.
    mutating func readAzure() {
        signatureName = "sig"
        permissions = parts["sp"]
        address = parts["sip"]
        notBefore = parts["st"].flatMap(Self.azureTime)
        expiresAt = parts["se"].flatMap(Self.azureTime)
        if expiresAt == nil { problems.append("se is no time such as 2026-11-25T18:00:00Z") }
        if parts["ss"] != nil {
            problems.append("it is an account SAS, for more than this object: \(accountScope)")
        }
        if parts["skoid"] != nil {
            problems.append("it is a user delegation SAS: not the account's key signed it")
        }
        // A domain of one's own does not say whose account is behind it.
        let labels = endpoint.host.split(separator: ".")
        if labels.count > 2, labels[1] == "blob" { keyID = String(labels[0]) }
    }

    private var accountScope: String {
        ["ss", "srt"].map { "\($0)=\(NameText.shown(Array((parts[$0] ?? "").utf8)))" }
            .joined(separator: ", ")
    }

    /// A day, a minute or a second ("Specify the expiry", Create a service SAS).
    private static func azureTime(_ text: String) -> Timestamp? {
        switch text.utf8.count {
        case 10: Timestamp(rfc3339: text + "T00:00:00Z")
        case 17: text.hasSuffix("Z") ? Timestamp(rfc3339: text.dropLast() + ":00Z") : nil
        default: Timestamp(rfc3339: text)
        }
    }

    /// `Expires` or `Policy`, `Signature`, `Key-Pair-Id`.
    mutating func readCloudFront() {
        signatureName = "Signature"
        keyID = parts["Key-Pair-Id"]
        guard let policy = parts["Policy"] else {
            expiresAt = parts["Expires"].flatMap { Int($0) }.flatMap { Self.moment(0, plus: $0) }
            if expiresAt == nil { problems.append("Expires is no number of seconds since 1970") }
            return
        }
        guard let bytes = CloudFrontPolicy.bytes(safe: policy),
            let condition = CloudFrontCondition(policy: bytes)
        else {
            problems.append("Policy is no CloudFront policy")
            return
        }
        resource = condition.resource
        address = condition.address
        notBefore = condition.notBefore.flatMap { Self.moment(0, plus: $0) }
        expiresAt = Self.moment(0, plus: condition.expires)
    }

    /// Which part of host and path is the bucket.
    ///
    /// For a host that is nobody's known one, path style is the better guess: it is what stores of
    /// one's own use.
    mutating func readPlace(_ scheme: SignatureScheme) {
        guard scheme != .cloudFront else { return }
        let host = endpoint.host
        if let range = host.ranges(of: /\.s3[.-]/).last {
            bucket = String(host[..<range.lowerBound])
            return
        }
        if host.hasSuffix(".storage.googleapis.com") {
            bucket = String(host.dropLast(".storage.googleapis.com".count))
            return
        }
        var path = parts.path.dropFirst()
        if scheme == .azureSAS, endpoint.isIPAddress || endpoint.isLoopback {
            // An emulator has the account in front.
            let account = path.prefix { $0 != UInt8(ascii: "/") }
            keyID = String(decoding: account, as: UTF8.self)
            path = path.dropFirst(account.count + 1)
        }
        let first = path.prefix { $0 != UInt8(ascii: "/") }
        bucket = first.isEmpty ? nil : String(decoding: first, as: UTF8.self)
        key = ObjectKey(bytes: Array(path.dropFirst(first.count + 1)))
    }

    /// A moment in seconds since 1970, or nothing where nanoseconds would not hold it.
    static func moment(_ seconds: Int64, plus span: Int) -> Timestamp? {
        let (sum, overflow) = seconds.addingReportingOverflow(Int64(span))
        guard !overflow, (-9_000_000_000...9_000_000_000).contains(sum) else { return nil }
        return Timestamp(seconds: sum)
    }
}
