// SPDX-License-Identifier: Apache-2.0

import Jobs

extension StoreSettings {
    /// The files that hold secrets of this store, as the configuration names them.
    var secretFiles: [String] {
        kind.secretFiles + [transport.proxyCredentialsFile].compactMap { $0 }
    }
}

extension StoreSettings.Kind {
    /// The files that hold keys of this store, as the configuration names them.
    fileprivate var secretFiles: [String] {
        switch self {
        case .local: []
        case .s3(let settings):
            [settings.credentials, settings.linkCredentials].flatMap { $0?.files ?? [] }
                + (settings.network.map { [$0.privateKeyFile] } ?? [])
        case .google(let settings):
            [settings.credentials, settings.linkCredentials].flatMap { $0?.files ?? [] }
        case .azure(let settings):
            if case .accountKeyFile(let path) = settings.credentials { [path] } else { [] }
        }
    }
}

extension CredentialSource {
    fileprivate var files: [String] {
        guard case .files(let access, let secret, let token) = self else { return [] }
        return [access, secret, token].compactMap { $0 }
    }
}

extension GoogleCredentialSource {
    fileprivate var files: [String] {
        switch self {
        case .serviceAccountFile(let path): [path]
        case .files(let access, let secret): [access, secret]
        case .systemd: []
        }
    }
}
