// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Reads one store of `config.yaml`.
struct StoreReader {
    let name: String
    let section: Section
    let folder: String

    private enum Kind: String, CaseIterable { case local, s3, gcs, azure }

    func read() -> StoreSettings? {
        guard section.has("kind") else {
            section.report(
                "kind",
                "is missing",
                cure: "write kind: local or kind: s3 (or gcs, azure)"
            )
            section.checkSecrets()
            return nil
        }
        guard let kind = section.choice("kind", Kind.self) else {
            section.checkSecrets()
            return nil
        }
        let parts = PartReader(section: section).read()
        let transport =
            kind == .local ? Transport() : TransportReader(section: section, folder: folder).read()
        return read(kind).map {
            StoreSettings(name: name, kind: $0, parts: parts, transport: transport)
        }
    }

    private func read(_ kind: Kind) -> StoreSettings.Kind? {
        switch kind {
        case .local:
            readLocal().map { .local($0) }
        case .s3:
            S3StoreReader(section: section, folder: folder).read().map { .s3($0) }
        case .gcs:
            GoogleStoreReader(section: section, folder: folder).read().map { .google($0) }
        case .azure:
            AzureStoreReader(section: section, folder: folder).read().map { .azure($0) }
        }
    }

    private func readLocal() -> LocalStoreSettings? {
        section.check(
            known: ["kind", "folder", "listen", "public_endpoint", "max_size"] + PartReader.keys
        )
        section.require("folder", cure: "name the folder for the objects: folder: ./objects")
        var settings = LocalStoreSettings(folder: section.path("folder", in: folder) ?? "")
        if let address = section.read("listen", ListenAddress.init) {
            settings.host = address.host
            settings.port = address.port
        }
        settings.publicEndpoint = section.read("public_endpoint", Words.endpoint)
        settings.maxSize = section.read("max_size") { text throws(ValueProblem) in
            let size = try QuantityText.size(text)
            guard size > 0 else {
                throw ValueProblem(
                    "leaves no room",
                    cure: "write a size such as 100GB, or remove it"
                )
            }
            return size
        }
        let address = ListenAddress(host: settings.host, port: settings.port)
        if !address.isLoopback, !section.has("public_endpoint") {
            section.report(
                "listen",
                "listens beyond this machine, but links would not know by which name",
                cure:
                    "add public_endpoint: \"http://NAME:\(address.port)\" with the name or address "
                    + "that others reach this machine by"
            )
        }
        return settings
    }
}
