// SPDX-License-Identifier: Apache-2.0

import Crypto
public import Jobs

/// Signs requests to one Azure container with the account's key: a service SAS ("Create a service
/// SAS", Azure Storage REST API), of version 2020-12-06 or later.
///
/// Neither method nor headers are covered: what the URL allows are its permissions.
public struct AzureSigner: URLSigner {
    /// What a SAS says besides object, end and conditions.
    public struct Grant: Hashable, Sendable {
        /// `sp`: letters in Azure's order, such as `r` or `cw`; absent: what the method needs.
        public var permissions: String?
        /// `sv`: the version of the service that reads it.
        public var version: String
        /// `spr`: `https` or `https,http`.
        public var transport: String?
        /// `ses`: the encryption scope of what is written.
        public var encryptionScope: String?

        /// Makes a grant.
        public init(
            permissions: String? = nil,
            version: String = AzureSigner.version,
            transport: String? = nil,
            encryptionScope: String? = nil
        ) {
            self.permissions = permissions
            self.version = version
            self.transport = transport
            self.encryptionScope = encryptionScope
        }
    }

    /// The service version that presignd itself speaks.
    public static let version = "2021-08-06"
    private static let oldestVersion = "2020-12-06"

    private let address: Result<ObjectAddress, SignError>
    private let account: String
    private let container: String
    private let code: SymmetricKey
    private let grant: Grant

    /// How it signs.
    public var scheme: SignatureScheme { .azureSAS }

    /// Prepares to sign for one container; what cannot be signed is refused by `presign`.
    ///
    /// - Parameters:
    ///   - endpoint: where the account answers; Azurite has the account in the base path.
    ///   - container: the container.
    ///   - key: the account's name, and its key in base64.
    ///   - grant: what the URLs say besides.
    public init(endpoint: Endpoint, container: String?, key: AccessKey, grant: Grant = Grant()) {
        let secret = [UInt8](base64: key.secret.reveal()) ?? []
        address = Result { () throws(SignError) in
            if key.id.isEmpty { throw .noKeyID }
            if key.secret.reveal().isEmpty { throw .noSecret }
            if secret.isEmpty { throw .accountKey }
            try Self.check(grant)
            return try ObjectAddress(endpoint: endpoint, style: .path, bucket: container)
        }
        account = key.id
        self.container = container ?? ""
        code = SymmetricKey(data: secret)
        self.grant = grant
    }

    private static func check(_ grant: Grant) throws(SignError) {
        let digits = grant.version.utf8.enumerated().allSatisfy { place, byte in
            place == 4 || place == 7 ? byte == UInt8(ascii: "-") : byte.isASCIIDigit
        }
        guard digits, grant.version.utf8.count == 10, grant.version >= oldestVersion else {
            throw .azure(field: "version", value: grant.version, wanted: "2020-12-06 or later")
        }
        if let letters = grant.permissions {
            let isGood = letters.utf8.allSatisfy { (0x61...0x7a).contains($0) }
            guard isGood, !letters.isEmpty else {
                throw .azure(
                    field: "permissions",
                    value: letters,
                    wanted: "letters such as r or cw"
                )
            }
        }
        if let transport = grant.transport {
            guard ["https", "https,http"].contains(transport) else {
                throw .azure(field: "protocol", value: transport, wanted: "https or https,http")
            }
        }
    }

    /// Makes the URL that grants a request.
    public func presign(
        _ request: ObjectRequest,
        under conditions: GrantConditions,
        at moment: Timestamp
    ) throws(SignError) -> SignedRequest {
        try conditions.require(only: [.notBefore, .address], for: scheme)
        let address = try address.get()
        let end = try scheme.end(of: request.lifetime, from: moment)
        try conditions.requireStart(before: end)
        if let range = conditions.address, !AddressText.isAddress(orRange: range) {
            throw .address(range, wanted: "192.0.2.7 or a range 192.0.2.1-192.0.2.9")
        }
        let headers = try RequestHeaders(request.headers)
        try Self.requireFree(request.query)
        let sas = sas(request, conditions, end)

        var url = address.origin
        address.append(pathOf: request.key, to: &url)
        var mark = UInt8(ascii: "?")
        func append(_ name: String, _ value: String) {
            url.append(parameter: name, value, after: &mark)
        }
        for item in request.query { append(item.name, item.value) }
        for (name, value) in sas.parameters { append(name, value) }
        append("sig", sas.signature(by: code))
        return SignedRequest(method: request.method, url: SignedURL(url), headers: headers.sent)
    }

    private func sas(
        _ request: ObjectRequest,
        _ conditions: GrantConditions,
        _ end: Timestamp
    ) -> AzureSAS {
        func value(_ name: String) -> String {
            request.query.first { $0.name == name }?.value ?? ""
        }
        var sas = AzureSAS()
        sas.permissions = grant.permissions ?? Self.permissions(for: request)
        sas.start = conditions.notBefore?.wholeSecond.rfc3339 ?? ""
        sas.end = end.rfc3339
        sas.object = Array("/blob/\(account)/\(container)".utf8)
        if !request.key.bytes.isEmpty {
            sas.object += [UInt8(ascii: "/")] + request.key.bytes
        }
        sas.address = conditions.address ?? ""
        sas.transport = grant.transport ?? ""
        sas.version = grant.version
        // A version stands where a snapshot does, and a SAS of the blob alone does not open it.
        let version = value("versionid")
        sas.snapshot = version.isEmpty ? value("snapshot") : version
        let kind = !version.isEmpty ? "bv" : sas.snapshot.isEmpty ? "b" : "bs"
        sas.kind = request.key.bytes.isEmpty ? "c" : kind
        sas.encryptionScope = grant.encryptionScope ?? ""
        sas.overrides = AzureSAS.overrideNames.map(value)
        return sas
    }

    /// The least that a method needs; `c` alone may not replace what is there.
    private static func permissions(for request: ObjectRequest) -> String {
        switch request.method {
        case .get: request.key.bytes.isEmpty ? "l" : "r"
        case .head: "r"
        case .delete: request.query.contains { $0.name == "versionid" } ? "x" : "d"
        case .put, .post: writing(request.headers)
        }
    }

    /// What a write needs: `t` too where it sets tags.
    private static func writing(_ headers: [Header]) -> String {
        let isGuarded = headers.contains { $0.isNamed("if-none-match") && $0.value == "*" }
        return (isGuarded ? "c" : "cw") + (headers.contains { $0.isNamed("x-ms-tags") } ? "t" : "")
    }

    private static func requireFree(_ query: [QueryItem]) throws(SignError) {
        let own = ["sp", "st", "se", "si", "sip", "spr", "sv", "sr", "ses", "sig"]
        for item in query where own.contains(item.name.lowercased()) {
            throw .reservedParameter(item.name)
        }
    }
}
