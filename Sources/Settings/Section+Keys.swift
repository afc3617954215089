// SPDX-License-Identifier: Apache-2.0

extension Section {
    /// Reports every key that is not known, with the one that may be meant.
    ///
    /// - Parameters:
    ///   - known: The keys of this section.
    ///   - later: Keys of later versions.
    ///   - moved: Keys that belong elsewhere, and where.
    func check(known: [String], later: [String] = [], moved: [String: String] = [:]) {
        for entry in entries where !known.contains(entry.name) {
            if Self.isSecret(entry.name) {
                reportSecret(entry.name)
            } else if later.contains(entry.name) {
                report(entry.name, "is not available in this version", cure: "remove it")
            } else if let right = moved[entry.name] {
                report(
                    entry.name,
                    "stands in the wrong place",
                    cure: "did you mean \"\(right)\"? move it there"
                )
            } else {
                let hint = Spelling.hint(for: entry.name, among: known)
                report(
                    entry.name,
                    "is not a known key",
                    cure: "\(hint)known here: \(known.joined(separator: ", "))"
                )
            }
        }
    }

    /// Reports the keys that hold secrets, and no other: for a section whose other keys are not
    /// known in this version.
    func checkSecrets() {
        for entry in entries where Self.isSecret(entry.name) { reportSecret(entry.name) }
    }

    private func reportSecret(_ name: String) {
        report(
            name,
            "secrets never stand in this file",
            cure: "remove it (and replace the secret if others could read this file); write "
                + "credentials: { access_key_file: …, secret_key_file: … } with files of mode "
                + "0600, credentials: { profile: … }, or credentials: env (for gcs "
                + "service_account_file: …, for azure account_key_file: …)"
        )
    }

    private static func isSecret(_ name: String) -> Bool {
        let letters = name.lowercased().filter(\.isLetter)
        return [
            "secretkey", "secretaccesskey", "awssecretaccesskey", "awssecretkey", "accesskeyid",
            "awsaccesskeyid", "accesskey", "awsaccesskey", "sessiontoken", "awssessiontoken",
            "secret", "password", "token", "keyid", "accountkey", "connectionstring", "sastoken",
            "sas",
            "privatekey", "serviceaccount", "serviceaccountkey", "serviceaccountjson",
        ].contains(letters)
    }
}
