// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Reads where an access key comes from.
///
/// No value is shown in a report: one may be a secret that
/// stands in the wrong place.
struct CredentialReader {
    let section: Section
    let folder: String

    private static let cure =
        "write env, { profile: NAME }, { access_key_file: PATH, secret_key_file: PATH } or "
        + "{ systemd: NAME }; without the key the AWS chain is used"

    func read(_ key: String) -> CredentialSource? {
        guard let value = section.value(key) else { return nil }
        switch value.content {
        case .text("env"):
            return .environment
        case .mapping:
            return section.section(key).flatMap(read)
        case .refused:
            return nil
        case .text, .nothing, .list:
            section.report(key, "does not say where the access key comes from", cure: Self.cure)
            return nil
        }
    }

    private func read(_ source: Section) -> CredentialSource? {
        source.check(
            known: [
                "profile", "access_key_file", "secret_key_file", "session_token_file", "systemd",
            ]
        )
        let files = ["access_key_file", "secret_key_file", "session_token_file"]
        let hasFiles = files.contains(where: source.has)
        let forms = [source.has("profile"), source.has("systemd"), hasFiles].filter { $0 }.count
        guard forms == 1 else {
            source.findings.report(
                source.place,
                forms == 0 ? "names no source" : "names more than one source",
                cure: Self.cure
            )
            return nil
        }
        if hasFiles {
            source.require("access_key_file", cure: "name the file that holds the key id")
            source.require("secret_key_file", cure: "name the file that holds the secret")
            guard let access = source.path("access_key_file", in: folder),
                let secret = source.path("secret_key_file", in: folder)
            else { return nil }
            let token = source.path("session_token_file", in: folder)
            return .files(accessKey: access, secretKey: secret, sessionToken: token)
        }
        if let name = source.read("systemd", Self.part) { return .systemd(name) }
        return source.read("profile", Self.profile).map { .profile($0) }
    }

    /// A part of a file's name in `$CREDENTIALS_DIRECTORY`.
    private static func part(_ text: String) throws(ValueProblem) -> String {
        let isGood = text.utf8.allSatisfy { byte in
            byte.isASCIIDigit || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
                || byte == UInt8(ascii: ".")
                || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        }
        guard isGood, !text.isEmpty, !text.hasPrefix(".") else {
            throw ValueProblem(
                "is not the front part of a systemd credential's name",
                cure: "for LoadCredential=media-access-key:… and media-secret-key:… write media"
            )
        }
        return text
    }

    private static func profile(_ text: String) throws(ValueProblem) -> String {
        guard !text.isEmpty, !text.contains(where: { "[]".contains($0) }) else {
            throw ValueProblem("is not the name of a profile", cure: "write it without [ ]")
        }
        return text
    }
}
