// SPDX-License-Identifier: Apache-2.0

import Jobs

/// Reads where an access key comes from.
///
/// No value is shown in a report: one may be a secret that stands in the wrong place.
struct CredentialReader {
    let section: Section
    let folder: String
    /// The forms there are, for whoever wrote another.
    var cure =
        "write env, { profile: NAME }, { access_key_file: PATH, secret_key_file: PATH } or "
        + "{ systemd: NAME }; without the key the AWS chain is used"

    /// Reads the key of an s3 store.
    func read(_ key: String) -> CredentialSource? {
        if case .text("env")? = section.value(key)?.content { return .environment }
        guard let source = mapping(key) else { return nil }
        let files = ["access_key_file", "secret_key_file", "session_token_file"]
        source.check(known: ["profile"] + files + ["systemd"])
        switch form(of: source, [["profile"], files, ["systemd"]]) {
        case 0:
            return source.read("profile", Self.profile).map { .profile($0) }
        case 1:
            guard let names = keyFiles(source) else { return nil }
            let token = source.path("session_token_file", in: folder)
            return .files(accessKey: names.id, secretKey: names.secret, sessionToken: token)
        case 2:
            return source.read("systemd", Self.part).map { .systemd($0) }
        default:
            return nil
        }
    }

    /// The mapping beneath a key; anything else is reported.
    func mapping(_ key: String) -> Section? {
        guard let value = section.value(key) else { return nil }
        switch value.content {
        case .mapping:
            return section.section(key)
        case .refused:
            return nil
        case .text, .nothing, .list:
            section.report(key, "does not say where the access key comes from", cure: cure)
            return nil
        }
    }

    /// Which of a few forms a source has; nothing, and a report, unless it is one and only one.
    func form(of source: Section, _ forms: [[String]]) -> Int? {
        let present = forms.indices.filter { forms[$0].contains(where: source.has) }
        if present.count == 1 { return present[0] }
        source.findings.report(
            source.place,
            present.isEmpty ? "names no source" : "names more than one source",
            cure: cure
        )
        return nil
    }

    /// The two files of a key; a missing one is reported.
    func keyFiles(_ source: Section) -> (id: String, secret: String)? {
        source.require("access_key_file", cure: "name the file that holds the key id")
        source.require("secret_key_file", cure: "name the file that holds the secret")
        guard let id = source.path("access_key_file", in: folder),
            let secret = source.path("secret_key_file", in: folder)
        else { return nil }
        return (id, secret)
    }

    /// A part of a file's name in `$CREDENTIALS_DIRECTORY`.
    static func part(_ text: String) throws(ValueProblem) -> String {
        let isGood = text.utf8.allSatisfy { byte in
            byte.isASCIIDigit || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
                || byte == UInt8(ascii: ".")
                || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
        }
        guard isGood, !text.isEmpty, !text.hasPrefix(".") else {
            throw ValueProblem(
                "is not the front part of a systemd credential's name",
                cure: "for LoadCredential=media-access-key:… (or media-account-key, "
                    + "media-service-account) write media"
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
