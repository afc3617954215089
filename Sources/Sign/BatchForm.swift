// SPDX-License-Identifier: Apache-2.0

import Jobs

/// The fields of a line under one scheme, and the signer that they make.
struct BatchForm: Sendable {
    let scheme: SignatureScheme

    /// Every field that a line may have.
    var fields: [String] {
        [
            "scheme", "method", "endpoint", "bucket", "key", "style", "access_key", "expires_in",
            "date", "headers", "query",
        ] + secrets + options + conditions
    }

    /// The fields that a signer is made of; lines that agree in them share one.
    var signerFields: [String] {
        ["scheme", "endpoint", "bucket", "style", "access_key"] + secrets + options
    }

    private var secrets: [String] {
        switch scheme {
        case .sigV4, .sigV2, .azureSAS: ["secret_key"]
        case .googleV4: ["secret_key", "private_key"]
        case .cloudFront: ["private_key"]
        }
    }

    private var options: [String] {
        switch scheme {
        case .sigV4: ["region", "service", "session_token"]
        case .sigV2: ["session_token"]
        case .azureSAS: ["permissions", "version", "protocol", "encryption_scope"]
        case .googleV4, .cloudFront: []
        }
    }

    private var conditions: [String] {
        switch scheme {
        case .sigV4, .sigV2, .googleV4: []
        case .azureSAS: ["not_before", "ip"]
        case .cloudFront: ["not_before", "ip", "resource"]
        }
    }

    /// Makes the signer of a line.
    ///
    /// - Throws: `BatchError` for a field that is missing or has no meaning. What can be seen only
    ///   while signing is said then.
    func signer(_ fields: BatchFields) throws(BatchError) -> any URLSigner {
        let endpoint = try endpoint(fields)
        let style = try fields.choice(
            "style",
            of: [AddressingStyle.path, .virtual, .cname],
            default: .path
        )
        let bucket = try fields.optionalText("bucket")
        switch scheme {
        case .sigV4:
            return SigV4Signer(
                endpoint: endpoint,
                style: style,
                bucket: bucket,
                region: try fields.text("region"),
                service: try fields.optionalText("service") ?? "s3",
                key: try sharedKey(fields)
            )
        case .sigV2:
            return SigV2Signer(
                endpoint: endpoint,
                style: style,
                bucket: bucket,
                key: try sharedKey(fields)
            )
        case .googleV4:
            let key = try googleKey(fields)
            return SigV4Signer(endpoint: endpoint, style: style, bucket: bucket, key: key)
        case .azureSAS:
            let key = try sharedKey(fields)
            let grant = try azureGrant(fields)
            return AzureSigner(endpoint: endpoint, container: bucket, key: key, grant: grant)
        case .cloudFront:
            let id = try fields.text("access_key")
            let key = try rsaKey(fields)
            return CloudFrontSigner(endpoint: endpoint, keyPairID: id, key: key)
        }
    }

    private func endpoint(_ fields: BatchFields) throws(BatchError) -> Endpoint {
        let text = try fields.text("endpoint")
        do {
            return try Endpoint(text)
        } catch {
            throw BatchError("the field \"endpoint\" is wrong: \(error)")
        }
    }

    private func sharedKey(_ fields: BatchFields) throws(BatchError) -> AccessKey {
        let token = scheme == .azureSAS ? nil : try fields.optionalText("session_token")
        return AccessKey(
            id: try fields.text("access_key"),
            secret: Secret(try fields.text("secret_key")),
            sessionToken: token.map(Secret.init)
        )
    }

    private func googleKey(_ fields: BatchFields) throws(BatchError) -> GoogleKey {
        switch (try fields.bytes("private_key"), try fields.bytes("secret_key")) {
        case (_?, _?):
            throw BatchError(
                "the field \"secret_key\" is wrong: there is a \"private_key\" too; give one of them"
            )
        case (_?, nil):
            return .serviceAccount(email: try fields.text("access_key"), try rsaKey(fields))
        case (nil, _):
            return .hmac(try sharedKey(fields))
        }
    }

    private func rsaKey(_ fields: BatchFields) throws(BatchError) -> RSAPrivateKey {
        let pem = try fields.text("private_key")
        do {
            return try RSAPrivateKey(pem: Secret(pem))
        } catch {
            throw BatchError(error)
        }
    }

    private func azureGrant(_ fields: BatchFields) throws(BatchError) -> AzureSigner.Grant {
        AzureSigner.Grant(
            permissions: try fields.text("permissions"),
            version: try fields.text("version"),
            transport: try fields.optionalText("protocol"),
            encryptionScope: try fields.optionalText("encryption_scope")
        )
    }
}
