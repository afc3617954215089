// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Reads a store of kind gcs.
struct GoogleStoreReader {
    let section: Section
    let folder: String

    private static let cure =
        "write { service_account_file: PATH }, { access_key_file: PATH, secret_key_file: PATH } "
        + "with an HMAC key, or { systemd: NAME }"

    func read() -> GoogleSettings? {
        section.check(
            known: PartReader.keys + [
                "kind", "bucket", "endpoint", "public_endpoint", "addressing", "credentials",
                "link_credentials", "ca_file", "allow_insecure_endpoint",
            ] + TransportReader.keys
        )
        section.require("bucket", cure: "name the bucket: bucket: my-bucket")
        section.require("credentials", cure: Self.cure)
        let bucket = section.storeName("bucket", of: "a bucket") ?? ""
        let endpoint =
            section.endpoint("endpoint")
            ?? Endpoint(isSecure: true, host: "storage.googleapis.com")
        let publicEndpoint = section.endpoint("public_endpoint")
        let hosts = [endpoint] + (publicEndpoint.map { [$0] } ?? [])
        let style = Addressing(section: section, bucket: bucket, hosts: hosts)
            .read { _ in false }
        let linkCredentials = read("link_credentials")
        guard let credentials = read("credentials") else { return nil }
        return GoogleSettings(
            bucket: bucket,
            endpoint: endpoint,
            publicEndpoint: publicEndpoint,
            style: style,
            credentials: credentials,
            linkCredentials: linkCredentials,
            caFile: section.path("ca_file", in: folder)
        )
    }

    private func read(_ key: String) -> GoogleCredentialSource? {
        let reader = CredentialReader(section: section, folder: folder, cure: Self.cure)
        guard let source = reader.mapping(key) else { return nil }
        let files = ["access_key_file", "secret_key_file"]
        source.check(known: ["service_account_file"] + files + ["systemd"])
        let forms = [["service_account_file"], files, ["systemd"]]
        switch reader.form(of: source, forms) {
        case 0:
            return source.path("service_account_file", in: folder).map { .serviceAccountFile($0) }
        case 1:
            return reader.keyFiles(source).map { .files(accessKey: $0.id, secretKey: $0.secret) }
        case 2:
            return source.read("systemd", CredentialReader.part).map { .systemd($0) }
        default:
            return nil
        }
    }
}
